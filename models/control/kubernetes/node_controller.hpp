// Heartbeats of kubelets and what follows when they stop: nodes that die and come back.
//
// A healthy node's heartbeats are no events: a phase and a period say how old a lease is at any
// time. When a node dies, the moments at which others notice follow from that:
//
//   Ready=Unknown   first look of the node controller (every 5 s) at a lease older than 50 s;
//                   taint; pods are evicted 300 s later (evictions.hpp)
//   pool            liteio/pool_controller.hpp
//
// Until then pods are still sent there. Databases give replicas up after a time of their own
// (fleet/replica_replacement.hpp). Source: Kubernetes, node lifecycle controller.
#pragma once

#include <cstdint>

#include "models/control/fleet/cluster_news.hpp"
#include "models/control/fleet/fleet_context.hpp"
#include "models/control/fleet/replica_replacement.hpp"
#include "models/control/fleet/timed_queue.hpp"
#include "models/control/kubernetes/evictions.hpp"
#include "models/control/kubernetes/kube_scheduler.hpp"
#include "models/control/kubernetes/kubelets.hpp"
#include "models/control/liteio/pool_controller.hpp"
#include "models/control/liteio/volume_groups.hpp"

namespace orrery::control {

class NodeController {
 public:
  // `client`: its own, which those that work for it share.
  NodeController(FleetContext& context, ClusterNews& news, PoolController& pools,
                 VolumeGroups& groups, Kubelets& kubelets, KubeScheduler& scheduler,
                 Evictions& evictions, ReplicaReplacement& replicas, ApiClient& client,
                 std::uint64_t seed);
  // Gives every node its phases, makes its pool ready and spawns the actor.
  void start();

  // A machine dies, or the agent and the engine on it alone, and comes back.
  void die(NodeId node, bool machine, bool loses_data);
  void come_back(NodeId node, bool loses_data);

  // When a machine that died then is noticed.
  TimePoint not_ready_at(const NodeRecord& node, TimePoint died) const;

 private:
  enum class Step : std::uint8_t { not_ready, evict, next_eviction, give_up };
  struct Item {
    Step step;
    NodeId node;
    std::uint32_t epoch;
  };

  void begin_lost(NodeId node);
  void act(const Item& item, ActorContext& actor);
  Task<> mark(NodeId node, bool ready);

  FleetContext& context_;
  Cluster& cluster_;
  ClusterNews& news_;
  PoolController& pools_;
  VolumeGroups& groups_;
  Kubelets& kubelets_;
  KubeScheduler& scheduler_;
  Evictions& evictions_;
  ReplicaReplacement& replicas_;
  ApiClient& client_;
  std::uint64_t seed_;
  TimedQueue<Item> agenda_;
};

}  // namespace orrery::control
