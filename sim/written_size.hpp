// Sizes as people write them: 4KiB, 100GiB, 1500B.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/units.hpp"

namespace orrery {

struct SizeUnit {
  std::string_view name;
  std::int64_t bytes;
};
inline constexpr std::array<SizeUnit, 10> kSizeUnits = {{
    {"B", 1},
    {"KiB", 1LL << 10},
    {"MiB", 1LL << 20},
    {"GiB", 1LL << 30},
    {"TiB", 1LL << 40},
    {"PiB", 1LL << 50},
    {"KB", 1'000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
    {"TB", 1'000'000'000'000},
}};

// In the unit that divides the size and leaves the fewest digits.
std::string written_size(Bytes size);

}  // namespace orrery
