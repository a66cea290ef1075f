// One run of a fleet: the control plane of a cluster over weeks, and how it stands in the end.
//
// The summary has `fleet` where other systems have jobs: utilisation, what is stranded and why,
// pods, volumes, scheduling, what followed from dead nodes, migrations. Times are in seconds.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "analysis/run/run_options.hpp"
#include "scenarios/scenario.hpp"

namespace orrery {

// What else a run should tell.
struct FleetQuestions {
  std::string explain;            // a pod: `explanation` says how it was scheduled
  bool wants_volumes = false;     // `placement` lists every volume, its pool, its host and its size
  std::optional<Duration> until;  // the run is stopped here, before its end
};

nlohmann::ordered_json run_fleet(const Scenario& scenario, const RunOptions& options,
                                 const FleetQuestions& questions = {});

}  // namespace orrery
