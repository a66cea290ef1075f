// The pools that a decision still considers, and why it has given up the others.
//
// Filters see the whole list and shorten it. What they refuse is counted by reason, as LiteIO's
// NoStoragePoolAvailable reports it; a decision that is to be explained also notes the verdict on
// every pool. Buffers are kept from one decision to the next.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/control/liteio/pool_table.hpp"

namespace orrery::control {

// Why a filter refuses a pool, in LiteIO's words.
enum class Reason : std::uint8_t {
  none,  // it does not
  pool_unschedulable,
  pool_free_size,
  reservation_too_small,
  reservation_not_match,
  spdk_unhealthy,
  remote_vol_max_count,
  position_not_match,
  vol_type_not_match,
  node_affinity,
  pool_affinity,
  local_storage_too_low,
  data_conflict,
  sharing_limit,  // the paper's
  pool_empty,     // of a volume group
  node_excluded,  // a migration's source
  other,          // of filters that have no word of their own
};
inline constexpr std::size_t kReasons = static_cast<std::size_t>(Reason::other) + 1;

std::string_view name_of(Reason value);

// Pools refused, by reason; those of Reason::none have none.
using ReasonCounts = std::array<std::uint32_t, kReasons>;

// "PoolFreeSize: 12, PositionNotMatch: 3"
std::string message_of(const ReasonCounts& counts);

// What became of a pool: refused by a filter, or by none. The filter's name is the scheduler's.
struct PoolVerdict {
  NodeId pool = kNoNode;
  std::string_view filter = {};  // that refused it; empty: none
  Reason reason = Reason::none;
  std::vector<std::int32_t> scores = {};  // by each priority, in their order; of those not refused
  std::int32_t score = 0;                 // their sum
};

class Candidates {
 public:
  // All pools of a table, none refused. Verdicts go to `verdicts`, one entry per pool, which
  // outlives the decision; null: no one wants to know.
  void reset(const PoolTable& table, std::vector<PoolVerdict>* verdicts = nullptr);
  // One pool alone.
  void reset_to(NodeId pool);
  // Under which name refusals are noted from now on.
  void enter(std::string_view filter) { filter_ = filter; }

  // In ascending order.
  std::span<const NodeId> pools() const { return pools_; }
  const ReasonCounts& counts() const { return counts_; }
  bool explains() const { return verdicts_ != nullptr; }

  // Keeps the pools for which `judge(pool)` is Reason::none. A judge is asked twice about a pool if
  // someone wants to know. It should not branch on what differs from pool to pool: the processor
  // would guess wrong thousands of times.
  template <class Judge>
  void keep(Judge judge);
  // Keeps those in `listed` (ascending), or all others, or one pool, or all but one; what is not
  // kept is refused for one reason.
  void keep_listed(std::span<const NodeId> listed, Reason reason);
  void drop_listed(std::span<const NodeId> listed, Reason reason);
  void keep_only(NodeId pool, Reason reason);
  void drop(NodeId pool, Reason reason);

 private:
  void keep_if_listed(bool is_listed, std::span<const NodeId> listed, Reason reason);
  void note(NodeId pool, Reason reason);

  std::vector<NodeId> pools_;
  ReasonCounts counts_{};
  std::string_view filter_;
  std::vector<PoolVerdict>* verdicts_ = nullptr;
};

template <class Judge>
void Candidates::keep(Judge judge) {
  if (explains())
    for (const NodeId pool : pools_) note(pool, judge(pool));
  // Neighbours count in different places: a counter that has just been written is slow to read
  // again.
  std::array<ReasonCounts, 4> counts{};
  NodeId* const pools = pools_.data();
  const std::size_t all = pools_.size();
  std::size_t kept = 0;
  const auto look_at = [&](std::size_t i, ReasonCounts& count) {
    const NodeId pool = pools[i];
    const Reason reason = judge(pool);
    pools[kept] = pool;
    kept += reason == Reason::none;
    ++count[static_cast<std::size_t>(reason)];
  };
  std::size_t i = 0;
  for (; i + 4 <= all; i += 4) {
    look_at(i, counts[0]);
    look_at(i + 1, counts[1]);
    look_at(i + 2, counts[2]);
    look_at(i + 3, counts[3]);
  }
  for (; i < all; ++i) look_at(i, counts[0]);
  pools_.resize(kept);
  for (std::size_t r = 1; r < kReasons; ++r)
    for (const ReasonCounts& some : counts) counts_[r] += some[r];
}

}  // namespace orrery::control
