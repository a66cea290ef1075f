#include "sim/assert.hpp"

namespace orrery {

void invariant_broken(const char* component, const char* what) {
  throw InvariantError(std::string("invariant broken in ") + component + ": " + what);
}

}  // namespace orrery
