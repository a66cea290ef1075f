// Which program this is: "0.1.0" for a release, "0.1.0+gabc1234" between releases, ".dirty" with
// changed code.
#pragma once

namespace orrery {

extern const char* const kProgramVersion;

// A hash of what decides about results: the program's sources, its compiler and flags. Two programs
// with one hash give the same results, whatever their version says and wherever they lie.
extern const char* const kProgramHash;

}  // namespace orrery
