// The network between the nodes of a fleet, which carries copies only: a link per node, shared by
// all that go over it, none of them faster than one copy is made.
#pragma once

#include <vector>

#include "models/control/objects.hpp"
#include "models/control/profile.hpp"
#include "sim/flows.hpp"
#include "sim/simulation.hpp"

namespace orrery::control {

// A host per node.
PlatformSpec fleet_platform(const Demand& demand, const LiteioProfile& liteio);

class NodeLinks {
 public:
  // Of a simulation on that platform, which outlives it.
  NodeLinks(Simulation& simulation, const Demand& demand);

  // At least one byte, from the disk of one node to that of another.
  Flows::Carry carry(NodeId from, NodeId to, Bytes bytes) {
    return Flows::Carry(flows_, hosts_[from], hosts_[to], bytes);
  }

 private:
  Flows flows_;
  std::vector<Flows::Host> hosts_;
};

}  // namespace orrery::control
