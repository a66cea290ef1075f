// LiteIO's controller of pools: what it makes of their agents' leases, and pools that are locked.
//
// Heartbeats of healthy agents are no events: a phase and a period say how old a lease is at any
// time, and when an agent dies, the moments at which that is noticed follow.
//
//   unknown   first reconcile of the pool (every 5 min, each at a phase of its own) at a lease
//             older than 3 min: uniform over 3 to 8 min after the last heartbeat
//   offline   first reconcile at a lease older than 24 h
//   ready     first reconcile at a fresh lease; locked, if its node is
//
// Until then volumes are still sent there. Source: LiteIO (2a31a1b), pool_reconciler.go.
#pragma once

#include <cstdint>

#include "models/control/fleet/cluster_events.hpp"
#include "models/control/fleet/fleet_context.hpp"
#include "models/control/fleet/timed_queue.hpp"

namespace orrery::control {

class PoolController {
 public:
  PoolController(FleetContext& context, ClusterEvents& events);
  void start();

  // An agent died, now or, if nobody has to notice any more, before the run; or is back.
  void agent_has_died(NodeId node);
  void agent_was_lost(NodeId node);
  void agent_is_back(NodeId node);
  // Label lite.io/lock-node: no new volumes. Locks add up.
  void lock(NodeId node, bool locked);

  // The first reconcile that finds the lease of an agent that died then older than that, and the
  // first that finds a fresh one of an agent that started at `back`.
  TimePoint lost_at(const NodeRecord& node, TimePoint died, Duration threshold) const;
  TimePoint back_at(const NodeRecord& node, TimePoint back) const;

 private:
  struct Item {
    PoolStatus status;  // that it should have
    NodeId node;
    std::uint32_t epoch;
  };
  void reconcile(const Item& item);
  void set(NodeId node, PoolStatus status);

  FleetContext& context_;
  Cluster& cluster_;
  ClusterEvents& events_;
  TimedQueue<Item> agenda_;
};

}  // namespace orrery::control
