// Node: a server of any role, EBS compute, EBS storage or pool.
//
// It owns what every server has: cores shared by all that runs on it, memory copies, a pair of NIC
// ports, SSD slots, and, in compute servers of the later kind, a DPU. Networks attach to a node; a
// node knows no network. Whoever must hear that a node went down or came back registers as an
// observer.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/host/cpu.hpp"
#include "models/host/dpu.hpp"
#include "models/ssd/ssd.hpp"
#include "sim/params.hpp"

namespace orrery {

struct NodeProfile {
  std::int64_t cores = 0;
  double slowness = 0;
  BitRate memory_copy_rate;  // one core copying, at reference speed
  std::int64_t nic_ports = 0;
  BitRate nic_rate;    // per port
  Duration nic_dma{};  // doorbell, descriptor and payload DMA, per message and direction
  std::int64_t ssd_slots = 0;
  bool rdma_nic = false;
  static const Declarations& declarations();
};

class Node {
 public:
  Node(Calendar& calendar, std::string name, const NodeProfile& profile);

  const std::string& name() const { return name_; }
  const NodeProfile& profile() const { return profile_; }
  Cpu& cpu() { return cpu_; }

  Dpu* dpu() { return dpu_.get(); }
  void install_dpu(const DpuProfile& profile);

  std::vector<std::unique_ptr<Ssd>>& ssds() { return ssds_; }
  void insert_ssd(std::unique_ptr<Ssd> ssd);

  bool up() const { return up_; }
  // A node that goes down fails what runs on its cores; its observers fail the rest.
  void set_up(bool up);
  void observe(std::function<void(Node&)> observer) { observers_.push_back(std::move(observer)); }

  void collect_stations(std::vector<Station*>& into);

 private:
  Calendar& calendar_;
  std::string name_;
  NodeProfile profile_;
  Cpu cpu_;
  std::unique_ptr<Dpu> dpu_;
  std::vector<std::unique_ptr<Ssd>> ssds_;
  bool up_ = true;
  std::vector<std::function<void(Node&)>> observers_;
};

}  // namespace orrery
