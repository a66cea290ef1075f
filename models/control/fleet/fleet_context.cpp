// A cluster with its nodes, and nothing on them yet.
#include "models/control/fleet/fleet_context.hpp"

namespace orrery::control {

FleetContext::FleetContext(Simulation& simulation, const Demand& demand,
                           const KubernetesProfile& kube, const LiteioProfile& liteio,
                           const Policy& policy, const Disks& disks, std::uint64_t seed)
    : simulation(simulation),
      calendar(simulation.calendar()),
      demand(demand),
      kube(kube),
      liteio(liteio),
      disks(disks),
      policy(on(policy, disks)),
      watch_delay(policy.is_consistent ? Duration{} : kube.watch_delay),
      api(simulation, kube, seed) {
  cluster.classes = demand.classes;
  for (const NodeSpec& spec : demand.nodes) {
    NodeRecord node;
    node.spec = &spec;
    node.cordons = spec.unschedulable ? 1 : 0;
    const NodeId id = cluster.pools.add(spec, liteio.unit_of(spec.pool_mode));
    node.lv_free = cluster.pools.capacity[id];
    cluster.by_name.emplace(spec.name, id);
    cluster.nodes.push_back(std::move(node));
  }
}

void FleetContext::end_tasks() {
  tasks_.clear();
  for (PodRecord& pod : cluster.pods) pod.life->clear();
}

}  // namespace orrery::control
