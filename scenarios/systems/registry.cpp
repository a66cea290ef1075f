#include "scenarios/systems/registry.hpp"

#include <algorithm>
#include <array>

#include "scenarios/systems/device/device_system.hpp"
#include "scenarios/systems/ebs/ebs_system.hpp"
#include "scenarios/systems/fleet/fleet_system.hpp"
#include "scenarios/systems/pool/pool_system.hpp"
#include "scenarios/systems/rpc/rpc_system.hpp"
#include "sim/assert.hpp"

namespace orrery {

std::span<const SystemKind* const> all_systems() {
  static const std::array all = {
      &ebs_system(), &pool_system(), &rpc_system(), &device_system(), &fleet_system(),
  };
  return all;
}

std::vector<std::string> system_names() {
  std::vector<std::string> names;
  for (const SystemKind* kind : all_systems()) names.emplace_back(kind->name);
  return names;
}

const SystemKind& system_kind(std::string_view name) {
  const auto all = all_systems();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [name](const SystemKind* kind) { return kind->name == name; });
  ORRERY_INVARIANT(found != all.end(), "scenario", "no such kind of system");
  return **found;
}

}  // namespace orrery
