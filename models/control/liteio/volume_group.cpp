// The plan of a group: pools by free space, a part of each.
#include "models/control/liteio/volume_group.hpp"

#include <algorithm>

namespace orrery::control {

namespace {

Bytes whole_units(Bytes bytes) { return kGroupUnit * (bytes / kGroupUnit); }

// What a pool may give at all.
Bytes offer_of(const PoolTable& table, NodeId pool, double min_local_storage) {
  const auto share = static_cast<double>(table.capacity[pool]) * (1 - min_local_storage);
  const auto for_remote = static_cast<std::int64_t>(share) - table.remote_allocated[pool];
  return Bytes{std::min(table.free[pool], for_remote)};
}

}  // namespace

GroupPlan plan_group(VolumeScheduler& scheduler, const PoolTable& table,
                     const GroupRequest& request) {
  VolumeRequest least;
  least.name = request.name;
  least.size = least.total = request.min_size;
  const std::span<const NodeId> feasible = scheduler.feasible(table, least);
  GroupPlan plan;
  plan.refused = scheduler.refused();

  std::vector<NodeId> pools(feasible.begin(), feasible.end());
  if (!request.may_use_empty)
    plan.refused[static_cast<std::size_t>(Reason::pool_empty)] += static_cast<std::uint32_t>(
        std::erase_if(pools, [&](NodeId pool) { return table.volumes[pool] == 0; }));
  std::stable_sort(pools.begin(), pools.end(), [&](NodeId a, NodeId b) {
    const bool a_empty = table.volumes[a] == 0;
    const bool b_empty = table.volumes[b] == 0;
    return a_empty != b_empty ? b_empty : table.free[a] > table.free[b];
  });

  Bytes left = kGroupUnit * units_of(kGroupUnit, request.total);
  for (const NodeId pool : pools) {
    if (left == Bytes{} || std::ssize(plan.parts) == request.max_count) break;
    const auto to_follow =
        std::max<std::int64_t>(0, request.min_count - std::ssize(plan.parts) - 1);
    const Bytes part =
        whole_units(std::min({offer_of(table, pool, scheduler.limits().min_local_storage),
                              left - request.min_size * to_follow, request.max_size}));
    if (part < request.min_size || part <= Bytes{}) continue;
    plan.parts.push_back({pool, part});
    left -= part;
  }
  if (left > Bytes{} || std::ssize(plan.parts) < request.min_count) plan.parts.clear();
  return plan;
}

}  // namespace orrery::control
