// The section `applications` of a scenario.
#pragma once

#include <string>

#include "scenarios/profiles.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/text/text_node.hpp"

namespace orrery {

// The profile of an application's engine: its own, or the kind's.
std::string engine_profile(const ApplicationSpec& application);

// Fetches the engines' profiles, before the applications themselves are bound. Throws InputError.
void use_application_profiles(const TextNode& root, ProfileLibrary& library, Scenario& scenario);
// Binds and checks the applications of a scenario whose volumes are known. Throws InputError.
void load_applications(const TextNode& root, Scenario& scenario);

}  // namespace orrery
