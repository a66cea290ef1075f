// Kubelets: what a node does for the pods that were bound to it, and for those that go.
//
//   start    NodeStage: wait until all volumes are ready (back-off), connect the remote ones and
//            sleep 8 s, filesystem; containers
//   stop     containers, NodeUnstage: sleep 5 s for remote volumes; the pod's object goes, then its
//            claims
//
// A kubelet looks for volumes that were not ready after waits that double; looks in between cost no
// event. What runs on a node stops with it. With disks from a block store (ebs) there is nothing to
// connect that LiteIO would sleep for.
#pragma once

#include "models/control/fleet/cluster.hpp"
#include "models/control/kubernetes/api_server.hpp"

namespace orrery::control {

class ControlPlane;

class Kubelets {
 public:
  explicit Kubelets(ControlPlane& plane);

  // A pod was bound to a living node, or its node came back.
  void start(PodId pod);
  void volume_is_ready(VolumeId volume);
  // The pod was deleted: by its user with its claims, or evicted without them. `after_stop` is what
  // happens then.
  Task<> stop(PodId pod, bool with_claims);

 private:
  Task<> run(PodId pod);
  bool has_all_volumes(const PodRecord& pod) const;

  ControlPlane& plane_;
  Cluster& cluster_;
  ApiClient client_;  // each its own; none of them ever reaches its limit
};

}  // namespace orrery::control
