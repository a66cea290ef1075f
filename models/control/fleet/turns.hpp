// Things that are done every so often, as instants first + k * period: which one comes next is
// computed, those in between are no events.
#pragma once

#include <cstdint>

#include "sim/units.hpp"

namespace orrery::control {

// The first instant later than `when`; k >= 0.
inline TimePoint next_turn(TimePoint first, Duration period, TimePoint when) {
  if (when < first) return first;
  std::int64_t passed = 0;
  const std::int64_t turns = (when - first) / period + 1;
  if (__builtin_mul_overflow(period.count(), turns, &passed)) return kNever;
  return after(first, Duration{passed});
}

// The last one that is not later, though it lie before the first.
inline TimePoint last_turn(TimePoint first, Duration period, TimePoint when) {
  return after(next_turn(first, period, when), -period);
}

}  // namespace orrery::control
