// The section `faults` of a scenario, and the key `inject`.
#pragma once

#include "scenarios/text/text_node.hpp"

namespace orrery {

struct Scenario;

// Reads both; faults that `inject` leaves out are checked on their own and kept in the document
// only. Throws InputError for names that do not exist, faults that contradict each other, and
// servers that nothing can reach from the start.
void load_faults(const TextNode& root, Scenario& scenario);

}  // namespace orrery
