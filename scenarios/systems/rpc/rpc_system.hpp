// RPC pairs: messages between servers, without storage.
#pragma once

#include "scenarios/systems/system_kind.hpp"

namespace orrery {

const SystemKind& rpc_system();

}  // namespace orrery
