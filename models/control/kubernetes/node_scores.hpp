// kube-scheduler's arithmetic: how many nodes a cycle looks for, what its score plug-ins make of a
// node, and which one is taken. Integers are divided as Go divides them.
//
// Source: kubernetes, pkg/scheduler/schedule_one.go (numFeasibleNodesToFind, selectHost) and
// framework/plugins/{noderesources,helper}.
#pragma once

#include <cstdint>
#include <span>

#include "sim/random.hpp"

namespace orrery::control {

// What of a node's resource would be requested with the incoming pod on it.
struct ResourceUse {
  std::int64_t requested = 0;
  std::int64_t capacity = 0;
  std::int64_t weight = 1;
};

inline constexpr std::int64_t kMaxNodeScore = 100;

// How many feasible nodes end the search among `nodes`; `percentage` 0: by the number of nodes, 50
// % falling to 5 %.
std::int64_t nodes_to_find(std::int64_t nodes, std::int64_t percentage);

// NodeResourcesFit: the emptier, or the fuller, the better; means by weight, each resource rounded
// down to a percent.
std::int64_t least_allocated(std::span<const ResourceUse> uses);
std::int64_t most_allocated(std::span<const ResourceUse> uses);
// NodeResourcesBalancedAllocation: 100 * (1 - standard deviation of the shares in use). A resource
// the node has none of is left out.
std::int64_t balanced_allocation(std::span<const ResourceUse> uses);

// DefaultNormalizeScore: the largest becomes 100; `reverse`: that becomes 0 and a score of 0
// becomes 100.
void normalize_scores(std::span<std::int64_t> scores, bool reverse);

// selectHost: the place of the largest of at least one total. Of equal ones each is as likely, by
// reservoir sampling: a number is drawn for every one after the first.
std::size_t select_host(std::span<const std::int64_t> totals, RandomStream& ties);

}  // namespace orrery::control
