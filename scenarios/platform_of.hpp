// The platform SimGrid computes bulk transfers on, derived from a scenario's own topology.
//
// A rack is a zone; a server's NIC pair and a rack's uplinks are bundled into one split-duplex link
// each, with the bandwidth of all and the latency of one. The fabric stays the owner of topology,
// routes and failures.
#pragma once

#include "scenarios/scenario.hpp"
#include "sim/platform.hpp"

namespace orrery {

PlatformSpec platform_of(const Scenario& scenario);

}  // namespace orrery
