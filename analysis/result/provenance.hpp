// What every summary says of itself: where its numbers come from, and which invariants held.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "scenarios/scenario.hpp"

namespace orrery {

// Version, seed, a hash of the resolved scenario, events of the calendar, and every parameter with
// kind and source.
nlohmann::ordered_json provenance_of(const Scenario& seeded, std::uint64_t events);

// Adds the verdict on one invariant: what it says, and the first few of those that break it.
void add_check(nlohmann::ordered_json& checks, std::string name,
               const std::vector<std::string>& broken, std::string detail);

}  // namespace orrery
