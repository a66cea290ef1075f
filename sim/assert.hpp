// Broken invariants end the run with the name of the component and the simulated time. They stay on
// in release builds: a number from a simulator that has lost count of itself is worse than no
// number.
#pragma once

#include <stdexcept>
#include <string>

namespace orrery {

class InvariantError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// For the failing side of a check; never returns.
[[noreturn]] void invariant_broken(const char* component, const char* what);

}  // namespace orrery

#define ORRERY_INVARIANT(condition, component, what)   \
  do {                                                 \
    if (!(condition)) [[unlikely]]                     \
      ::orrery::invariant_broken((component), (what)); \
  } while (false)
