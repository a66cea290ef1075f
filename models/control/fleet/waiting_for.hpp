// What pods and volumes that wait would need: the one thing without which they would find a place,
// `several` where it takes more than one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/control/fleet/block_store.hpp"
#include "models/control/kubernetes/kube_scheduler.hpp"
#include "models/control/liteio/unplaced_volumes.hpp"

namespace orrery::control {

// Each with the number of those that wait for it, the most first.
using WaitingFor = std::vector<std::pair<std::string, std::int64_t>>;

WaitingFor waiting_for(KubeScheduler& scheduler, const UnplacedVolumes& volumes,
                       const BlockStore& block_store);

}  // namespace orrery::control
