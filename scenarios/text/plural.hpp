// Counted things: 1 server, 2 servers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace orrery {

inline std::string plural(std::int64_t count, std::string_view thing) {
  return std::to_string(count) + " " + std::string(thing) + (count == 1 ? "" : "s");
}

}  // namespace orrery
