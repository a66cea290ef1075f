// The priorities that there are.
#include "models/control/liteio/pool_priorities.hpp"

#include <algorithm>
#include <array>

#include "models/control/named.hpp"

namespace orrery::control {

namespace {

// priority/least_resource.go
class LeastResource final : public PoolPriority {
 public:
  void add(const PoolTable& table, const VolumeRequest&, const VolumeLimits& limits,
           std::span<const NodeId> pools, std::span<std::int32_t> scores) const override {
    const double* const use = table.reported_use().data();
    const auto points = static_cast<double>(limits.fullness_points);
    for (std::size_t i = 0; i < pools.size(); ++i)
      scores[i] += static_cast<std::int32_t>(use[pools[i]] * points);
  }
};

// priority/position_advice.go
class PositionBonus final : public PoolPriority {
 public:
  void add(const PoolTable&, const VolumeRequest& request, const VolumeLimits& limits,
           std::span<const NodeId> pools, std::span<std::int32_t> scores) const override {
    const auto bonus = static_cast<std::int32_t>(limits.position_bonus);
    const auto local = std::lower_bound(pools.begin(), pools.end(), request.host);
    const bool has_local = local != pools.end() && *local == request.host;
    std::int32_t none = 0;
    std::int32_t& local_score = has_local ? scores[local - pools.begin()] : none;
    if (request.position == PositionAdvice::prefer_local) local_score += bonus;
    if (request.position != PositionAdvice::prefer_remote) return;
    for (std::int32_t& score : scores) score += bonus;
    local_score -= bonus;
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
  return find_named(kPriorities, name);
}

}  // namespace orrery::control
