// A pool: servers with storage engines that share their SSDs.
#pragma once

#include "scenarios/systems/system_kind.hpp"

namespace orrery {

const SystemKind& pool_system();

}  // namespace orrery
