// Options that every command which loads one scenario has.
#pragma once

#include "analysis/loading.hpp"

namespace CLI {
class App;
}

namespace orrery {

void add_scenario_options(CLI::App& command, ScenarioRequest& request);

}  // namespace orrery
