// One run's result for people: figures per job, where the time goes, what was busy, what to doubt.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "analysis/terminal.hpp"
#include "scenarios/scenario.hpp"

namespace orrery {

std::string run_table(const Scenario& scenario, const nlohmann::ordered_json& summary,
                      const Terminal& terminal);

// What the jobs ask for, one line per job: "mix: randrw 20 % reads, 4 KiB, ...".
std::string load_text(const nlohmann::ordered_json& summary);

// The scenario in one line: servers, volumes, stacks, agent.
std::string setting_text(const Scenario& scenario, const nlohmann::ordered_json& summary);

}  // namespace orrery
