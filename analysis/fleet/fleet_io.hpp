// A moment of a fleet handed to the I/O path: the fleet is run until then, a sample of its nodes
// becomes a scenario of system `pool`, and that is run. So the latency of remote disks under a
// placement is simulated, not assumed.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "analysis/experiment/processes.hpp"
#include "analysis/fleet/fleet_io_sample.hpp"
#include "analysis/loading.hpp"
#include "analysis/terminal/terminal.hpp"

namespace orrery {

struct FleetIoPlan {
  std::string at;  // a duration; empty: the fleet's end
  std::int64_t nodes = 8;
  SampleLoad load;
  std::optional<std::string> directory;  // io.yaml is written there
};

// `fleet`: what it was taken from; `sample`: nodes, volumes, what was left out; `io`: the summary
// of the run; `checks`: of both. Throws InputError for what cannot be handed over, Failure when a
// run fails.
nlohmann::ordered_json run_fleet_io(const LoadedScenario& fleet, const FleetIoPlan& plan,
                                    const ReportProgress& progress);

// The same for people.
std::string fleet_io_text(const nlohmann::ordered_json& result, const Terminal& terminal);

}  // namespace orrery
