// The volume scheduler against one that goes through the pools one at a time and counts volumes
// instead of keeping columns, and what must hold for every table and request.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "tests/models/control/liteio/pool_rig.hpp"

namespace orrery::control {
namespace volume_properties_test {

struct World : ControlPoolRig {
  std::vector<PoolTable::Booking> volumes;
  std::vector<std::int64_t> reported;
  Labels node_selector;
  Labels pool_selector;
};

template <class T>
T one_of(std::vector<T> values) {
  return *rc::gen::elementOf(std::move(values));
}

int below(int n) { return *rc::gen::inRange(0, n); }

World some_world() {
  World world;
  const int pools = *rc::gen::inRange(1, 250);
  // One draw seeds the table: of a failure, its number and not its thousand draws are worth
  // shrinking.
  RandomStream random(*rc::gen::arbitrary<std::uint64_t>(), "world");
  const auto pick = [&](std::uint64_t n) { return random.below(n); };
  for (int i = 0; i < pools; ++i) {
    Labels labels;
    if (pick(3) > 0) labels.emplace_back("zone", pick(2) ? "a" : "b");
    if (pick(3) > 0) labels.emplace_back("class", pick(2) ? "compute" : "storage");
    const NodeId pool = world.add(gibibytes(pick(8) ? 100 : 0), labels,
                                  pick(2) ? PoolMode::spdk_lvstore : PoolMode::kernel_lvm);
    if (pick(8) == 0) world.table.status[pool] = static_cast<PoolStatus>(pick(5));
    world.table.locked[pool] = pick(12) == 0;
    world.table.spdk_ok[pool] = pick(8) != 0;
    if (pick(4) == 0)
      world.table.reserve(pool, "ns/" + std::to_string(pick(3)),
                          gibibytes(static_cast<std::int64_t>(pick(40))));
    world.reported.push_back(gibibytes(static_cast<std::int64_t>(pick(110))).count());
    world.table.report(pool, Bytes{world.reported.back()});
  }
  for (std::uint64_t i = pick(4 * pools); i > 0; --i) {
    PoolTable::Booking volume;
    volume.pool = static_cast<NodeId>(pick(pools));
    volume.host = pick(3) ? static_cast<NodeId>(pick(pools)) : volume.pool;
    volume.total = gibibytes(static_cast<std::int64_t>(pick(40)));
    volume.counts_as_remote = pick(5) != 0;
    volume.holder_cluster = static_cast<std::uint32_t>(pick(4));
    volume.holder_zone = static_cast<std::uint32_t>(pick(3));
    world.table.bind(volume, {});
    world.volumes.push_back(volume);
  }
  return world;
}

VolumeLimits some_limits() {
  return {.max_remote_volumes = below(5),
          .max_sharing_nodes = below(5),
          .min_local_storage = 0.05 * below(10),
          .position_bonus = below(30),
          .fullness_points = one_of<std::int64_t>({100, 50, 0})};
}

VolumeRequest some_request(World& world) {
  VolumeRequest request = request_of(gibibytes(below(60)));
  if (below(6) > 0) request.host = static_cast<NodeId>(below(static_cast<int>(world.table.size())));
  request.total = request.size + gibibytes(below(2) * below(20));
  request.position = static_cast<PositionAdvice>(below(5));
  request.type = static_cast<VolumeType>(below(3));
  if (below(3) == 0) {
    world.node_selector = {{"zone", one_of<std::string>({"a", "b", "c"})}};
    request.node_selector = &world.node_selector;
  }
  if (below(3) == 0) {
    world.pool_selector = {{"class", "storage"}, {"zone", "a"}};
    request.pool_selector = &world.pool_selector;
  }
  if (below(5) == 0) request.reservation_id = "ns/" + std::to_string(below(3));
  request.holder_cluster = static_cast<std::uint32_t>(below(4));
  request.holder_zone = static_cast<std::uint32_t>(below(3));
  if (below(5) == 0)
    request.not_on = static_cast<NodeId>(below(static_cast<int>(world.table.size())));
  return request;
}

const std::vector<std::string> kAllFilters{"basic", "affinity", "ob_replica", "min_local_storage",
                                           "sharing_limit"};
const std::vector<std::string> kPriorities{"least_resource", "position_advice"};

// facts 2.3, as it stands there.
class Plain {
 public:
  Plain(const World& world, const VolumeRequest& request, const VolumeLimits& limits)
      : world_(world), request_(request), limits_(limits) {}

  Reason judge(const std::string& filter, NodeId pool) const {
    if (filter == "basic") return basic(pool);
    if (filter == "affinity") return affinity(pool);
    if (filter == "ob_replica") return ob_replica(pool);
    if (filter == "min_local_storage") return min_local_storage(pool);
    return sharing_limit(pool);
  }

