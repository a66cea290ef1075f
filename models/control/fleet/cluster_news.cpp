// Loops that wait for news and look again.
#include "models/control/fleet/cluster_news.hpp"

#include <utility>

namespace orrery::control {

ClusterNews::ClusterNews(Simulation& simulation, const Cluster& cluster)
    : simulation_(simulation),
      cluster_(cluster),
      of_machines_(simulation.calendar()),
      of_lvs_(simulation.calendar()),
      of_pods_(simulation.calendar()),
      of_volumes_(simulation.calendar()) {}

void ClusterNews::machine_has_changed(NodeId node) {
  of_machines_.tell(node);
  for (const VolumeId volume : cluster_.nodes[node].volumes) of_volumes_.tell(volume);
}

Task<> ClusterNews::node_is_up(NodeId node) {
  while (!cluster_.nodes[node].alive) {
    co_await of_machines_.about(node);
  }
}

Task<> ClusterNews::agent_is_up(NodeId node) {
  while (!cluster_.nodes[node].agent_alive) {
    co_await of_machines_.about(node);
  }
}

Task<bool> ClusterNews::agent_is_up_by(NodeId node, TimePoint limit) {
  if (limit <= simulation_.now()) co_return cluster_.nodes[node].agent_alive;
  Task<> up = agent_is_up(node);
  Within<void> in_time = within(simulation_.calendar(), limit - simulation_.now(), std::move(up));
  const bool is_up = co_await in_time;
  co_return is_up;
}

Task<> ClusterNews::volume_is_there(VolumeId id) {
  while (!cluster_.volumes[id].is_deleting &&
         cluster_.volumes[id].status != VolumeStatus::deleted) {
    const VolumeRecord& volume = cluster_.volumes[id];
    if (volume.status == VolumeStatus::ready && cluster_.nodes[volume.booking.pool].agent_alive)
      co_return;
    co_await of_volumes_.about(id);
  }
}

Task<> ClusterNews::runs(PodId id) {
  while (cluster_.pods[id].phase != PodPhase::running &&
         cluster_.pods[id].phase != PodPhase::gone) {
    co_await of_pods_.about(id);
  }
}

}  // namespace orrery::control
