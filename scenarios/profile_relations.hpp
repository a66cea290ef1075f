// What parameters must be to each other, where limits of their own are not enough for a run to end.
#pragma once

#include "scenarios/scenario.hpp"
#include "scenarios/text/text_node.hpp"

namespace orrery {

// Of all profiles that a scenario uses. Throws InputError where the last of the two was given.
void check_relations(const TextNode& root, const Scenario& scenario);

}  // namespace orrery
