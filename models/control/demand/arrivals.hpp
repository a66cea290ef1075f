// When pods come.
//
//   poisson      in a span: so many pods, each at any time in it (a Poisson process of which the
//                count is known); at a rate: gaps drawn from the exponential distribution, until
//                `pods` have come or the run ends
//   deployments  apps of `app_size` pods come as above; an app's pods follow one another at 179 a
//                minute, the most that the trace gpu-v2025 has
//   at_once      all of them at `at`
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/random.hpp"
#include "sim/units.hpp"

namespace orrery::control {

struct Arrivals {
  enum class Kind : std::uint8_t { poisson, deployments, at_once };
  Kind kind = Kind::poisson;
  std::optional<std::int64_t> pods = {};  // none, with a rate: as many as come until the run ends
  Duration at{};                          // when the first may come
  std::optional<Duration> over = {};      // the span; none: they come at the rate
  double per_second = 0;                  // of pods
  std::int64_t app_size = 1;
};

// In order of their apps; one more than `most` if there are more. A time that the clock does not
// hold is its last.
std::vector<Duration> draw_arrivals(const Arrivals& arrivals, RandomStream random, Duration runtime,
                                    std::int64_t most);

}  // namespace orrery::control
