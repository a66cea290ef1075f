// What is free in a fleet and of no use: shares of CPU, memory and disk by what keeps a pod of
// median size from using them. With pools that others may use, what is free on a node whose CPU is
// exhausted can still be used from elsewhere, up to the limits on remote volumes.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "models/control/fleet/fleet_context.hpp"
#include "models/control/kubernetes/scheduler_cache.hpp"

namespace orrery::control {

struct Stranded {
  struct Pod {
    std::int64_t cpu_millis = 0;
    std::int64_t memory = 0;  // bytes
    std::int64_t disk = 0;    // of all its claims
  };
  // Of what living nodes have, by cause; `usable` for what the pod could use.
  using Shares = std::map<std::string, double>;

  Pod median;  // of the pods that are possible, each resource by itself
  Shares cpu, memory, disk;
};

Stranded stranded_in(const FleetContext& context, const SchedulerCache& cache);

}  // namespace orrery::control
