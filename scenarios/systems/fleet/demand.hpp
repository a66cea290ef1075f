// Who wants to run on a fleet: generators, traces and Kubernetes' own YAML, turned into nodes,
// classes and pods.
#pragma once

#include <cstdint>

#include "models/control/objects.hpp"
#include "scenarios/systems/fleet/demand_spec.hpp"
#include "scenarios/systems/fleet/input_report.hpp"
#include "scenarios/text/files.hpp"
#include "scenarios/text/text_node.hpp"

namespace orrery {

struct LoadedDemand {
  control::Demand demand;
  InputReport input;
  TextNode
      // A mapping with the sections it was read from, every default written out; loads again to the
      // same demand.
      resolved;
};

// Reads the sections `nodes`, `storage_classes` and `demand` of a scenario
// (scenarios/demand_spec.hpp). Files are named relative to the scenario's; with a lister, the error
// for a missing one names the nearest. In `resolved` they have their whole path and the digest that
// they must keep. Throws InputError.
LoadedDemand load_demand(const TextNode& root, const FileReader& read, std::uint64_t seed,
                         Duration runtime, const DirectoryLister& list = {});

}  // namespace orrery
