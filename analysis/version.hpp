// Which program this is: "0.1.0" for a release, "0.1.0+gabc1234" between releases, ".dirty" with changed code.
#pragma once

namespace orrery {

extern const char* const kProgramVersion;

}  // namespace orrery
