// Heartbeats and what follows when they stop: of kubelets for Kubernetes, of agents for LiteIO; and
// nodes that are drained or locked.
//
// A healthy node's heartbeats are no events: a phase and a period say how old a lease is at any
// time. When a node dies, the moments at which others notice follow from that:
//
//   Ready=Unknown   first look of the node controller (every 5 s) at a lease older than 50 s;
//                   taint; pods are evicted 300 s later, node by node at 0.1 per second, at 0.01
//                   while 55 % of the nodes are lost and more than two; not at all while all are
//   pool unknown    first reconcile of the pool (every 5 min, each at a phase of its own) at a
//                   lease older than 3 min: uniform over 3 to 8 min after the last heartbeat
//   pool offline    first reconcile at a lease older than 24 h
//
// Until then pods and volumes are still sent there. Pods with data on the node stay Terminating
// (their objects go only with the kubelet); the others are made again elsewhere and keep their
// volumes. There is no failover of storage: a database gives a lost replica up after a time of its
// own, makes another one and copies its data; what no replica has comes out of a backup. Source:
// LiteIO (2a31a1b), pool_reconciler.go; Kubernetes, node lifecycle controller.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "models/control/fleet/cluster.hpp"
#include "models/control/fleet/timed_queue.hpp"
#include "models/control/kubernetes/api_server.hpp"

namespace orrery::control {

class ControlPlane;
struct NodeEvent;

class NodeController {
 public:
  NodeController(ControlPlane& plane, std::uint64_t seed);
  // Gives every node its phases, makes its pool ready and spawns the actors.
  void start();
  // An event of the plan, at its time.
  Task<> happen(NodeEvent event);

  // The instants described above, for a node that died at `died`.
  TimePoint not_ready_at(const NodeRecord& node, TimePoint died) const;
  TimePoint pool_lost_at(const NodeRecord& node, TimePoint died, Duration threshold) const;
  // The first reconcile of a pool that finds a fresh lease of an agent that started at `back`.
  TimePoint pool_back_at(const NodeRecord& node, TimePoint back) const;

 private:
  enum class Step : std::uint8_t {
    not_ready,
    evict,
    next_eviction,
    give_up,
    pool_unknown,
    pool_offline,
    pool_ready
  };
  struct Item {
    Step step;
    NodeId node;
    std::uint32_t epoch;
  };

  void die(NodeId node, bool machine, bool loses_data);
  void come_back(NodeId node, bool loses_data);
  void begin_lost(NodeId node);
  void set_pool(NodeId node, PoolStatus status);
  void lock(NodeId node, bool locked);
  static bool runs(const PodRecord& pod);
  bool is_current(const Item& item) const;
  Task<> mark(NodeId node, bool ready);
  Task<> drain(NodeId node, std::optional<Duration> lasts);
  void evict_next(TimePoint now);
  Task<> evict_pods(NodeId node);
  Task<> make_again(PodId pod);
  Task<> drain_pod(PodId pod);
  Task<> give_up_replicas(NodeId node);
  Task<> replace(PodId pod, NodeId lost);
  Task<> rebuild(PodId pod, Bytes bytes);
  Duration eviction_gap() const;
  bool has_data_on(const PodRecord& pod, NodeId node) const;

  ControlPlane& plane_;
  Cluster& cluster_;
  std::uint64_t seed_;
  TimedQueue<Item> node_agenda_;
  TimedQueue<Item> pool_agenda_;
  ApiClient client_;
  RandomStream peers_;
  std::deque<Item> to_evict_;  // nodes whose turn is to come
  bool is_evicting_ = false;
  std::size_t nodes_not_ready_ = 0;
};

}  // namespace orrery::control
