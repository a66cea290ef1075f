// What was read to make a fleet's demand, for its summary.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace orrery {

// What was noticed about the input: columns and kinds that nothing was made of, rows that could not
// be used.
struct InputReport {
  std::int64_t rows = 0;
  std::int64_t broken = 0;
  std::vector<std::string> notes;  // one line each, with their place; of broken rows the first few
};

}  // namespace orrery
