// Logical volumes made and removed, free sizes reported.
#include "models/control/liteio/volume_agents.hpp"

#include <algorithm>

#include "models/control/fleet/turns.hpp"

namespace orrery::control {

namespace {
constexpr Duration kLongestRetry = seconds(1e6);
}  // namespace

VolumeAgents::VolumeAgents(FleetContext& context, ClusterNews& news, ClusterEvents& events)
    : context_(context),
      cluster_(context.cluster),
      news_(news),
      events_(events),
      client_(context.simulation, context.api) {}

bool VolumeAgents::take_lv(VolumeId id) {
  VolumeRecord& volume = cluster_.volumes[id];
  NodeRecord& node = cluster_.nodes[volume.booking.pool];
  if (node.lv_free < volume.booking.total.count()) return false;
  volume.has_lv = true;
  change_lv_free(volume.booking.pool,
                 -cluster_.pools.taken(volume.booking.pool, volume.booking.total));
  return true;
}

void VolumeAgents::give_lv(VolumeId id) {
  VolumeRecord& volume = cluster_.volumes[id];
  if (!volume.has_lv) return;
  volume.has_lv = false;
  change_lv_free(volume.booking.pool,
                 cluster_.pools.taken(volume.booking.pool, volume.booking.total));
}

// The agent's part.
Task<> VolumeAgents::create(VolumeId id) {
  const LiteioProfile& liteio = context_.liteio;
  co_await Delay(context_.calendar, context_.watch_delay);
  VolumeRecord& volume = cluster_.volumes[id];
  if (volume.is_deleting) co_return;
  const NodeId pool = volume.booking.pool;
  Duration retry = liteio.fast_retry;
  TimePoint first_slow{};
  for (std::int64_t failures = 0;;) {
    co_await news_.agent_is_up(pool);
    if (volume.is_deleting || volume.booking.pool != pool) co_return;
    co_await Delay(context_.calendar, liteio.create_volume);
    if (volume.is_deleting || volume.booking.pool != pool) co_return;
    if (!cluster_.nodes[pool].agent_alive) continue;
    if (take_lv(id)) break;
    ++context_.books.failed_creations;
    if (++failures <= liteio.fast_retries) {
      co_await Delay(context_.calendar, retry);
      retry = std::min(2 * retry, kLongestRetry);
      continue;
    }
    // Every 30 s; those tries that would fail again are not made.
    if (failures == liteio.fast_retries + 1) first_slow = context_.now();
    while (cluster_.nodes[pool].lv_free < volume.booking.total.count()) {
      co_await news_.lv_room(pool);
      if (volume.is_deleting || volume.booking.pool != pool) co_return;
    }
    const TimePoint turn = next_turn(first_slow, liteio.slow_retry, context_.now());
    co_await Delay(context_.calendar, turn);
  }
  const bool needs_target =
      volume.is_remote() || cluster_.pools.mode[pool] == PoolMode::spdk_lvstore;
  if (needs_target) co_await Delay(context_.calendar, liteio.create_target);
  co_await news_.agent_is_up(pool);
  co_await client_.commit();
  if (volume.is_deleting) co_return;
  volume.status = VolumeStatus::ready;
  events_.volume_is_ready(id);
  co_await client_.answer();
}

// Its last part of a volume's deletion.
Task<> VolumeAgents::remove(VolumeId id) {
  co_await Delay(context_.calendar, context_.liteio.delete_volume);
  give_lv(id);
  co_await client_.commit();  // finalizers
}

void VolumeAgents::change_lv_free(NodeId id, std::int64_t by) {
  cluster_.nodes[id].lv_free += by;
  lv_changed(id);
}

// The free size that an agent reports, at its next turn.
void VolumeAgents::lv_changed(NodeId id) {
  news_.lv_has_changed(id);
  NodeRecord& node = cluster_.nodes[id];
  if (context_.policy.is_consistent) {
    cluster_.pools.report(id, Bytes{node.lv_free});
    return;
  }
  if (node.report_is_due) return;
  node.report_is_due = true;
  context_.spawn(report(id));
}

Task<> VolumeAgents::report(NodeId id) {
  NodeRecord& node = cluster_.nodes[id];
  const Duration period = context_.liteio.report_period;
  // Agents started at any time: their pushes are spread over the whole period.
  const Duration phase =
      scaled(node.heartbeat_phase, to_seconds(period) / to_seconds(context_.liteio.heartbeat));
  const TimePoint turn = next_turn(after(kStart, phase), period, context_.now());
  co_await Delay(context_.calendar, turn);
  co_await news_.agent_is_up(id);
  node.report_is_due = false;
  const std::int64_t free = node.lv_free;
  co_await client_.commit();
  cluster_.pools.report(id, Bytes{free});
}

}  // namespace orrery::control
