// What applications of a run did, for people: operations, where their time goes, and how the engine
// fared.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "analysis/terminal/terminal.hpp"

namespace orrery {

// Empty without applications.
std::string figures_of_applications(const nlohmann::ordered_json& summary,
                                    const Terminal& terminal);
std::string stages_of_applications(const nlohmann::ordered_json& summary, const Terminal& terminal);

// A line per application: how it is loaded.
std::string application_load_lines(const nlohmann::ordered_json& summary, const Terminal& terminal);

}  // namespace orrery
