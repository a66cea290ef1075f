// The platform of a fleet: a host and a link per node.
#include "models/control/fleet/node_links.hpp"

namespace orrery::control {

PlatformSpec fleet_platform(const Demand& demand, const LiteioProfile& liteio) {
  PlatformSpec platform;
  for (const NodeSpec& node : demand.nodes)
    platform.hosts.push_back({node.name, {liteio.node_network, Duration{}, liteio.copy_rate}});
  return platform;
}

NodeLinks::NodeLinks(Simulation& simulation, const Demand& demand) : flows_(simulation) {
  for (const NodeSpec& node : demand.nodes) hosts_.push_back(flows_.host(node.name));
}

}  // namespace orrery::control
