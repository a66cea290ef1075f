// Which pool takes a volume: LiteIO's filters and its priority, as far as an I/O scenario needs
// them.
//
// Filters: a pool that has a store of the volume's tier, with room, and does not serve too many
// volumes of other nodes, or too many of these nodes. Priority: 100 x used / total, so the fuller
// goes first; of equal ones the first that is named.
#pragma once

#include <cstdint>
#include <optional>

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
  if (pool.remote_volumes >= limits.volumes) return false;
  return pool.serves_host || pool.sharing_nodes < limits.nodes;
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
    choice.is_any_large_enough |= pool.capacity >= size;
    if (pool.free < size) continue;
    choice.is_any_free = true;
    if (!may_share(pool, limits)) continue;
    const double used =
        1 - static_cast<double>(pool.free.count()) / static_cast<double>(pool.capacity.count());
    if (used <= most) continue;
    most = used;
    choice.pool = n;
  }
  return choice;
}

}  // namespace orrery
