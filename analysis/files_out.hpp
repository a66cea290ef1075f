// Files written whole or not at all.
#pragma once

#include <string>
#include <string_view>

namespace orrery {

// Writes beside the file and renames: readers see the old contents or the new ones. Throws Failure with the path and the reason;
// what was there before is then untouched.
void write_file(const std::string& path, std::string_view contents);

// Creates the directory if there is none and tries to write into it. Throws Failure with the reason.
void ensure_writable(const std::string& directory);

}  // namespace orrery
