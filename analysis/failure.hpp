// Failures that are nobody's input: a full disk, a directory that cannot be written, a process that
// died.
//
// `main` prints what() and exits with 3. What had been written before stays.
#pragma once

#include <stdexcept>
#include <string>

namespace orrery {

class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Exit codes of the program.
enum ExitCode : int { kFine = 0, kCheckFailed = 1, kBadInput = 2, kInternalError = 3 };

}  // namespace orrery
