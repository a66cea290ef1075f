// The pools of a scenario: an engine on every node, the volumes that the plan puts into them, and
// their hosts.
//
// The path of an I/O is host, attachment, engine; nothing of the control plane is on it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/pool/attachment.hpp"
#include "models/pool/nvme_tcp.hpp"
#include "models/pool/pooled_volume.hpp"
#include "models/pool/tiered_volume.hpp"
#include "scenarios/hardware.hpp"
#include "scenarios/scenario.hpp"

namespace orrery {

class PoolCluster {
 public:
  // All arguments outlive the cluster. SSDs are in their slots: those of the fast tier first.
  PoolCluster(TaskScope& scope, const Scenario& scenario, Hardware& room);

  // In the order of the plan. Once.
  std::vector<std::unique_ptr<BlockVolume>> make_volumes();

  // A node with its engine and its hosts' side.
  struct Site {
    Node* node = nullptr;
    std::unique_ptr<StorageEngine> engine;
    std::unique_ptr<VolumeStore> capacity;  // of its capacity tier, if it has one
    std::unique_ptr<Initiator> host;
  };
  Site& site(const std::string& node) { return *sites_by_name_.at(node); }
  const std::vector<std::unique_ptr<Site>>& sites() const { return sites_; }
  // Volumes as their hosts see them, members of a RAID one by one.
  const std::vector<PooledVolume*>& pooled() const { return pooled_; }
  Calendar& calendar() { return room_.calendar(); }
  const PoolNetwork& over_tcp() const { return over_tcp_; }
  // A plain volume as its engine has it; and when it has moved to another one.
  LogicalVolume& logical(const std::string& volume) { return *logical_.at(volume); }
  void moved(const std::string& volume, LogicalVolume& now) { logical_[volume] = &now; }
  // Volumes behind a cache.
  const std::vector<TieredVolume*>& tiered() const { return tiered_; }
  std::size_t reactors() const { return static_cast<std::size_t>(engine_profile_.reactors); }

  // A way from a host to a volume of an engine.
  std::unique_ptr<Attachment> attach(const std::string& path, Site& host, EngineVolume served,
                                     const std::string& name);

 private:
  void add_sites(AttachedNodes& role, std::int64_t fast_ssds);
  BlockVolume* make_in_engine(Site& on, const PlannedVolume& volume, const std::string& name);

  TaskScope& scope_;
  const Scenario& scenario_;
  Hardware& room_;
  std::uint64_t seed_;
  EngineProfile engine_profile_;
  InitiatorProfile initiator_profile_;
  std::unique_ptr<Stack> tcp_, rdma_;
  PoolNetwork over_tcp_, over_rdma_;
  std::map<const Node*, Fabric::ServerId> servers_;
  std::vector<std::unique_ptr<Site>> sites_;
  std::map<std::string, Site*> sites_by_name_;
  std::map<std::string, LogicalVolume*> logical_;      // what was planned, by name
  std::vector<std::unique_ptr<BlockVolume>> layers_;   // over logical volumes
  std::vector<std::unique_ptr<BlockVolume>> members_;  // of RAIDs over nodes
  std::vector<PooledVolume*> pooled_;
  std::vector<TieredVolume*> tiered_;
};

}  // namespace orrery
