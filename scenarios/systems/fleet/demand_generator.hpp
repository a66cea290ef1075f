// Pods that nobody wrote down: `generator: dlrm` (scenarios/dlrm_mix.hpp) and `generator: uniform`.
//
// Arrivals, sizes and lifetimes are drawn from streams of their own ("demand/<index>/sizes"), so
// that the same pods come at other times, or larger ones at the same times.
//
//   poisson      with `over`: so many pods, each at any time in the span (a Poisson process of
//                which the count is known); with a rate: gaps drawn from the exponential
//                distribution, until `pods` have come or the run ends
//   deployments  apps of `app_size` pods come as above; an app's pods follow one another at 179 a
//                minute, the most that the trace has
//   at_once      all of them at `at`
#pragma once

#include <cstdint>

#include "scenarios/systems/fleet/demand_draft.hpp"

namespace orrery {

// `source` gets the values that follow from others (`over`, `per_hour`). `storage_class` is the
// index of its class. Throws InputError.
void generate_pods(DemandSource& source, std::uint32_t storage_class, std::uint64_t seed,
                   std::size_t index, Duration runtime, DemandDraft& draft);

}  // namespace orrery
