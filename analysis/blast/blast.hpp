// What hurts most when it breaks: every component of a scenario fails in turn, each in a run of its
// own.
//
// The scenario's own faults are left out. Compute servers are never taken down: their volumes would
// fail with them, which says nothing about the network or the storage. What a case did is one flat
// object, a row of blast.csv; rows depend on scenario, seed and program alone.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/experiment/processes.hpp"
#include "analysis/terminal/terminal.hpp"
#include "models/faults/fault_targets.hpp"
#include "scenarios/scenario.hpp"

namespace orrery {

// A way to fail, of one type of component.
struct BlastKind {
  std::string_view fault;  // a kind of models/faults/fault.hpp
  Equipment::Kind component;
  std::string_view how;  // in words
  double share =
      1;  // loss: of the frames; blackhole: of the flows; slow_link: of the rate that is left
  bool is_default = true;  // tried when no kinds are asked for
};
const std::vector<BlastKind>& blast_kinds();

struct BlastPlan {
  std::optional<Duration> at;     // not given: default_begin
  std::optional<Duration> lasts;  // not given: for good
  std::vector<std::string> kinds;
  std::string among = "*";  // pattern of components' names
  std::int64_t pairs = 0;   // instead of single failures: so many double ones, drawn
};

// One failure, or two that begin at the same time.
struct BlastCase {
  std::vector<FaultSpec> faults;
  std::vector<Equipment::Kind> components;  // what each strikes
  std::string name() const;                 // "switch_down frontend/tor-0a"
};

// The end of the longest ramp; without ramps a fifth of the runtime.
Duration default_begin(const Scenario& scenario);
Duration end_of(const Scenario& scenario);

// In order of components, then of kinds. Throws InputError when the plan leaves nothing to break.
std::vector<BlastCase> blast_cases(const Scenario& scenario, const BlastPlan& plan);

// The scenario with these faults and no others.
Scenario with_faults(const Scenario& scenario, const std::vector<FaultSpec>& faults);

// What a case did, from the summary of its run.
nlohmann::ordered_json blast_row(const BlastCase& one, const nlohmann::ordered_json& summary);

// Whether it has what blast_row makes: what is read back from a file may be anything.
bool is_blast_row(const nlohmann::ordered_json& row);

// Runs cases in processes of their own. Rows in the order of the cases, null where a run broke.
struct BlastOutcome {
  std::vector<nlohmann::ordered_json> rows;
  std::vector<std::string> failures;
};
using BlastEnded = std::function<void(std::size_t number, const nlohmann::ordered_json& row)>;
BlastOutcome run_cases(const Scenario& scenario, const std::vector<BlastCase>& cases, int processes,
                       const ReportProgress& progress, const BlastEnded& ended);

// Worst first: hangs, failed I/Os, volumes, time to recover, worst latency; what is alike stays in
// order.
std::vector<nlohmann::ordered_json> ranked(std::vector<nlohmann::ordered_json> rows);

// The first `top` rows and a summary per kind of failure.
std::string blast_table(const Scenario& scenario, const BlastPlan& plan,
                        const std::vector<nlohmann::ordered_json>& ranked_rows, std::size_t top,
                        const Terminal& terminal);
nlohmann::ordered_json blast_json(const Scenario& scenario, const BlastPlan& plan,
                                  const std::vector<nlohmann::ordered_json>& ranked_rows);
std::string blast_csv(const std::vector<nlohmann::ordered_json>& ranked_rows);

}  // namespace orrery
