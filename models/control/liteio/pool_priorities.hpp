// The priorities of LiteIO's volume scheduler: points for the pools that no filter has refused.
//
//   least_resource   int((total - free) / total * points): fuller pools first, against
//                    fragmentation. `free` is what the agent has reported, up to two minutes ago,
//                    not what the filters go by; more than all is all
//   position_advice  a bonus for a local pool if local is preferred, for remote ones if remote is
//
// Points are integers and are summed without weights. Source: LiteIO (2a31a1b),
// pkg/controller/manager/scheduler/priority; HPCA'24, Algorithm 1.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "models/control/liteio/volume_request.hpp"

namespace orrery::control {

class PoolPriority {
 public:
  virtual ~PoolPriority() = default;
  // Adds to the score of each pool; pools in ascending order.
  virtual void add(const PoolTable& table, const VolumeRequest& request, const VolumeLimits& limits,
                   std::span<const NodeId> pools, std::span<std::int32_t> scores) const = 0;
};

struct PoolPriorityEntry {
  std::string_view name;
  std::string_view help;
  std::unique_ptr<PoolPriority> (*make)();
};

std::span<const PoolPriorityEntry> all_pool_priorities();
// Null if there is none of that name.
const PoolPriorityEntry* find_pool_priority(std::string_view name);

}  // namespace orrery::control
