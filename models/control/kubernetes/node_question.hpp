// What one pod asks of a node, as kube-scheduler's plug-ins see it.
#pragma once

#include <cstdint>
#include <span>

#include "models/control/fleet/fleet_context.hpp"

namespace orrery::control {

struct NodeQuestion {
  const PodRecord* pod = nullptr;
  std::int64_t cpu = 0;
  std::int64_t memory = 0;
  std::int64_t local = 0;  // requested as an extended resource
  std::int64_t cpu_scored = 0;
  std::int64_t memory_scored = 0;
  std::int32_t volumes = 0;  // of LiteIO
  std::span<const ResourceAmount> resources = {};
};

NodeQuestion question_of(const FleetContext& context, const PodRecord& pod);

}  // namespace orrery::control
