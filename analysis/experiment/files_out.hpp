// Files written whole or not at all.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orrery {

// Writes beside the file and renames: readers see the old contents or the new ones. Throws Failure
// with the path and the reason; what was there before is then untouched.
void write_file(const std::string& path, std::string_view contents);

// The same of files (name and contents) that belong together: all are written beside before the
// first is renamed, so that a full disk leaves the old ones.
void write_files(const std::string& directory,
                 const std::vector<std::pair<std::string, std::string>>& files);

// Creates the directory if there is none and tries to write into it. Throws Failure with the
// reason, also when what is going to be written there is something else than a file now.
void ensure_writable(const std::string& directory, const std::vector<std::string>& files = {});

// Whether write_file could write there, before long work whose result would be lost. Throws Failure
// with the reason.
void ensure_file_writable(const std::string& path);

}  // namespace orrery
