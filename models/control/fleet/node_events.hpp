// What happens to nodes at a time of a run: machines and agents die and come back, nodes are
// drained and locked.
#pragma once

#include "models/control/fleet/fleet_context.hpp"
#include "models/control/fleet/node_event.hpp"
#include "models/control/kubernetes/drains.hpp"
#include "models/control/kubernetes/node_controller.hpp"
#include "models/control/liteio/pool_controller.hpp"

namespace orrery::control {

class NodeEvents {
 public:
  NodeEvents(FleetContext& context, NodeController& nodes, PoolController& pools, Drains& drains);

  // An event, at its time, up to its end.
  Task<> happen(NodeEvent event);

 private:
  FleetContext& context_;
  NodeController& nodes_;
  PoolController& pools_;
  Drains& drains_;
};

}  // namespace orrery::control
