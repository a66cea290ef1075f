// Checks a file that people write without running anything: a scenario, a profile or a list of
// validation entries.
#pragma once

#include <string>
#include <vector>

namespace orrery {

struct LintResult {
  std::string file;
  std::string finding;             // "scenario 'x', ok"
  std::vector<std::string> notes;  // keys that change nothing
};

// The kind of the file is told by its keys. Throws InputError. What a scenario compares is loaded
// as well, and every one of its `variants`.
LintResult lint(const std::string& file_or_name);

}  // namespace orrery
