// Which rack a server stands in.
#pragma once

#include <cstddef>
#include <cstdint>

#include "scenarios/text/text_node.hpp"

namespace orrery {

struct Scenario;

// The rack of the index-th of `servers` spread over `racks`.
std::size_t rack_for(std::size_t index, std::int64_t servers, std::int64_t racks);

// Decides how many racks a scenario's servers take where it does not say. Throws InputError where
// they do not fit.
void place_in_racks(const TextNode& root, Scenario& scenario);

}  // namespace orrery
