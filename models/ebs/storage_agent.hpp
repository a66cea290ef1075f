// Storage agent (SA): the EBS client of one compute server, and the volumes it serves.
//
// The data path of SIGCOMM'22 Figs. 2, 10, 12 and 13, one function per direction, step by step. Where it differs by architecture
// it calls the site (host, DPU, FPGA) and the connection (kernel TCP, LUNA, SOLAR, RDMA) it was composed with.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/ebs/agent_site.hpp"
#include "models/ebs/block_server.hpp"
#include "models/ebs/tables.hpp"
#include "models/net/connection.hpp"
#include "models/volume/block_volume.hpp"
#include "sim/task.hpp"

namespace orrery {

class StorageAgent;

// A volume of EBS: its tables, and the agent that works with them.
class EbsVolume final : public BlockVolume {
 public:
  EbsVolume(StorageAgent& agent, std::string name, SegmentTable segments, const QosLimits& limits,
            Bytes size, bool encrypted);

  const std::string& name() const override { return name_; }
  Bytes size() const override { return size_; }
  Task<IoStatus> submit(Io& io) override;
  // Within the segments it has.
  bool resize(Bytes size) override;
  // Snapshots are taken by the block servers' log structure; the data path does not change.
  bool snapshot(const std::string& snapshot) override;

  const SegmentTable& segments() const { return segments_; }
  Qos& qos() { return qos_; }
  bool encrypted() const { return encrypted_; }

 private:
  StorageAgent& agent_;
  std::string name_;
  SegmentTable segments_;
  Qos qos_;
  Bytes size_;
  bool encrypted_;
  std::vector<std::string> snapshots_;
};

class StorageAgent {
 public:
  StorageAgent(Calendar& calendar, TaskScope& scope, std::unique_ptr<AgentSite> site);

  // The connection to a block server; must be there before the first I/O to it.
  void connect(BlockServer& server, std::unique_ptr<Connection> connection);
  AgentSite& site() { return *site_; }

  Task<IoStatus> submit(EbsVolume& volume, Io& io);

 private:
  Task<IoStatus> rpc(Direction direction, SegmentRange range, bool encrypted, Ledger& ledger);
  Task<IoStatus> write(SegmentRange range, bool encrypted, Ledger& ledger);
  Task<IoStatus> read(SegmentRange range, bool encrypted, Ledger& ledger);
  Task<> part(Direction direction, SegmentRange range, bool encrypted, Ledger ledger,
              Join<Ledger>::Ticket ticket);
  Connection& connection_to(BlockServer* server);

  Calendar& calendar_;
  TaskScope& scope_;
  std::unique_ptr<AgentSite> site_;
  std::unordered_map<BlockServer*, std::unique_ptr<Connection>> connections_;
};

}  // namespace orrery
