#include "models/pool/planned_pool.hpp"

#include <utility>

#include "models/ssd/null_ssd.hpp"

namespace orrery {

PlannedPool::PlannedPool(Calendar& calendar, const PoolNode& node, const EngineProfile& engine)
    : node_(node.name),
      has_rdma_(node.has_rdma),
      fast_(make_store(calendar, node.fast, engine)),
      slow_(make_store(calendar, node.slow, engine)) {}

std::unique_ptr<VolumeStore> PlannedPool::make_store(Calendar& calendar, const SsdCount& ssds,
                                                     const EngineProfile& engine) {
  if (ssds.count == 0) return nullptr;
  auto profile = std::make_shared<NullSsdProfile>();
  profile->capacity = ssds.capacity;
  std::vector<Ssd*> devices;
  for (std::int64_t i = 0; i < ssds.count; ++i) {
    ssds_.push_back(std::make_unique<NullSsd>(calendar, profile, "ssd", 0));
    devices.push_back(ssds_.back().get());
  }
  return std::make_unique<VolumeStore>(calendar, node_, std::move(devices),
                                       volume_store_profile(engine));
}

PoolState PlannedPool::state_for(const PlannedPool& host) const {
  PoolState state;
  state.remote_volumes = remote_volumes_;
  state.sharing_nodes = sharing_nodes();
  state.serves_host = users_.contains(host.node_);
  state.is_hosts_own = this == &host;
  return state;
}

void PlannedPool::serve(const PlannedPool& host) {
  users_.insert(host.node_);
  ++remote_volumes_;
}

}  // namespace orrery
