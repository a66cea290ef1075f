// kube-scheduler: one pod at a time out of the active queue, filters over a sample of the nodes,
// scores, assume, reserve; then a binding cycle that runs beside the next pod's scheduling cycle
// (pkg/scheduler/schedule_one.go).
//
// The scheduling cycle is an actor's: it looks at its cache and at LiteIO's memory when it begins,
// and assumes and reserves when its time is over; what happens in between is the race that its
// policies are exposed to. Pods that fit nowhere wait until a node changes so that they might
// (queueing hints); attempts that could not end differently are not made. One that fits on no node
// even when that is empty is impossible and is never tried again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/control/fleet/backlog.hpp"
#include "models/control/fleet/cluster_events.hpp"
#include "models/control/fleet/fleet_context.hpp"
#include "models/control/fleet/volume_source.hpp"
#include "models/control/kubernetes/binding.hpp"
#include "models/control/kubernetes/kubelets.hpp"
#include "models/control/kubernetes/node_chain.hpp"
#include "models/control/kubernetes/pod_explanation.hpp"
#include "models/control/kubernetes/pod_kinds.hpp"
#include "models/control/kubernetes/scheduler_cache.hpp"
#include "models/control/kubernetes/scheduling_queue.hpp"
#include "models/control/liteio/volume_controller.hpp"
#include "models/control/liteio/volume_scheduler.hpp"
#include "sim/random.hpp"

namespace orrery::control {

class KubeScheduler {
 public:
  // Volumes come from `source`; those of LiteIO can be placed by `volumes`.
  KubeScheduler(FleetContext& context, ClusterEvents& events, const SchedulerPlugins& plugins,
                VolumeScheduler& volume_scheduler, VolumeController& volumes, VolumeSource& source,
                Kubelets& kubelets, std::uint64_t seed);
  // Fills the cache with what is there and spawns the actor, which serves after `preload`.
  void start(Duration preload);

  // A pod was made, or has to be scheduled again.
  void enqueue(PodId pod);
  // A pod that is gone, wherever it stood. What it was assumed to use stays booked until
  // `pod_gone`.
  void forget(PodId pod);

  // News by watch, already late.
  void pod_gone(NodeId node, PodId pod);
  void local_storage_is(NodeId node, std::int64_t bytes);
  void node_is(NodeId node, bool lost, bool unschedulable);
  // From LiteIO's memory, in the same process: a pool has more room.
  void pool_has_room(NodeId node);

  const SchedulerCache& cache() const { return cache_; }
  std::size_t waiting() const;
  // How many pods fit nowhere now, and by what they are kept from most of the nodes that nothing
  // else keeps them from; "several" if no node lacks one thing only.
  std::size_t unschedulable() const { return backlog_.waiting(); }
  std::map<std::string, std::int64_t> limits();

  // The next attempt for the pod of that name is told in detail.
  void explain(const std::string& pod, PodExplanation* into);

 private:
  struct Attempt {
    NodeId node = kNoNode;
    std::int64_t visited = 0;
  };

  // Counts what may have made room anywhere.
  std::int64_t improvements() const;
  void work(ActorContext& actor);
  Attempt attempt(PodId pod);
  bool fits(const PodRecord& pod, NodeId node);
  Duration cycle_time(const PodRecord& pod, std::int64_t visited) const;
  void book(PodId pod, NodeId node, int sign);
  void fit_nowhere(PodId pod);
  void node_has_room(NodeId node);
  void node_has_room(NodeId node, Backlog::Kind kind);
  bool may_fit(PodId pod, NodeId node);
  // A pod that was woken has been tried, or is gone.
  void has_tried(Backlog::Kind kind);
  bool places_volumes(PodId pod, const Attempt& attempt, NodeId* node);
  void conclude(PodId pod, const Attempt& attempt);

  FleetContext& context_;
  Cluster& cluster_;
  ClusterEvents& events_;
  VolumeController& volumes_;
  Binding binding_;
  SchedulerCache cache_;
  NodeChain chain_;
  PodKinds kinds_;
  SchedulingQueue queue_;
  Backlog backlog_;  // pods that fit nowhere now
  RandomStream ties_;
  std::int64_t improvements_ = 0;
  bool is_cycling_ = false;
  std::vector<NodeId> news_;  // nodes with more room since the present cycle began
  std::size_t next_start_ = 0;
  std::vector<NodeId> feasible_;
  std::string explained_;
  PodExplanation* explanation_ = nullptr;
};

}  // namespace orrery::control
