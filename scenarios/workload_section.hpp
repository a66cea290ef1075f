// The section `workload` of a scenario.
#pragma once

#include <string>
#include <vector>

#include "scenarios/text/text_node.hpp"

namespace orrery {

struct Scenario;

// Binds and checks the jobs of a scenario whose volumes are known. Throws InputError.
void load_workload(const TextNode& root, Scenario& scenario);

// The error of a job or an application whose `filename` is of no volume.
InputError no_such_volume(SourceMark mark, const std::string& pattern,
                          const std::vector<std::string>& volumes);

}  // namespace orrery
