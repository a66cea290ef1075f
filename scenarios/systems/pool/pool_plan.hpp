// The volumes and operations that a scenario asks of its pools, read and planned.
//
// Where volumes lie and what may happen to them is decided in models/pool (pool_plan.hpp,
// operation_plan.hpp); what is wrong gets its place in the document here.
#pragma once

#include "scenarios/text/text_node.hpp"

namespace orrery {

struct Scenario;

// Reads `logical_volumes` and `operations` of a scenario whose other sections have been read, and
// fills both and the plan. Throws InputError for what cannot be.
void plan_pool(const TextNode& root, Scenario& scenario);

}  // namespace orrery
