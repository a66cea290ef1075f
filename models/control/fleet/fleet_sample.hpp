// How a cluster stands at a time, and on average.
#pragma once

#include <cstdint>
#include <span>

#include "sim/units.hpp"

namespace orrery::control {

struct FleetSample {
  TimePoint at{};
  // Shares of what living machines have, of pods bound to them and volumes placed there.
  double cpu_used = 0, memory_used = 0, disk_used = 0;
  std::int64_t pods = 0;  // that exist and are possible
  std::int64_t running = 0;
  std::int64_t on_dead_nodes = 0;  // ran there, and nobody has evicted them
  std::int64_t waiting = 0;        // not running although made longer ago than its patience
  std::int64_t unplaced = 0;       // volumes without a pool
  std::int64_t volumes = 0;
  std::int64_t remote = 0;
  std::int64_t nodes_ready = 0;
};

struct SamplingPlan {
  Duration every{};
  Duration patience{};           // of a pod that does not run: it waits
  double full_when_pending = 0;  // share of pods that wait from which the run ends; 0: never
};

// Means over the second half of a run, when it has filled.
struct LateMeans {
  double cpu_used = 0, memory_used = 0, disk_used = 0;
  double waiting = 0;  // share of the pods
};
LateMeans late_means(std::span<const FleetSample> samples);

}  // namespace orrery::control
