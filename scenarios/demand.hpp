// Who wants to run on a fleet: generators, traces and Kubernetes' own YAML, turned into nodes, classes and pods.
#pragma once

#include <cstdint>

#include "models/control/objects.hpp"
#include "scenarios/files.hpp"
#include "scenarios/fleet_spec.hpp"
#include "scenarios/text_node.hpp"

namespace orrery {

struct LoadedDemand {
  control::Demand demand;
  InputReport input;
  TextNode
      resolved;  // a mapping with the sections it was read from, every default written out; loads again to the same demand
};

// Reads the sections `nodes`, `storage_classes` and `demand` of a scenario. Files are named relative to the scenario's. Throws
// InputError.
LoadedDemand load_demand(const TextNode& root, const FileReader& read, std::uint64_t seed,
                         Duration runtime);

}  // namespace orrery
