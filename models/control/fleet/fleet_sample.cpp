// Means of samples.
#include "models/control/fleet/fleet_sample.hpp"

namespace orrery::control {

LateMeans late_means(std::span<const FleetSample> samples) {
  LateMeans means;
  double waiting = 0, pods = 0;
  const std::span<const FleetSample> late = samples.subspan(samples.size() / 2);
  for (const FleetSample& sample : late) {
    means.cpu_used += sample.cpu_used;
    means.memory_used += sample.memory_used;
    means.disk_used += sample.disk_used;
    waiting += static_cast<double>(sample.waiting);
    pods += static_cast<double>(sample.pods);
  }
  const auto n = static_cast<double>(late.size());
  means.cpu_used /= n;
  means.memory_used /= n;
  means.disk_used /= n;
  means.waiting = pods > 0 ? waiting / pods : 0;
  return means;
}

}  // namespace orrery::control
