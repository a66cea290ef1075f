// One run's result for people: figures per job, where the time goes, what was busy, what to doubt.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "analysis/terminal/terminal.hpp"
#include "scenarios/scenario.hpp"

namespace orrery {

// Of a system with I/O (analysis/subjects.hpp has the tables of others).
std::string run_table(const Scenario& scenario, const nlohmann::ordered_json& summary,
                      const Terminal& terminal);

// Parts of it that other tables have too.

// What each job did in each direction: IOPS, bandwidth, latencies; what is saturated, failed or
// hung in lines below.
std::string figures_of_jobs(const nlohmann::ordered_json& summary, const Terminal& terminal);

// Name and title of the scenario.
std::string heading_of(const Scenario& scenario, const Terminal& terminal);

// What was built, by name: servers, stacks, where the agent runs, seed.
using Settings = std::vector<std::pair<std::string, std::string>>;
Settings settings_of(const Scenario& scenario, const nlohmann::ordered_json& summary);
// One of them within a line of several.
std::string setting_text(const std::string& name, const std::string& value, bool is_first);

// What each job asks for, in fio's words, a line per job.
std::string load_lines(const nlohmann::ordered_json& summary, const Terminal& terminal);

}  // namespace orrery
