// The two doors through which loaders reach files, as functions: on disk in the program, in memory
// in tests.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace orrery {

// The contents of a file, or nothing when there is no such file. Of a file larger than `most` bytes
// it may give less than the whole, but always more than `most`, so that its size tells. Throws
// std::system_error when the file cannot be read.
using FileReader =
    std::function<std::optional<std::string>(const std::string& path, std::size_t most)>;

// The names (without directory) of the files in a directory, sorted; none when there is no such
// directory.
using DirectoryLister = std::function<std::vector<std::string>(const std::string& directory)>;

// Reads regular files, and pipes that the program was started with (`orrery run <(...)`), whose
// other end somebody holds. Directories, devices, sockets and named pipes are refused: they may
// have no end, or wait for one for ever.
FileReader disk_reader();
DirectoryLister disk_lister();

// Why an open file is no regular one; no error where it is.
std::error_code not_a_file(int descriptor);

}  // namespace orrery
