// One run of a scenario with I/O: jobs and applications on volumes, faults and operations while
// they run, and what came of it.
//
// The summary has fio's form per job and direction, and beside it stages, stations, ports, checks
// and provenance.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "analysis/run/run_options.hpp"
#include "scenarios/scenario.hpp"

namespace orrery {

nlohmann::ordered_json run_io(const Scenario& scenario, const RunOptions& options);

}  // namespace orrery
