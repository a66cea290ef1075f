// All kinds of systems.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/systems/system_kind.hpp"

namespace orrery {

std::span<const SystemKind* const> all_systems();
std::vector<std::string> system_names();
// One of the names.
const SystemKind& system_kind(std::string_view name);

}  // namespace orrery
