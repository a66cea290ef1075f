// Lists of pools that shrink, and the reasons why.
#include "models/control/liteio/candidates.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace orrery::control {

std::string_view name_of(Reason value) {
  static constexpr std::array<std::string_view, kReasons> names{"",
                                                                "PoolUnschedulable",
                                                                "PoolFreeSize",
                                                                "ReservationTooSmall",
                                                                "ReservationNotMatch",
                                                                "SpdkUnhealthy",
                                                                "RemoteVolMaxCount",
                                                                "PositionNotMatch",
                                                                "VolTypeNotMatch",
                                                                "NodeAffinity",
                                                                "PoolAffinity",
                                                                "LocalStorageTooLow",
                                                                "DataConflict",
                                                                "SharingLimit",
                                                                "PoolEmpty",
                                                                "NodeExcluded",
                                                                "Other"};
  return names.at(static_cast<std::size_t>(value));
}

std::string message_of(const ReasonCounts& counts) {
  std::string message;
  for (std::size_t r = 1; r < kReasons; ++r)
    if (counts[r] > 0)
      message += fmt::format("{}{}: {}", message.empty() ? "" : ", ",
                             name_of(static_cast<Reason>(r)), counts[r]);
  return message;
}

void Candidates::reset(const PoolTable& table, std::vector<PoolVerdict>* verdicts) {
  pools_.assign(table.pools.begin(), table.pools.end());
  counts_ = {};
  filter_ = {};
  verdicts_ = verdicts;
  if (verdicts_ == nullptr) return;
  verdicts_->clear();
  for (const NodeId pool : pools_) verdicts_->push_back({.pool = pool});
}

void Candidates::reset_to(NodeId pool) {
  pools_.assign(1, pool);
  counts_ = {};
  filter_ = {};
  verdicts_ = nullptr;
}

void Candidates::note(NodeId pool, Reason reason) {
  if (reason == Reason::none) return;
  const auto verdict = std::lower_bound(verdicts_->begin(), verdicts_->end(), pool,
                                        [](const PoolVerdict& v, NodeId p) { return v.pool < p; });
  verdict->filter = filter_;
  verdict->reason = reason;
}

void Candidates::keep_if_listed(bool is_listed, std::span<const NodeId> listed, Reason reason) {
  // Few pools are looked for, many are compared side by side.
  const bool few = pools_.size() * 16 < listed.size();
  auto next = listed.begin();
  std::size_t kept = 0;
  for (const NodeId pool : pools_) {
    if (few) next = std::lower_bound(next, listed.end(), pool);
    while (next != listed.end() && *next < pool) ++next;
    if ((next != listed.end() && *next == pool) == is_listed) pools_[kept++] = pool;
    else if (explains()) note(pool, reason);
  }
  counts_[static_cast<std::size_t>(reason)] += static_cast<std::uint32_t>(pools_.size() - kept);
  pools_.resize(kept);
}

void Candidates::keep_listed(std::span<const NodeId> listed, Reason reason) {
  keep_if_listed(true, listed, reason);
}

void Candidates::drop_listed(std::span<const NodeId> listed, Reason reason) {
  keep_if_listed(false, listed, reason);
}

void Candidates::drop(NodeId pool, Reason reason) {
  const auto found = std::lower_bound(pools_.begin(), pools_.end(), pool);
  if (found == pools_.end() || *found != pool) return;
  pools_.erase(found);
  ++counts_[static_cast<std::size_t>(reason)];
  if (explains()) note(pool, reason);
}

void Candidates::keep_only(NodeId pool, Reason reason) {
  if (explains()) return keep_listed({&pool, 1}, reason);
  const bool has = std::binary_search(pools_.begin(), pools_.end(), pool);
  counts_[static_cast<std::size_t>(reason)] += static_cast<std::uint32_t>(pools_.size()) - has;
  pools_.assign(has, pool);
}

}  // namespace orrery::control
