// The choice of a pool for a volume: LiteIO's filters and its priority, as far as an I/O scenario
// needs them.
//
// Filters (models/placement_rules.hpp): a pool that has a store of the volume's tier, with room,
// and does not serve too many volumes of other nodes, or too many of these nodes. Priority: 100 x
// used / total, so the fuller goes first; of equal ones the first that is named.
#pragma once

#include <cstdint>
#include <optional>

#include "models/placement_rules.hpp"
#include "sim/units.hpp"

namespace orrery {

// How many volumes of other nodes a pool serves, and how many of these nodes.
struct SharingLimits {
  std::int64_t volumes = 0;
  std::int64_t nodes = 0;
};

// A pool as the rules see it.
struct PoolState {
  Bytes capacity;  // none: it has no store of the tier, or is out of the question
  Bytes free;
  std::int64_t remote_volumes = 0;
  std::int64_t sharing_nodes = 0;
  bool serves_host = false;  // the volume's host is one of them
  bool is_hosts_own = false;
};

inline bool may_share(const PoolState& pool, const SharingLimits& limits) {
  if (pool.is_hosts_own) return true;
  return !placement::serves_most_volumes(pool.remote_volumes, limits.volumes) &&
         placement::may_serve_node(pool.sharing_nodes, limits.nodes, pool.serves_host);
}

// The pool that takes a volume; without one, how far the pools got.
struct PoolChoice {
  std::optional<std::size_t> pool;
  bool is_any_large_enough = false;  // if it were empty
  bool is_any_free = false;
};

// `state_of(n)` is the n-th of `count` pools.
template <class StateOf>
PoolChoice fullest_pool(std::size_t count, const StateOf& state_of, Bytes size,
                        const SharingLimits& limits) {
  PoolChoice choice;
  double most = -1;
  for (std::size_t n = 0; n < count; ++n) {
    const PoolState pool = state_of(n);
    if (pool.capacity == Bytes{}) continue;
    choice.is_any_large_enough |= placement::has_room(pool.capacity, size);
    if (!placement::has_room(pool.free, size)) continue;
    choice.is_any_free = true;
    if (!may_share(pool, limits)) continue;
    const double used = placement::used_share(pool.capacity, pool.free);
    if (used <= most) continue;
    most = used;
    choice.pool = n;
  }
  return choice;
}

}  // namespace orrery
