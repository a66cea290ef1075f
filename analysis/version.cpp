#include "analysis/version.hpp"

namespace orrery {

// Every commit recompiles this file and nothing else.
const char* const kProgramVersion = ORRERY_VERSION;
const char* const kProgramHash = ORRERY_PROGRAM_HASH;

}  // namespace orrery
