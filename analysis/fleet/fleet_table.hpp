// Fleets for people: one, or several side by side.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "analysis/terminal/terminal.hpp"
#include "scenarios/scenario.hpp"

namespace orrery {

struct FleetColumn {
  std::string label;
  const nlohmann::ordered_json* summary;
};

// Head, figures, what is stranded, what the waiting wait for, scheduling, failures, notes, broken
// checks. Rows that say nothing in any column are left out.
std::string fleet_table(const Scenario& scenario, const std::vector<FleetColumn>& columns,
                        const Terminal& terminal);

// How one pod was scheduled, from `explanation` of a summary.
std::string explanation_text(const nlohmann::ordered_json& summary, const std::string& pod,
                             const Terminal& terminal);

}  // namespace orrery
