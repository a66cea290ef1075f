// What every part of a control plane works on and none of them is: the simulation, what the fleet
// is fed with, its profiles, policy and disks; the cluster as it is, the books, the API server; and
// the tasks, which live no longer than the parts.
#pragma once

#include <cstdint>
#include <utility>

#include "models/control/fleet/cluster.hpp"
#include "models/control/fleet/fleet_stats.hpp"
#include "models/control/fleet/policies.hpp"
#include "models/control/kubernetes/api_server.hpp"
#include "models/control/profile.hpp"
#include "sim/simulation.hpp"
#include "sim/task.hpp"

namespace orrery::control {

class FleetContext {
 public:
  // All but policy and disks outlive it. The cluster has the demand's nodes and nothing on them.
  FleetContext(Simulation& simulation, const Demand& demand, const KubernetesProfile& kube,
               const LiteioProfile& liteio, const Policy& policy, const Disks& disks,
               std::uint64_t seed);

  Simulation& simulation;
  Calendar& calendar;
  const Demand& demand;
  const KubernetesProfile& kube;
  const LiteioProfile& liteio;
  const Disks disks;
  const Policy policy;         // on these disks
  const Duration watch_delay;  // from a commit until those who watch know
  Cluster cluster;
  FleetStats books;
  ApiServer api;

  TimePoint now() const { return simulation.now(); }
  void spawn(Task<> task) { tasks_.spawn(std::move(task)); }
  // Ends all tasks, those of pods among them; before anything goes whose turns they wait for.
  void end_tasks();

 private:
  TaskScope tasks_;
};

}  // namespace orrery::control
