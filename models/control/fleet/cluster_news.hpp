// Waiting for machines, agents, volume groups, volumes and pods: who waits is told of every change
// and looks again.
#pragma once

#include "models/control/fleet/cluster.hpp"
#include "models/control/fleet/news.hpp"
#include "sim/gate.hpp"
#include "sim/simulation.hpp"
#include "sim/task.hpp"

namespace orrery::control {

class ClusterNews {
 public:
  // Both outlive it.
  ClusterNews(Simulation& simulation, const Cluster& cluster);

  // A machine or the agent on it is back, and with it the volumes there.
  void machine_has_changed(NodeId node);
  void lv_has_changed(NodeId node) { of_lvs_.tell(node); }
  void volume_has_changed(VolumeId volume) { of_volumes_.tell(volume); }
  void pod_has_changed(PodId pod) { of_pods_.tell(pod); }

  Task<> node_is_up(NodeId node);
  Task<> agent_is_up(NodeId node);
  Task<bool> agent_is_up_by(NodeId node, TimePoint limit);
  // Until a node's volume group or lvstore has more room or less.
  Gate::Pass lv_room(NodeId node) { return of_lvs_.about(node); }
  // Until a volume is made and its agent is up, or it is deleted.
  Task<> volume_is_there(VolumeId volume);
  // Until a pod runs, or never will.
  Task<> runs(PodId pod);

 private:
  Simulation& simulation_;
  const Cluster& cluster_;
  News of_machines_, of_lvs_, of_pods_, of_volumes_;
};

}  // namespace orrery::control