  std::int32_t score(NodeId pool) const {
    const auto total = static_cast<double>(world_.nodes[pool].disk.count());
    const auto used = static_cast<double>(world_.nodes[pool].disk.count() - world_.reported[pool]);
    const int full =
        std::max(0, static_cast<int>(used / total * static_cast<double>(limits_.fullness_points)));
    const bool liked = (request_.position == PositionAdvice::prefer_local && !remote(pool)) ||
                       (request_.position == PositionAdvice::prefer_remote && remote(pool));
    return full + (liked ? static_cast<int>(limits_.position_bonus) : 0);
  }

  std::int64_t free(NodeId pool) const {
    std::int64_t left = world_.nodes[pool].disk.count();
    for (const auto& volume : world_.volumes)
      if (volume.pool == pool) left -= volume.total.count();
    for (const auto& reservation : world_.table.reservations[pool])
      left -= reservation.size.count();
    return left;
  }

 private:
  bool remote(NodeId pool) const { return pool != request_.host; }

  Reason basic(NodeId pool) const {
    const PoolTable& table = world_.table;
    if (table.status[pool] != PoolStatus::ready || table.locked[pool])
      return Reason::pool_unschedulable;
    if (!request_.reservation_id.empty()) {
      if (free(pool) < 0) return Reason::pool_free_size;
      for (const auto& reservation : table.reservations[pool])
        if (reservation.id == request_.reservation_id)
          return reservation.size >= request_.total ? Reason::none : Reason::reservation_too_small;
      return Reason::reservation_not_match;
    }
    if (free(pool) < request_.total.count()) return Reason::pool_free_size;
    const bool lvstore = table.mode[pool] == PoolMode::spdk_lvstore;
    if (lvstore && !table.spdk_ok[pool]) return Reason::spdk_unhealthy;
    if (remote(pool)) {
      const auto others = std::count_if(
          world_.volumes.begin(), world_.volumes.end(), [&](const PoolTable::Booking& volume) {
            return volume.pool == pool && volume.host != pool && volume.counts_as_remote;
          });
      if (others >= limits_.max_remote_volumes) return Reason::remote_vol_max_count;
      if (!table.spdk_ok[pool]) return Reason::spdk_unhealthy;
    }
    if (request_.position == PositionAdvice::must_local && remote(pool))
      return Reason::position_not_match;
    if (request_.position == PositionAdvice::must_remote && !remote(pool))
      return Reason::position_not_match;
    if (request_.type == VolumeType::spdk_lvol && !lvstore) return Reason::vol_type_not_match;
    if (request_.type == VolumeType::kernel_lvol && lvstore) return Reason::vol_type_not_match;
    return Reason::none;
  }

  bool has(NodeId pool, const Labels* selector) const {
    if (selector == nullptr) return true;
    return std::all_of(selector->begin(), selector->end(), [&](const auto& term) {
      const std::string* value = find_label(world_.nodes[pool].labels, term.first);
      return value != nullptr && *value == term.second;
    });
  }

  Reason affinity(NodeId pool) const {
    if (!has(pool, request_.node_selector)) return Reason::node_affinity;
    return has(pool, request_.pool_selector) ? Reason::none : Reason::pool_affinity;
  }

  Reason ob_replica(NodeId pool) const {
    for (const auto& volume : world_.volumes)
      if (request_.holder_cluster != 0 && volume.pool == pool &&
          volume.holder_cluster == request_.holder_cluster &&
          volume.holder_zone != request_.holder_zone)
        return Reason::data_conflict;
    return Reason::none;
  }

  Reason min_local_storage(NodeId pool) const {
    if (!remote(pool)) return Reason::none;
    std::int64_t left = world_.nodes[pool].disk.count() - request_.size.count();
    for (const auto& volume : world_.volumes)
      if (volume.pool == pool && volume.host != pool) left -= volume.total.count();
    const auto available = static_cast<double>(world_.nodes[pool].disk.count());
    return static_cast<double>(left) / available * 100 < limits_.min_local_storage * 100
               ? Reason::local_storage_too_low
               : Reason::none;
  }

  Reason sharing_limit(NodeId pool) const {
    std::set<NodeId> hosts;
    for (const auto& volume : world_.volumes)
      if (volume.pool == pool && volume.host != pool) hosts.insert(volume.host);
    if (!remote(pool) || hosts.count(request_.host)) return Reason::none;
    return std::ssize(hosts) >= limits_.max_sharing_nodes ? Reason::sharing_limit : Reason::none;
  }

