// What a run is told besides its scenario.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace orrery {

struct RunOptions {
  std::optional<std::uint64_t> seed;              // instead of the scenario's
  std::function<void(double fraction)> progress;  // of simulated time; changes no result
};

}  // namespace orrery
