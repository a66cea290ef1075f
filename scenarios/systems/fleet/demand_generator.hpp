// Sources of demand that are generators: `generator: dlrm` and `generator: uniform`, whose pods
// models/control/demand draws.
#pragma once

#include <cstdint>

#include "scenarios/systems/fleet/demand_draft.hpp"

namespace orrery {

// `source` gets the values that follow from others (`over`, `per_hour`). `storage_class` is the
// index of its class. Throws InputError.
void generate_pods(DemandSource& source, std::uint32_t storage_class, std::uint64_t seed,
                   std::size_t index, Duration runtime, DemandDraft& draft);

}  // namespace orrery
