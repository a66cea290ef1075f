#include "analysis/version.hpp"

namespace orrery {

// Every commit recompiles this file and nothing else.
const char* const kProgramVersion = ORRERY_VERSION;

}  // namespace orrery
