// LiteIO's agents: a node's logical volumes, their targets, and the free size that it reports.
//
// A volume that has its finalizer is made: logical volume, target if it needs one, status ready.
// Where the volume group has no room (over-committed) that fails; it is tried again five times at
// once, then every 30 s, and those tries that would fail again are not made. Free sizes that have
// changed are pushed every two minutes, each node at a phase of its own. An agent that is down does
// nothing until it is back. Source: LiteIO (2a31a1b), pkg/agent/sync.
#pragma once

#include "models/control/fleet/cluster_events.hpp"
#include "models/control/fleet/cluster_news.hpp"
#include "models/control/fleet/fleet_context.hpp"

namespace orrery::control {

class VolumeAgents {
 public:
  VolumeAgents(FleetContext& context, ClusterNews& news, ClusterEvents& events);

  Task<> create(VolumeId volume);
  Task<> remove(VolumeId volume);

  // A logical volume appears or goes; false: there is no room.
  bool take_lv(VolumeId volume);
  void give_lv(VolumeId volume);
  // Room that something else takes of a node's volume group, or gives back.
  void change_lv_free(NodeId node, std::int64_t by);

 private:
  Task<> report(NodeId node);
  void lv_changed(NodeId node);

  FleetContext& context_;
  Cluster& cluster_;
  ClusterNews& news_;
  ClusterEvents& events_;
  ApiClient client_;
};

}  // namespace orrery::control
