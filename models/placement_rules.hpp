// The rules by which a pool takes a volume or not, one predicate each, for everyone who places
// volumes: pools with I/O (models/pool), LiteIO's filters along the columns of a fleet
// (models/control/liteio), and what tells how much free space is of no use. Numbers are of one
// unit, whichever it is. Who asks in which order, and of which pools, is his own affair.
//
// Source: LiteIO (2a31a1b), pkg/controller/manager/scheduler/filter; the limit on sharing nodes is
// the paper's (HPCA'24, section VI).
#pragma once

#include <cstdint>

#include "sim/units.hpp"

namespace orrery::placement {

// A volume takes whole units of its store: clusters, extents.
constexpr Bytes whole_units_for(Bytes unit, Bytes size) { return unit * units_of(unit, size); }

// basic.go: what is free holds the volume.
template <class Size>
constexpr bool has_room(Size free, Size size) {
  return free >= size;
}

// basic.go: a pool serves so many volumes of other nodes and no more.
template <class Count>
constexpr bool serves_most_volumes(Count remote_volumes, Count most) {
  return remote_volumes >= most;
}

// A pool serves so many other nodes and no more; those that it serves already are no new ones.
template <class Count>
constexpr bool may_serve_node(Count sharing_nodes, Count most, bool serves_it) {
  return sharing_nodes < most || serves_it;
}

// localline.go: remote volumes leave a share of a pool alone,
// (available - remoteAllocated - size) / available * 100 >= minLocalStoragePct.
constexpr bool leaves_share_local(std::int64_t capacity, std::int64_t remote_allocated,
                                  std::int64_t size, double share) {
  const auto available = static_cast<double>(capacity);
  const auto left = static_cast<double>(capacity - remote_allocated - size);
  return !(left / available * 100 < share * 100);
}

// basic.go: a volume that has to be on its host's node is nowhere else, and the reverse.
constexpr bool is_where_it_must(bool is_remote, bool must_local, bool must_remote) {
  return is_remote ? !must_local : !must_remote;
}

// least_resource.go: what makes a pool the better the more of it there is.
constexpr double used_share(Bytes capacity, Bytes free) {
  return 1 - static_cast<double>(free.count()) / static_cast<double>(capacity.count());
}

}  // namespace orrery::placement
