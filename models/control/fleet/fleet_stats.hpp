// What a fleet run counts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/units.hpp"

namespace orrery::control {

// Times of one kind, all kept: a fleet has as many as it has pods.
class Times {
 public:
  void add(Duration time) { times_.push_back(time); }
  std::size_t count() const { return times_.size(); }
  const std::vector<Duration>& all() const { return times_; }

 private:
  std::vector<Duration> times_;
};

struct FleetStats {
  // Pods.
  std::int64_t created = 0;
  std::int64_t impossible = 0;
  std::int64_t deleted = 0;
  std::int64_t deleted_waiting = 0;  // before they ever ran
  std::int64_t recreated = 0;
  std::int64_t evicted = 0;
  std::int64_t stuck_terminating = 0;  // on dead nodes, held by their local data
  // Volumes that were there before the run.
  std::int64_t volumes_moved = 0;     // without room where they should be: another pool has them
  std::int64_t volumes_left_out = 0;  // of running pods, without room in any pool
  // Scheduling.
  std::int64_t attempts = 0;
  std::int64_t failed_attempts = 0;
  std::int64_t nodes_visited = 0;     // by all attempts
  std::int64_t conflicts = 0;         // a pod bound where its local volume found no room
  std::int64_t over_commits = 0;      // a volume booked on a pool beyond its room
  std::int64_t silent_reserves = 0;   // Reserve found no room and said nothing
  std::int64_t failed_creations = 0;  // of logical volumes, for want of room
  std::int64_t hung_volumes = 0;      // that ever found no pool at their first try
  std::int64_t placed_on_lost = 0;    // volumes scheduled to a node that was dead already
  Times to_bind;                      // from created to bound
  Times to_run;                       // from created to running
  Times volume_wait;                  // from a volume being made to its being scheduled
  TimePoint first_created = TimePoint::max();
  TimePoint last_bound{};
  // Nodes.
  std::int64_t nodes_lost = 0;
  std::int64_t drains = 0;
  std::int64_t drains_blocked = 0;  // pods that a drain could not move
  std::int64_t pools_offline = 0;
  Times to_not_ready;     // from a node's death to Ready=Unknown
  Times to_pool_unknown;  // from a node's death to its pool unknown
  Times to_evict;         // from a node's death to its pods' eviction
  std::int64_t volumes_lost = 0;
  std::int64_t forced_cleanups = 0;
  std::int64_t rebuilds = 0;  // from another replica
  std::int64_t restores = 0;  // of what no replica had
  std::int64_t rebuilds_failed = 0;
  double rebuilt_bytes = 0;
  Times rebuild_time;
  // Migrations.
  std::int64_t migrations = 0;
  std::int64_t migrations_failed = 0;
  double migrated_bytes = 0;
  Times migration_time;
  // Snapshots and groups.
  std::int64_t snapshots = 0;
  std::int64_t snapshots_refused = 0;
  std::int64_t merges_failed = 0;
  std::int64_t groups_ready = 0;
  std::int64_t group_parts = 0;
  std::int64_t groups_without_room = 0;  // plans that failed
  std::int64_t groups_rolled_back = 0;
  std::int64_t groups_degraded = 0;
  Times group_wait;  // from its first try to ready
};

}  // namespace orrery::control
