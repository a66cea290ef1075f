// Names as a shell's patterns name them.
#pragma once

#include <string>

namespace orrery {

// Whether a name is of a pattern in which * stands for any characters and ? for one, as in a shell.
bool matches(const std::string& pattern, const std::string& name);

}  // namespace orrery
