#include "models/host/node.hpp"

#include "sim/assert.hpp"

namespace orrery {

const Declarations& NodeProfile::declarations() {
  static const Declarations all =
      Declare<NodeProfile>("server: cores, memory, NIC port pair, SSD slots")
          .field("cores", &NodeProfile::cores, "cores for storage and network software",
                 between(1, 4096))
          .field("slowness", &NodeProfile::slowness,
                 "time for a piece of work, relative to the reference host", between(0.01, 100))
          .field("memory_copy_rate", &NodeProfile::memory_copy_rate,
                 "rate at which one core copies memory at reference speed", any_rate())
          .field("nic_ports", &NodeProfile::nic_ports, "NIC ports, each to a ToR of its own",
                 between(1, 2))
          .field("nic_rate", &NodeProfile::nic_rate, "line rate of one NIC port",
                 between(1e6, 1e15))
          .field("nic_dma", &NodeProfile::nic_dma,
                 "doorbell, descriptor and payload DMA between memory and NIC, per message and "
                 "direction",
                 any_latency())
          .field("ssd_slots", &NodeProfile::ssd_slots, "SSD slots", between(0, 64))
          .field("rdma_nic", &NodeProfile::rdma_nic, "whether its NIC does RDMA")
          .build();
  return all;
}

Node::Node(Calendar& calendar, std::string name, const NodeProfile& profile)
    : calendar_(calendar),
      name_(std::move(name)),
      profile_(profile),
      cpu_(calendar, name_, static_cast<std::size_t>(profile.cores), profile.slowness) {}

void Node::install_dpu(const DpuProfile& profile) {
  dpu_ = std::make_unique<Dpu>(calendar_, name_ + "/dpu", profile);
}

void Node::insert_ssd(std::unique_ptr<Ssd> ssd) {
  ORRERY_INVARIANT(static_cast<std::int64_t>(ssds_.size()) < profile_.ssd_slots, name_.c_str(),
                   "more SSDs than slots");
  ssds_.push_back(std::move(ssd));
}

void Node::set_up(bool up) {
  if (up == up_) return;
  up_ = up;
  auto apply = [up](Cpu& cpu) { up ? cpu.restore() : cpu.fail(); };
  apply(cpu_);
  if (dpu_) apply(dpu_->cpu());
  for (auto& observer : observers_) observer(*this);
}

void Node::collect_stations(std::vector<Station*>& into) {
  cpu_.collect_stations(into);
  if (dpu_) dpu_->collect_stations(into);
  for (auto& ssd : ssds_) ssd->collect_stations(into);
}

}  // namespace orrery
