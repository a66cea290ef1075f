// Whose results a directory holds, before they are replaced.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace orrery {

// What a command leaves in a directory about many runs: a file of JSON that says of which scenario
// it is and has a list under a key of its own, and others of the same.
struct ResultFiles {
  std::string command;
  std::string json;
  std::string list;  // the key
  std::vector<std::string> others;
};

// Throws InputError when one of the files is somebody else's or of another scenario, Failure when
// it cannot be read. Empty ones hold nothing that could be lost.
void check_held(const std::string& directory, const ResultFiles& files,
                const std::string& scenario);

// No more than is needed to tell that there are more than `most` bytes; nothing where there is no
// file, or something else, which ensure_writable refuses. Throws Failure.
std::optional<std::string> held_text(const std::string& path, std::size_t most = 8 << 20);

}  // namespace orrery
