// Which unit was meant by another spelling of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/params.hpp"

namespace orrery {

// The unit that is written so elsewhere: Gbit/s is Gbps, m min, 4K 4k. Of the same size always:
// what may be bits as well as bytes (gb/s), milli as well as mega, or 1000 as well as 1024 is
// nothing.
std::optional<std::string> meant_unit(Quantity quantity, std::string_view name);

}  // namespace orrery
