// The control plane of a cluster: its parts put together, what they report handed on, and the run
// of a fleet from its first pod on.
//
//   ControlPlane plane(simulation, plan, seed);
//   plane.start();
//   simulation.run(kStart + days(30));
//   plane.books(), plane.sampling(), plane.cluster()
//
// A part knows those that it uses and no others, in this order:
//
//   FleetContext           what all of them work on; ClusterNews, NodeLinks
//   VolumeAgents           logical volumes; BlockStore, instead, where disks are none of LiteIO's
//   VolumeController       volumes; then VolumeGroups, Snapshots, VolumeMigrations; PoolController
//   Kubelets               pods on their nodes
//   KubeScheduler          pods to nodes
//   PodController          pods
//   NodeController         nodes; with it Evictions, ReplicaReplacement, Drains
//   NodeEvents, Sampling   what happens to nodes; how the cluster stands
//
// What lower ones have to tell higher ones goes through ClusterEvents, which this class is.
#pragma once

#include <cstdint>

#include "models/control/fleet/block_store.hpp"
#include "models/control/fleet/cluster_events.hpp"
#include "models/control/fleet/cluster_news.hpp"
#include "models/control/fleet/fleet_context.hpp"
#include "models/control/fleet/fleet_plan.hpp"
#include "models/control/fleet/node_events.hpp"
#include "models/control/fleet/node_links.hpp"
#include "models/control/fleet/replica_replacement.hpp"
#include "models/control/fleet/sampling.hpp"
#include "models/control/kubernetes/drains.hpp"
#include "models/control/kubernetes/evictions.hpp"
#include "models/control/kubernetes/kube_scheduler.hpp"
#include "models/control/kubernetes/kubelets.hpp"
#include "models/control/kubernetes/node_controller.hpp"
#include "models/control/kubernetes/pod_controller.hpp"
#include "models/control/liteio/pool_controller.hpp"
#include "models/control/liteio/snapshots.hpp"
#include "models/control/liteio/volume_agents.hpp"
#include "models/control/liteio/volume_controller.hpp"
#include "models/control/liteio/volume_groups.hpp"
#include "models/control/liteio/volume_migration.hpp"
#include "models/control/liteio/volume_scheduler.hpp"
#include "sim/simulation.hpp"

namespace orrery::control {

class ControlPlane final : private ClusterEvents {
 public:
  // On a platform of fleet_platform().
  ControlPlane(Simulation& simulation, FleetPlan plan, std::uint64_t seed);
  ~ControlPlane();
  void start();

  // The parts, for those who look at a run.
  FleetContext& context() { return context_; }
  Cluster& cluster() { return context_.cluster; }
  FleetStats& books() { return context_.books; }
  ApiServer& api() { return context_.api; }
  BlockStore& block_store() { return block_store_; }
  VolumeController& volumes() { return volumes_; }
  VolumeGroups& groups() { return groups_; }
  Snapshots& snapshots() { return snapshots_; }
  VolumeMigrations& migrations() { return migrations_; }
  PoolController& pools() { return pools_; }
  KubeScheduler& scheduler() { return scheduler_; }
  NodeController& nodes() { return nodes_; }
  NodeEvents& node_events() { return node_events_; }
  const Sampling& sampling() const { return sampling_; }

 private:
  void volume_is_ready(VolumeId volume) override;
  void volume_goes(VolumeId volume) override;
  void pool_has_room(NodeId pool) override;
  void local_storage_is(NodeId node, std::int64_t bytes) override;
  void pod_gone(NodeId node, PodId pod) override;

  VolumeSource& source();

  FleetPlan plan_;
  FleetContext context_;
  ClusterNews news_;
  NodeLinks links_;
  VolumeScheduler volume_scheduler_;
  BlockStore block_store_;
  VolumeAgents agents_;
  VolumeController volumes_;
  VolumeGroups groups_;
  Snapshots snapshots_;
  VolumeMigrations migrations_;
  PoolController pools_;
  Kubelets kubelets_;
  KubeScheduler scheduler_;
  PodController pods_;
  ApiClient node_client_;  // the node controller's, one limit for all that work for it
  Evictions evictions_;
  ReplicaReplacement replicas_;
  NodeController nodes_;
  Drains drains_;
  NodeEvents node_events_;
  Sampling sampling_;
};

}  // namespace orrery::control