  const World& world_;
  const VolumeRequest& request_;
  const VolumeLimits& limits_;
};

RC_GTEST_PROP(VolumeScheduler, decides_as_one_that_takes_the_pools_one_by_one, ()) {
  World world = some_world();
  const VolumeLimits limits = some_limits();
  const VolumeRequest request = some_request(world);
  std::vector<std::string> filters = kAllFilters;
  filters.resize(static_cast<std::size_t>(below(6)));
  std::rotate(filters.begin(), filters.begin() + below(static_cast<int>(filters.size()) + 1),
              filters.end());
  VolumeScheduler fast = scheduler_of(limits, filters, kPriorities);
  VolumeScheduler twin = scheduler_of(limits, filters, kPriorities);

  const Decision decision = fast.schedule(world.table, request);
  const Explanation explanation = twin.explain(world.table, request);
  RC_ASSERT(decision.pool == explanation.decision.pool);

  const Plain plain(world, request, limits);
  ReasonCounts counts{};
  std::set<NodeId> best;
  std::int32_t most = 0;
  auto verdict = explanation.verdicts.begin();
  for (NodeId pool = 0; pool < world.table.size(); ++pool) {
    if (world.nodes[pool].disk == Bytes{}) continue;
    std::string by;
    Reason reason = Reason::none;
    if (pool == request.not_on) by = "not_on", reason = Reason::node_excluded;
    for (const std::string& filter : filters)
      if (reason == Reason::none)
        if (reason = plain.judge(filter, pool); reason != Reason::none) by = filter;
    RC_ASSERT(verdict->pool == pool);
    RC_ASSERT(name_of(verdict->reason) == name_of(reason));
    RC_ASSERT(verdict->filter == by);
    if (pool != request.not_on) {
      const PoolVerdict alone = twin.judge(world.table, request, pool);
      RC_ASSERT(name_of(alone.reason) == name_of(reason));
      RC_ASSERT(alone.filter == by);
    }
    if (reason == Reason::none) {
      const std::int32_t score = plain.score(pool);
      RC_ASSERT(verdict->score == score);
      if (best.empty() || score > most) best.clear(), most = score;
      if (score == most) best.insert(pool);
    } else {
      ++counts[static_cast<std::size_t>(reason)];
    }
    ++verdict;
  }
  RC_ASSERT((verdict == explanation.verdicts.end()));
  RC_ASSERT(explanation.decision.refused == counts);
  if (request.position != PositionAdvice::must_local) RC_ASSERT(decision.refused == counts);
  if (best.empty()) best.insert(kNoNode);
  RC_ASSERT(best.count(decision.pool) == 1u);
}

RC_GTEST_PROP(VolumeScheduler, a_pool_it_chose_is_not_over_committed_by_the_volume, ()) {
  World world = some_world();
  const VolumeLimits limits = some_limits();
  VolumeScheduler scheduler = scheduler_of(limits, kAllFilters, kPriorities);
  for (int i = below(30); i > 0; --i) {
    const VolumeRequest request = some_request(world);
    const Decision decision = scheduler.schedule(world.table, request);
    if (decision.pool == kNoNode) continue;
    const PoolTable::Booking volume = booking_of(request, decision.pool);
    world.table.bind(volume, request.reservation_id);
    world.volumes.push_back(volume);
    RC_ASSERT(world.table.free[decision.pool] >= 0);
    RC_ASSERT(world.table.free[decision.pool] == Plain(world, request, limits).free(decision.pool));
  }
}

RC_GTEST_PROP(PoolTable, releasing_a_volume_leaves_it_as_it_was, ()) {
  World world = some_world();
  PoolTable& table = world.table;
  const PoolTable before = table;
  std::vector<PoolTable::Booking> bound;
  for (int i = below(20); i > 0; --i) {
    const VolumeRequest request = some_request(world);
    bound.push_back(
        booking_of(request, static_cast<NodeId>(below(static_cast<int>(table.size())))));
    table.bind(bound.back(), {});
  }
  while (!bound.empty()) {
    const auto at = bound.begin() + below(static_cast<int>(bound.size()));
    table.release(*at);
    bound.erase(at);
  }
  RC_ASSERT(table.free == before.free);
  RC_ASSERT(table.volumes == before.volumes);
  RC_ASSERT(table.remote_allocated == before.remote_allocated);
  RC_ASSERT(table.remote_volumes == before.remote_volumes);
  RC_ASSERT(table.sharing_nodes == before.sharing_nodes);
  for (NodeId pool = 0; pool < table.size(); ++pool)
    RC_ASSERT(std::is_permutation(table.sharers[pool].begin(), table.sharers[pool].end(),
                                  before.sharers[pool].begin(), before.sharers[pool].end()));
  RC_ASSERT(table.held.size() == before.held.size());
  for (const auto& [cluster, places] : before.held) {
    const auto now = table.held_of(cluster);
    RC_ASSERT(std::is_permutation(places.begin(), places.end(), now.begin(), now.end(),
                                  [](const DataHeld& a, const DataHeld& b) {
                                    return a.pool == b.pool && a.zone == b.zone &&
                                           a.volumes == b.volumes;
                                  }));
  }
}

}  // namespace volume_properties_test
}  // namespace orrery::control
