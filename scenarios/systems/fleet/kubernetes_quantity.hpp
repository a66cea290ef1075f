// Kubernetes' quantities: 104, 103500m, 0.5, 768Gi, 46080G, 3840e9.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace orrery {

// The quantity in whole thousandths or whole units, rounded up as Kubernetes does. Nothing for what
// is no quantity, is negative or has more than 9.2e15 units.
std::optional<std::int64_t> quantity_in_millis(std::string_view text);
std::optional<std::int64_t> quantity_in_units(std::string_view text);

}  // namespace orrery
