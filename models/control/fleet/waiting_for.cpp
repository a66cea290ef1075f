// Limits of pods, volumes and the block store in one list.
#include "models/control/fleet/waiting_for.hpp"

#include <algorithm>
#include <map>

namespace orrery::control {

WaitingFor waiting_for(KubeScheduler& scheduler, const UnplacedVolumes& volumes,
                       const BlockStore& block_store) {
  std::map<std::string, std::int64_t> limits = scheduler.limits();
  for (const auto& [volume, unplaced] : volumes.all()) ++limits[volumes.sole_limit(volume)];
  if (const std::size_t waiting = block_store.waiting(); waiting > 0)
    limits["block store full"] = static_cast<std::int64_t>(waiting);
  WaitingFor sorted(limits.begin(), limits.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

}  // namespace orrery::control
