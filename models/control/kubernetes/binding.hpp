// What kube-scheduler does for a pod that has its node: Reserve, which takes no time, and the
// binding cycle (pkg/scheduler/schedule_one.go, plug-ins VolumeBinding and LiteIO's AntstorPlugin).
//
//   Reserve   AntstorPlugin: what must be local is set aside in LiteIO's memory; where there is no
//             room, nothing is said
//   PreBind   AntstorPlugin: the claims that must be local learn their node and their reservation;
//             VolumeBinding: all learn their node, CSI makes their volumes
//   Bind      the pod's object
#pragma once

#include "models/control/fleet/fleet_context.hpp"
#include "models/control/fleet/volume_source.hpp"
#include "models/control/kubernetes/kubelets.hpp"

namespace orrery::control {

class Binding {
 public:
  Binding(FleetContext& context, VolumeSource& volumes, Kubelets& kubelets);

  // False if there was no room.
  bool reserve(PodId pod, NodeId node);
  void unreserve(PodId pod, NodeId node);
  Task<> cycle(PodId pod, NodeId node);

 private:
  FleetContext& context_;
  Cluster& cluster_;
  VolumeSource& volumes_;
  Kubelets& kubelets_;
  ApiClient client_;
};

}  // namespace orrery::control
