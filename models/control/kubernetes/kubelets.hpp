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

#include "models/control/fleet/cluster_events.hpp"
#include "models/control/fleet/cluster_news.hpp"
#include "models/control/fleet/fleet_context.hpp"
#include "models/control/fleet/volume_source.hpp"

namespace orrery::control {

class Kubelets {
 public:
  // Claims of pods that go are given back to `volumes`.
  Kubelets(FleetContext& context, ClusterNews& news, ClusterEvents& events, VolumeSource& volumes);

  // A pod was bound to its node, which starts it if it lives.
  void bound(PodId pod);
  // Again, when its node has come back.
  void start(PodId pod);
  void volume_is_ready(VolumeId volume);
  // The pod was deleted: by its user with its claims, or evicted without them.
  Task<> stop(PodId pod, bool with_claims);
  // Its object goes, by its kubelet or by force.
  void is_gone(PodId pod);

 private:
  Task<> run(PodId pod);
  void is_running(PodId pod);
  bool has_all_volumes(const PodRecord& pod) const;
  bool has_remote_volumes(const PodRecord& pod) const;

  FleetContext& context_;
  Cluster& cluster_;
  ClusterNews& news_;
  ClusterEvents& events_;
  VolumeSource& volumes_;
  ApiClient client_;  // each its own; none of them ever reaches its limit
};

}  // namespace orrery::control
