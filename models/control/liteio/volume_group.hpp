// LiteIO's volume groups: one large volume out of several pools, each of which gives a part.
//
// Pools that a volume of the least size and without a host may lie in, by free space descending,
// empty ones last; equal ones by their number, where LiteIO has no order. Each gives as much as it
// can in one part:
//
//   part = min(free, left, max_size, capacity * (1 - min_local_storage) - remote_allocated), down
//   to a multiple of 4 MiB, >= min_size
//
// until the total is reached. With more than one part asked for at least, a part leaves `min_size`
// for each of those that must still follow; LiteIO leaves nothing. Source: LiteIO (2a31a1b),
// pkg/controller/manager/scheduler/sched_vol_group.go.
#pragma once

#include <string>
#include <vector>

#include "models/control/liteio/volume_scheduler.hpp"

namespace orrery::control {

inline constexpr Bytes kGroupUnit = mebibytes(4);

struct GroupRequest {
  std::string name = {};
  Bytes total;  // rounded up to whole units
  Bytes min_size;
  Bytes max_size;
  std::int64_t min_count = 1;
  std::int64_t max_count = 1;
  bool may_use_empty = true;  // pools without any volume
};

struct GroupPlan {
  struct Part {
    NodeId pool = kNoNode;
    Bytes size;
  };
  std::vector<Part> parts;  // on distinct nodes; empty: the group cannot be placed now
  ReasonCounts refused{};   // pools that could not even give the least part
};

// StationStats nothing: the parts are volumes, to be scheduled with `selected_node`.
GroupPlan plan_group(VolumeScheduler& scheduler, const PoolTable& table,
                     const GroupRequest& request);

}  // namespace orrery::control
