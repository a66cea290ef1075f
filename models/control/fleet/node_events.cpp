// An event from its time to its end.
#include "models/control/fleet/node_events.hpp"

namespace orrery::control {

NodeEvents::NodeEvents(FleetContext& context, NodeController& nodes, PoolController& pools,
                       Drains& drains)
    : context_(context), nodes_(nodes), pools_(pools), drains_(drains) {}

Task<> NodeEvents::happen(NodeEvent event) {
  co_await Delay(context_.calendar, after(kStart, event.at));
  switch (event.kind) {
    case NodeEvent::Kind::drain: {
      co_await drains_.drain(event.node, event.lasts);
      co_return;
    }
    case NodeEvent::Kind::lock:
      co_await Delay(context_.calendar, context_.watch_delay);
      pools_.lock(event.node, true);
      if (!event.lasts) co_return;
      co_await Delay(context_.calendar, *event.lasts);
      pools_.lock(event.node, false);
      co_return;
    default: break;
  }
  const bool machine = event.kind == NodeEvent::Kind::dead;
  const NodeRecord& node = context_.cluster.nodes[event.node];
  if (machine ? !node.alive : !node.agent_alive) co_return;  // it cannot die twice
  nodes_.die(event.node, machine, event.loses_data && machine);
  const std::uint32_t epoch = node.epoch;
  if (!event.lasts) co_return;
  co_await Delay(context_.calendar, *event.lasts);
  if (node.epoch != epoch) co_return;  // its machine died after its agent
  nodes_.come_back(event.node, event.loses_data && machine);
}

}  // namespace orrery::control
