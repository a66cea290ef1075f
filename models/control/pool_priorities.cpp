#include "models/control/pool_priorities.hpp"

#include <algorithm>
#include <array>

namespace orrery::control {

namespace {

// priority/least_resource.go
class LeastResource final : public PoolPriority {
 public:
  void add(const PoolTable& table, const VolumeRequest&, const VolumeLimits& limits,
           std::span<const NodeId> pools, std::span<std::int32_t> scores) const override {
    const std::int64_t* const capacity = table.capacity.data();
    const std::int64_t* const reported = table.reported_free.data();
    const auto points = static_cast<double>(limits.fullness_points);
    for (std::size_t i = 0; i < pools.size(); ++i) {
      const auto total = static_cast<double>(capacity[pools[i]]);
      const auto used = static_cast<double>(capacity[pools[i]] - reported[pools[i]]);
      scores[i] += std::max(0, static_cast<std::int32_t>(used / total * points));
    }
  }
};

// priority/position_advice.go
class PositionBonus final : public PoolPriority {
 public:
  void add(const PoolTable&, const VolumeRequest& request, const VolumeLimits& limits,
           std::span<const NodeId> pools, std::span<std::int32_t> scores) const override {
    const bool likes_local = request.position == PositionAdvice::prefer_local;
    const bool likes_remote = request.position == PositionAdvice::prefer_remote;
    if (!likes_local && !likes_remote) return;
    const auto bonus = static_cast<std::int32_t>(limits.position_bonus);
    for (std::size_t i = 0; i < pools.size(); ++i)
      scores[i] += (pools[i] == request.host) == likes_local ? bonus : 0;
  }
};

template <class Priority>
std::unique_ptr<PoolPriority> make() {
  return std::make_unique<Priority>();
}

constexpr std::array kPriorities = {
    PoolPriorityEntry{"least_resource", "the fuller a pool, by its last report, the better",
                      &make<LeastResource>},
    PoolPriorityEntry{"position_advice", "a bonus for the position that the volume prefers",
                      &make<PositionBonus>},
};

}  // namespace

std::span<const PoolPriorityEntry> all_pool_priorities() { return kPriorities; }

const PoolPriorityEntry* find_pool_priority(std::string_view name) {
  for (const PoolPriorityEntry& entry : kPriorities)
    if (entry.name == name) return &entry;
  return nullptr;
}

}  // namespace orrery::control
