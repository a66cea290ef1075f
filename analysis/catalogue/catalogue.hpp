// What there is: models, stacks, profiles, scenarios and sections, every parameter with its unit,
// default, limits and source.
//
// All of it comes from the declarations that the parser uses and from the profiles it reads.
#pragma once

#include <string>

#include "analysis/terminal/terminal.hpp"

namespace orrery {

std::string list_overview(const Terminal& terminal);
std::string list_models(const Terminal& terminal);
std::string list_profiles(const Terminal& terminal);
std::string list_scenarios(const Terminal& terminal);

// Everything that has this name: a section of a scenario, a model, a stack, a profile, a scenario.
// Throws InputError with the nearest name.
std::string list_name(const std::string& name, const Terminal& terminal);

// The scenario reference: all sections, models and profiles as Markdown.
std::string reference_markdown();

// The JSON Schema of a scenario, for editors.
std::string scenario_schema_text();

}  // namespace orrery
