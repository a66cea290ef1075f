// EBS: compute servers, block servers and chunk servers.
#pragma once

#include "scenarios/systems/system_kind.hpp"

namespace orrery {

const SystemKind& ebs_system();

}  // namespace orrery
