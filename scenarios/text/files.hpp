// The two doors through which loaders reach files, as functions: on disk in the program, in memory in tests.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace orrery {

// The contents of a file, or nothing when there is no such file. Throws std::system_error when there is one that cannot be read.
using FileReader = std::function<std::optional<std::string>(const std::string& path)>;

// The names (without directory) of the files in a directory, sorted; none when there is no such directory.
using DirectoryLister = std::function<std::vector<std::string>(const std::string& directory)>;

FileReader disk_reader();
DirectoryLister disk_lister();

}  // namespace orrery
