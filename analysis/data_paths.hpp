// Where the program finds its scenarios and profiles.
//
// The data directory holds scenarios/library, scenarios/profiles and scenarios/validation. It is
// $ORRERY_DATA, else the source tree the program was built from, else what was installed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace orrery {

// Throws InputError when $ORRERY_DATA names no such directory, Failure when there is none at all.
std::string data_directory();

std::string library_directory();
std::string profile_directory();
std::string validation_directory();

// Names of the scenarios in the library, sorted.
std::vector<std::string> library_names();

// The file meant by a path or by a name from the library; an existing file wins. Throws InputError
// with the nearest name.
std::string scenario_file(const std::string& path_or_name);

// The profile directories for a scenario file: `profiles/` beside it, then the data directory's.
std::vector<std::string> profile_directories(const std::string& scenario_file);

}  // namespace orrery
