// The section `applications` of a scenario.
#pragma once

#include <string>

#include "scenarios/profiles.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/text/text_node.hpp"

namespace orrery {

class Cpu;
class System;

// The error of a job or an application whose `filename` is of no volume.
InputError no_such_volume(SourceMark mark, const std::string& pattern,
                          const std::vector<std::string>& volumes);

// The profile of an application's engine: its own, or the kind's.
std::string engine_profile(const ApplicationSpec& application);

// Fetches the engines' profiles, before the applications themselves are bound. Throws InputError.
void use_application_profiles(const TextNode& root, ProfileLibrary& library, Scenario& scenario);
// Binds and checks the applications of a scenario whose volumes are known. Throws InputError.
void load_applications(const TextNode& root, Scenario& scenario);

// Fetches the profile a key names, checks that it is one of the model wanted, and applies the scenario's overrides.
void use_profile(const TextNode& root, ProfileLibrary& library, Scenario& scenario,
                 const std::string& name, std::string_view model, SourceMark reference);

// The cores of the machine on which a volume's application runs; none where that machine is a guest, whose cores are its own.
Cpu* host_cpu_of(System& system, const Scenario& scenario, const std::string& volume);

}  // namespace orrery
