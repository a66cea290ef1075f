// A fleet: the control plane of a pool, without its I/O.
#pragma once

#include "scenarios/systems/system_kind.hpp"

namespace orrery {

const SystemKind& fleet_system();

}  // namespace orrery
