// Where a volume goes that is to migrate and is told no destination: by the rules by which volumes
// are placed (pool_choice.hpp), as the pools are at that moment. Its present engine is out of the
// question, and so is one that does not run.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "models/pool/pool_choice.hpp"
#include "models/pool/pooled_volume.hpp"

namespace orrery {

// One of the engines, the first of equal ones. `attached`: all volumes of all hosts.
std::optional<std::size_t> migration_target(const std::vector<StorageEngine*>& engines,
                                            const std::vector<PooledVolume*>& attached,
                                            PooledVolume& volume, const SharingLimits& limits);

}  // namespace orrery
