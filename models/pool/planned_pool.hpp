// A node's pool while volumes are put into it, before there is a node: its stores, on SSDs that
// only have a size, and who uses them. What fits here fits the real ones.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "models/pool/engine.hpp"
#include "models/pool/pool_choice.hpp"
#include "models/pool/volume_spec.hpp"
#include "models/pool/volume_store.hpp"

namespace orrery {

// The SSDs of one tier.
struct SsdCount {
  std::int64_t count = 0;
  Bytes capacity;  // of each
};

// What a node has for its pool.
struct PoolNode {
  std::string name;
  bool has_rdma = false;
  SsdCount fast, slow;
};

class PlannedPool {
 public:
  PlannedPool(Calendar& calendar, const PoolNode& node, const EngineProfile& engine);

  const std::string& node() const { return node_; }
  bool has_rdma() const { return has_rdma_; }
  // Null where the node has no SSDs for it.
  VolumeStore* fast() const { return fast_.get(); }
  VolumeStore* store_for(const LogicalVolumeSpec& spec) const {
    return spec.tier == "fast" ? fast_.get() : slow_.get();
  }

  // As the rules see it for a volume of `host`, but for its space, which depends on the tier.
  PoolState state_for(const PlannedPool& host) const;
  // Volumes of other nodes, and these nodes.
  std::int64_t remote_volumes() const { return remote_volumes_; }
  std::int64_t sharing_nodes() const { return std::ssize(users_); }
  void serve(const PlannedPool& host);

 private:
  std::unique_ptr<VolumeStore> make_store(Calendar& calendar, const SsdCount& ssds,
                                          const EngineProfile& engine);

  std::string node_;
  bool has_rdma_;
  std::vector<std::unique_ptr<Ssd>> ssds_;
  std::unique_ptr<VolumeStore> fast_, slow_;
  std::set<std::string> users_;  // other nodes
  std::int64_t remote_volumes_ = 0;
};

}  // namespace orrery
