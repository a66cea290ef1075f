// What the cache in front of a slower volume is told (tiered_volume.hpp).
#pragma once

#include <cstdint>

#include "sim/params.hpp"
#include "sim/units.hpp"

namespace orrery {

struct TierProfile {
  Bytes capacity;   // of the cache
  Bytes line_size;  // whole blocks of it count
  double dirty_high = 0, dirty_low = 0;
  std::int64_t promote_after = 0;
  Bytes flush_run;
  std::int64_t flush_depth = 0;

  static const Declarations& declarations();
};

}  // namespace orrery
