// How a fleet stands at one moment: what is free but of no use, how far one node's death reaches,
// and what those that wait wait for.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "models/control/fleet/control_plane.hpp"

namespace orrery {

// Free CPU, memory and disk, as shares of what there is, by what keeps a pod of median size from
// using it. With pooled disks, what is free on a node whose CPU is exhausted can still be used from
// elsewhere, up to the limits on remote volumes.
nlohmann::ordered_json stranded_of(control::ControlPlane& plane);

// Over all nodes: how many nodes feel one node's death, itself included, and how many pods lose
// volumes.
nlohmann::ordered_json blast_radius_of(control::ControlPlane& plane);

// Pods and volumes that wait, by the one thing without which they would find a place; `several`
// where it takes more than one.
nlohmann::ordered_json limits_of_waiting(control::ControlPlane& plane);

}  // namespace orrery
