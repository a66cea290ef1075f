// What databases do about a node whose data is lost. There is no failover of storage: a database
// gives the replicas up that ran there or had their data there, after a time of its own, makes
// others and copies their data from those it still has; what no replica has comes out of a backup.
#pragma once

#include <cstdint>

#include "models/control/fleet/cluster_news.hpp"
#include "models/control/fleet/fleet_context.hpp"
#include "models/control/fleet/node_links.hpp"
#include "models/control/fleet/volume_source.hpp"
#include "models/control/kubernetes/kube_scheduler.hpp"
#include "models/control/kubernetes/kubelets.hpp"
#include "models/control/kubernetes/pod_controller.hpp"
#include "sim/random.hpp"

namespace orrery::control {

class ReplicaReplacement {
 public:
  // `client`: of the node controller, whose limit is one for all that it writes.
  ReplicaReplacement(FleetContext& context, ClusterNews& news, NodeLinks& links,
                     VolumeSource& volumes, Kubelets& kubelets, KubeScheduler& scheduler,
                     PodController& pods, ApiClient& client, std::uint64_t seed);

  // Replicas with something on that node are replaced, one after the other.
  Task<> give_up(NodeId node);

 private:
  Task<> replace(PodId pod, NodeId lost);
  Task<> rebuild(PodId pod, Bytes bytes);

  FleetContext& context_;
  Cluster& cluster_;
  ClusterNews& news_;
  NodeLinks& links_;
  VolumeSource& volumes_;
  Kubelets& kubelets_;
  KubeScheduler& scheduler_;
  PodController& pods_;
  ApiClient& client_;
  RandomStream peers_;
};

}  // namespace orrery::control
