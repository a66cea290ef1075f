// How kube-scheduler's decision on a pod came about: every filter's verdict per class of node,
// every score of the best nodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "models/control/fleet/cluster.hpp"
#include "models/control/kubernetes/node_chain.hpp"
#include "sim/units.hpp"

namespace orrery::control {

struct PodExplanation {
  struct Verdict {
    std::string shape;
    std::string filter;  // empty: passed
    std::string reason;  // of the first such node
    std::int64_t nodes = 0;
  };
  struct Scored {
    std::string node;
    std::vector<std::pair<std::string, std::int64_t>> scores;  // after normalising and weighting
    std::int64_t total = 0;
    bool chosen = false;
  };
  static constexpr std::size_t kMost = 20;  // nodes whose scores are told

  bool found = false;
  TimePoint at{};
  std::int64_t nodes = 0;
  std::int64_t visited = 0;
  std::int64_t feasible = 0;
  std::vector<Verdict> verdicts;  // of all nodes
  std::vector<Scored> best;       // of the feasible ones that were found
  std::string chosen;
};

// Fills in what a chain has to say of the pod that it was asked about: its verdicts on all nodes of
// the cluster, its scores of the feasible ones; `chosen` is one of these, or none.
void explain_by(NodeChain& chain, const Cluster& cluster, std::span<const NodeId> feasible,
                NodeId chosen, PodExplanation& told);

}  // namespace orrery::control
