// Which volumes a pool with room may take, and when they try.
#include "models/control/liteio/unplaced_volumes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "models/control/fleet/turns.hpp"

namespace orrery::control {

UnplacedVolumes::UnplacedVolumes(FleetContext& context, VolumeScheduler& scheduler,
                                 std::function<void(VolumeId, Duration)> schedule_after)
    : context_(context),
      cluster_(context.cluster),
      scheduler_(scheduler),
      schedule_after_(std::move(schedule_after)) {}

bool UnplacedVolumes::add(VolumeId id, const ReasonCounts& refused) {
  const auto [at, is_new] = all_.try_emplace(id, Unplaced{context_.now(), refused, false});
  at->second.refused = refused;
  at->second.is_due = false;
  waits(id);
  return is_new;
}

void UnplacedVolumes::erase(VolumeId id) {
  all_.erase(id);
  waits_no_more(id);
}

void UnplacedVolumes::host_has_changed(VolumeId id, NodeId host) {
  const auto at = all_.find(id);
  if (at == all_.end() || at->second.is_due) return;
  waits(id);
  if (try_again_if_it_fits(id, host)) backlog_.wake_one(id);
}

void UnplacedVolumes::pool_has_room(NodeId pool) {
  for (const Backlog::Kind kind : backlog_.waiting_kinds()) wake(kind, pool);
}

std::string UnplacedVolumes::sole_limit(VolumeId id) const {
  const ReasonCounts& refused = all_.at(id).refused;
  std::size_t most = 0;
  for (std::size_t r = 1; r < kReasons; ++r) {
    // What is elsewhere cannot take a volume that must be local: that is no limit of theirs.
    if (static_cast<Reason>(r) == Reason::position_not_match) continue;
    if (refused[r] > 0 && (most == 0 || refused[r] > refused[most])) most = r;
  }
  return std::string(control::name_of(static_cast<Reason>(most)));
}

// All that a pool looks at in a volume but its host.
std::string UnplacedVolumes::description_of(VolumeId id) const {
  const VolumeRequest request = request_of(cluster_, id);
  std::string text =
      fmt::format("{} {} {} {} {}", request.size.count(), request.total.count(),
                  static_cast<int>(request.position), request.holder_cluster, request.holder_zone);
  for (const auto& [key, value] : *request.pool_selector)
    text += fmt::format("\n{}\n{}", key, value);
  return text;
}

void UnplacedVolumes::waits(VolumeId id) {
  waits_no_more(id);
  const Backlog::Kind kind = backlog_.kind_of(description_of(id));
  const NodeId host = cluster_.volumes[id].booking.host;
  backlog_.add(kind, all_.at(id).first_try, id);
  by_host_[{kind, host}].insert(id);
  host_of_[id] = host;
}

void UnplacedVolumes::waits_no_more(VolumeId id) {
  if (!backlog_.knows(id)) return;
  const Backlog::Kind kind = backlog_.kind_of_known(id);
  backlog_.erase(id);
  const auto at = by_host_.find({kind, host_of_.at(id)});
  at->second.erase(id);
  if (at->second.empty()) by_host_.erase(at);
  host_of_.erase(id);
  for (const NodeId pool : backlog_.to_look_at_again(kind)) wake(kind, pool);
}

// From all hosts that have nothing in a pool yet, the pool looks the same; those that have, and its
// own, are asked one by one.
void UnplacedVolumes::wake(Backlog::Kind kind, NodeId pool) {
  if (backlog_.waiting(kind) == 0) return;
  VolumeRequest request = request_of(cluster_, backlog_.first(kind));
  request.host = kNoNode;
  const Reason from_elsewhere = scheduler_.judge(cluster_.pools, request, pool).reason;
  if (from_elsewhere == Reason::none) {
    backlog_.wake(kind, pool, [&](VolumeId id) { return try_again_if_it_fits(id, pool); });
    return;
  }
  std::vector<NodeId> hosts{pool};
  if (from_elsewhere == Reason::sharing_limit)
    hosts.insert(hosts.end(), cluster_.pools.sharers[pool].begin(),
                 cluster_.pools.sharers[pool].end());
  std::sort(hosts.begin(), hosts.end());
  hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
  for (const NodeId host : hosts) {
    const auto at = by_host_.find({kind, host});
    if (at == by_host_.end()) continue;
    for (const VolumeId id : at->second)
      if (backlog_.waits(id) && try_again_if_it_fits(id, pool)) backlog_.wake_one(id);
  }
}

// Whether a try is on its way now.
bool UnplacedVolumes::try_again_if_it_fits(VolumeId id, NodeId pool) {
  Unplaced& unplaced = all_.at(id);
  if (unplaced.is_due ||
      scheduler_.judge(cluster_.pools, request_of(cluster_, id), pool).reason != Reason::none)
    return false;
  unplaced.is_due = true;
  const TimePoint turn =
      next_turn(unplaced.first_try, context_.liteio.no_pool_retry, context_.now());
  schedule_after_(id, turn - context_.now());
  return true;
}

}  // namespace orrery::control
