// Bare devices: jobs straight on SSDs, without a network.
#pragma once

#include "scenarios/systems/system_kind.hpp"

namespace orrery {

const SystemKind& device_system();

}  // namespace orrery
