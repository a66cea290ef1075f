// What a control plane is made from.
#pragma once

#include <string>
#include <vector>

#include "models/control/fleet/fleet_sample.hpp"
#include "models/control/fleet/node_event.hpp"
#include "models/control/fleet/policies.hpp"
#include "models/control/kubernetes/node_chain.hpp"
#include "models/control/liteio/snapshots.hpp"
#include "models/control/liteio/volume_groups.hpp"
#include "models/control/profile.hpp"

namespace orrery::control {

struct FleetPlan {
  const Demand* demand = nullptr;  // outlives the control plane
  Disks disks = *find_disks("lightpool");
  Policy policy = *find_policy("plugin");
  KubernetesProfile kube;
  LiteioProfile liteio;
  SchedulerPlugins node_plugins;
  std::vector<std::string> pool_filters;
  std::vector<std::string> pool_priorities;
  std::vector<NodeEvent> events;
  std::vector<GroupSpec> groups;
  std::vector<SnapshotSpec> snapshots;
  SamplingPlan sampling;
};

}  // namespace orrery::control
