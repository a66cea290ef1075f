// The case of net_case.hpp in numbers, for ns-3's C++ of 2017 as well.
#pragma once

#include <cstddef>
#include <cstdint>

namespace orrery {
namespace net_case {
constexpr std::size_t kServers = 16;
constexpr std::size_t kPerRack = 4;
constexpr std::size_t kRacks = kServers / kPerRack;
constexpr std::int64_t kSpines = 2;
constexpr double kServerGbps = 25;
constexpr double kSpineGbps = 100;
constexpr std::int64_t kMessage = 4096;
constexpr std::int64_t kReply = 64;
// Messages per second and server that load a server's link by a tenth, replies and acknowledgements
// included.
constexpr double kTenth = 68e3;
}  // namespace net_case
}  // namespace orrery
