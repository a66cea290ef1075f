// Label, read, status, watch.
#include "models/control/liteio/local_storage.hpp"

namespace orrery::control {

LocalStorage::LocalStorage(FleetContext& context, ClusterEvents& events, ApiClient& client)
    : context_(context),
      events_(events),
      client_(client),
      publishing_(context.cluster.nodes.size()) {}

void LocalStorage::has_changed(NodeId node) {
  if (!context_.policy.publishes_local_storage) return;
  if (publishing_[node] != 0) {
    publishing_[node] = 2;
    return;
  }
  publishing_[node] = 1;
  context_.spawn(publish(node));
}

Task<> LocalStorage::publish(NodeId node) {
  do {
    publishing_[node] = 1;
    const std::int64_t bytes = context_.cluster.pools.local_storage(node);
    co_await client_.commit();
    co_await client_.answer();
    co_await client_.read();
    co_await client_.commit();
    co_await Delay(context_.calendar, context_.watch_delay);
    events_.local_storage_is(node, bytes);
  } while (publishing_[node] == 2);
  publishing_[node] = 0;
}

}  // namespace orrery::control
