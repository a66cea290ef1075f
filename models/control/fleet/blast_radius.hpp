// How far the death of one node reaches: over all nodes, how many nodes feel it, and how many pods.
#pragma once

#include <cstdint>

#include "models/control/fleet/cluster.hpp"

namespace orrery::control {

struct BlastRadius {
  struct Reach {
    double mean = 0;
    std::int64_t p99 = 0;
    std::int64_t most = 0;
  };
  Reach nodes;  // itself, and those with volumes in its pool
  Reach pods;   // that run there or lose volumes
};

BlastRadius blast_radius_of(const Cluster& cluster);

}  // namespace orrery::control
