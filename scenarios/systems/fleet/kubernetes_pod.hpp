// A Pod of what kubectl prints, as kube-scheduler sees it: what it requests and which nodes it
// wants.
#pragma once

#include <string>

#include "models/control/objects.hpp"
#include "scenarios/systems/fleet/kubernetes_claims.hpp"
#include "scenarios/systems/fleet/kubernetes_node.hpp"

namespace orrery::kubectl {

// Why a pod is left out, and not broken; empty: it takes part.
std::string left_out_because(const TextNode& object);

// Its first user gets a claim's volume; the others share it. Throws BrokenObject, and has taken
// nothing then.
control::PodSpec pod_of(const TextNode& object, ResourceNames& resources, Claims& claims,
                        File& file);

}  // namespace orrery::kubectl
