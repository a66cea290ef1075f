// What a summary says of pools: their space, what became of operations, attachments that lost
// contact, caches.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "analysis/terminal/terminal.hpp"
#include "scenarios/systems/pool/pool_operations.hpp"

namespace orrery {

// Adds `pools`, `operations`, `attachments` and `caches`.
void add_pool(nlohmann::ordered_json& summary, const PoolOperations& operations,
              PoolCluster& cluster);
// The same for people; empty where there is nothing to tell.
std::string pool_tables(const nlohmann::ordered_json& summary, const Terminal& terminal);

}  // namespace orrery
