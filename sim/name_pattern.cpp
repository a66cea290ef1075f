#include "sim/name_pattern.hpp"

#include <fnmatch.h>

namespace orrery {

bool matches(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

}  // namespace orrery
