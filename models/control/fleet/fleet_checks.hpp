// What must hold of any fleet at the end of its run: every byte of a pool is free, reserved or a
// volume's, and nobody was forgotten.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/control/fleet/fleet_context.hpp"
#include "models/control/liteio/volume_migration.hpp"

namespace orrery::control {

struct FleetCheck {
  std::string_view name;
  std::string_view claim;
  std::vector<std::string> broken;  // for whom it does not hold: nodes by name
};

std::vector<FleetCheck> checks_of(const FleetContext& context, const VolumeMigrations& migrations);

}  // namespace orrery::control
