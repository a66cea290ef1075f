// One run of one scenario, from the checked structure to its summary.
//
// The summary is what summary.json holds (analysis/run/io_run.hpp, analysis/fleet/fleet_run.hpp).
// It has no wall-clock time in it: the same scenario and seed give the same bytes.
//
// SimGrid's engine is one per process, so this is called once per process.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "analysis/run/run_options.hpp"
#include "scenarios/scenario.hpp"

namespace orrery {

nlohmann::ordered_json run_scenario(const Scenario& scenario, const RunOptions& options);

}  // namespace orrery
