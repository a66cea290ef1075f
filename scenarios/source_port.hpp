// Source ports are ephemeral and follow from who talks to whom, so that another architecture or
// another seed elsewhere does not move them.
#pragma once

#include <cstdint>
#include <string>

#include "sim/random.hpp"

namespace orrery {

inline std::uint16_t source_port(std::uint64_t seed, const std::string& from,
                                 const std::string& to) {
  return static_cast<std::uint16_t>(49152 + hash_of(seed, from + "->" + to) % 16000);
}

}  // namespace orrery
