#include "models/pool/migration_target.hpp"

#include <iterator>
#include <set>

namespace orrery {

namespace {

// An engine's pool as the rules see it for a volume; of no capacity where it cannot go.
PoolState state_for_migration(StorageEngine& engine, const std::vector<PooledVolume*>& attached,
                              PooledVolume& volume) {
  PoolState state;
  const Node& host = volume.attachment().host().node();
  state.is_hosts_own = &engine.node() == &host;
  std::set<const Node*> users;
  for (PooledVolume* other : attached) {
    Attachment& way = other->attachment();
    if (&way.engine() != &engine || !way.is_remote()) continue;
    ++state.remote_volumes;
    users.insert(&way.host().node());
  }
  state.sharing_nodes = std::ssize(users);
  state.serves_host = users.contains(&host);
  VolumeStore* store = engine.store();
  if (store == nullptr || !engine.is_running()) return state;
  if (&engine == &volume.attachment().engine()) return state;
  state.capacity = store->capacity();
  state.free = store->free();
  return state;
}

}  // namespace

std::optional<std::size_t> migration_target(const std::vector<StorageEngine*>& engines,
                                            const std::vector<PooledVolume*>& attached,
                                            PooledVolume& volume, const SharingLimits& limits) {
  return fullest_pool(
             engines.size(),
             [&](std::size_t n) { return state_for_migration(*engines[n], attached, volume); },
             volume.size(), limits)
      .pool;
}

}  // namespace orrery
