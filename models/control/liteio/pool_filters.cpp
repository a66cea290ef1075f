// The filters that there are, along the columns of the pool table.
#include "models/control/liteio/pool_filters.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "models/control/named.hpp"
#include "models/placement_rules.hpp"

namespace orrery::control {

namespace {

// What Basic looks at in a pool, as bits. Their 64 combinations are judged once per decision; a
// pool is then looked up.
enum : std::uint8_t {
  kUnschedulable = 1,
  kTooSmall = 2,
  kLvstore = 4,
  kUnhealthy = 8,
  kRemoteFull = 16,
  kLocal = 32
};

// filter/basic.go
class Basic final : public PoolFilter {
 public:
  void keep(const PoolTable& table, const VolumeRequest& request, const VolumeLimits& limits,
            Candidates& candidates) const override {
    if (!request.reservation_id.empty()) return keep_reserved(table, request, candidates);
    // Only one of many can pass. Why the others cannot is worth a look at each of them only if
    // someone asks.
    if (request.position == PositionAdvice::must_local && candidates.pools().size() > 1 &&
        !candidates.explains())
      candidates.keep_only(request.host, Reason::position_not_match);
    if (candidates.pools().size() < kBlock) return keep_few(table, request, limits, candidates);

    look_at_all(table, limits);
    if (request.host < table.size()) bits_[request.host] |= kLocal;
    std::array<Reason, 64> reasons;
    for (std::size_t bits = 0; bits < reasons.size(); ++bits)
      reasons[bits] = reason_for(bits, request);
    candidates.keep([&reasons, bits = bits_.data(), free = table.free.data(),
                     size = request.total.count()](NodeId pool) {
      const bool is_small = !placement::has_room(free[pool], size);
      return reasons[bits[pool] | static_cast<int>(is_small) * kTooSmall];
    });
  }

 private:
  static constexpr std::size_t kBlock = 64;

  void keep_few(const PoolTable& table, const VolumeRequest& request, const VolumeLimits& limits,
                Candidates& candidates) const {
    bits_.resize(table.size());
    candidates.keep([&](NodeId pool) {
      look_at<1>(table, limits, pool);
      const bool is_small = !placement::has_room(table.free[pool], request.total.count());
      return reason_for(bits_[pool] | is_small * kTooSmall | (pool == request.host) * kLocal,
                        request);
    });
  }

  // The tests in their order.
  static Reason reason_for(std::size_t bits, const VolumeRequest& request) {
    const bool is_lvstore = bits & kLvstore;
    const bool is_remote = !(bits & kLocal);
    if (bits & kUnschedulable) return Reason::pool_unschedulable;
    if (bits & kTooSmall) return Reason::pool_free_size;
    if (is_lvstore && bits & kUnhealthy) return Reason::spdk_unhealthy;
    if (is_remote && bits & kRemoteFull) return Reason::remote_vol_max_count;
    if (is_remote && bits & kUnhealthy) return Reason::spdk_unhealthy;
    if (!placement::is_where_it_must(is_remote, request.position == PositionAdvice::must_local,
                                     request.position == PositionAdvice::must_remote))
      return Reason::position_not_match;
    if (request.type == (is_lvstore ? VolumeType::kernel_lvol : VolumeType::spdk_lvol))
      return Reason::vol_type_not_match;
    return Reason::none;
  }

  // All bits of neighbouring pools but kTooSmall and kLocal; loops of a fixed length become
  // vectors.
  template <std::size_t kPools>
  void look_at(const PoolTable& table, const VolumeLimits& limits, std::size_t first) const {
    const PoolStatus* const status = table.status.data() + first;
    const std::uint8_t* const locked = table.locked.data() + first;
    const std::uint8_t* const spdk_ok = table.spdk_ok.data() + first;
    const PoolMode* const mode = table.mode.data() + first;
    const std::int32_t* const remote = table.remote_volumes.data() + first;
    const auto most =
        static_cast<std::int32_t>(std::min<std::int64_t>(limits.max_remote_volumes, INT32_MAX));
    std::array<std::uint8_t, kPools> bits;
    for (std::size_t i = 0; i < kPools; ++i)
      bits[i] = (status[i] != PoolStatus::ready) | (locked[i] != 0);
    for (std::size_t i = 0; i < kPools; ++i)
      bits[i] |= (mode[i] == PoolMode::spdk_lvstore) * kLvstore;
    for (std::size_t i = 0; i < kPools; ++i) bits[i] |= (spdk_ok[i] == 0) * kUnhealthy;
    for (std::size_t i = 0; i < kPools; ++i)
      bits[i] |= placement::serves_most_volumes(remote[i], most) * kRemoteFull;
    std::copy(bits.begin(), bits.end(), bits_.data() + first);
  }

  void look_at_all(const PoolTable& table, const VolumeLimits& limits) const {
    bits_.resize(table.size());
    std::size_t pool = 0;
    for (; pool + kBlock <= table.size(); pool += kBlock) look_at<kBlock>(table, limits, pool);
    for (; pool < table.size(); ++pool) look_at<1>(table, limits, pool);
  }

  // A volume with a reservation asks for that and for nothing else.
  static void keep_reserved(const PoolTable& table, const VolumeRequest& request,
                            Candidates& candidates) {
    candidates.keep([&](NodeId pool) {
      if (table.status[pool] != PoolStatus::ready || table.locked[pool] != 0)
        return Reason::pool_unschedulable;
      if (table.free[pool] < 0) return Reason::pool_free_size;
      const Reservation* reservation = table.reservation(pool, request.reservation_id);
      if (reservation == nullptr) return Reason::reservation_not_match;
      return reservation->size >= request.total ? Reason::none : Reason::reservation_too_small;
    });
  }

  mutable std::vector<std::uint8_t> bits_;
};

// filter/affinity.go: required terms only. A pool has the labels of its node.
class Affinity final : public PoolFilter {
 public:
  void keep(const PoolTable& table, const VolumeRequest& request, const VolumeLimits&,
            Candidates& candidates) const override {
    require(table, request.node_selector, Reason::node_affinity, candidates);
    require(table, request.pool_selector, Reason::pool_affinity, candidates);
  }

 private:
  static void require(const PoolTable& table, const Labels* selector, Reason reason,
                      Candidates& candidates) {
    if (selector == nullptr) return;
    for (const auto& term : *selector) candidates.keep_listed(table.labelled(term), reason);
  }
};

// filter/localline.go, of remote volumes.
class MinLocalStorage final : public PoolFilter {
 public:
  void keep(const PoolTable& table, const VolumeRequest& request, const VolumeLimits& limits,
            Candidates& candidates) const override {
    candidates.keep([capacity = table.capacity.data(), taken = table.remote_allocated.data(),
                     size = request.size.count(), host = request.host,
                     share = limits.min_local_storage](NodeId pool) {
      const bool too_low = !placement::leaves_share_local(capacity[pool], taken[pool], size, share);
      return too_low & (pool != host) ? Reason::local_storage_too_low : Reason::none;
    });
  }
};

// antplugins/filter/obreplica.go: a node that holds data of the same cluster's other zones is
// refused.
class ObReplica final : public PoolFilter {
 public:
  void keep(const PoolTable& table, const VolumeRequest& request, const VolumeLimits&,
            Candidates& candidates) const override {
    for (const DataHeld& data : table.held_of(request.holder_cluster))
      if (data.zone != request.holder_zone) candidates.drop(data.pool, Reason::data_conflict);
  }
};

class SharingLimit final : public PoolFilter {
 public:
  void keep(const PoolTable& table, const VolumeRequest& request, const VolumeLimits& limits,
            Candidates& candidates) const override {
    candidates.keep([&table, host = request.host, nodes = table.sharing_nodes.data(),
                     most = limits.max_sharing_nodes](NodeId pool) {
      if (pool == host || placement::may_serve_node<std::int64_t>(nodes[pool], most, false))
        return Reason::none;
      const auto& sharers = table.sharers[pool];
      const bool shares = std::find(sharers.begin(), sharers.end(), host) != sharers.end();
      return placement::may_serve_node<std::int64_t>(nodes[pool], most, shares)
                 ? Reason::none
                 : Reason::sharing_limit;
    });
  }
};

template <class Filter>
std::unique_ptr<PoolFilter> make() {
  return std::make_unique<Filter>();
}

constexpr std::array kPoolFilters = {
    PoolFilterEntry{"basic",
                    "status, reservation, free space, health, remote volumes, position, type",
                    &make<Basic>},
    PoolFilterEntry{"affinity", "labels that node and pool must have", &make<Affinity>},
    PoolFilterEntry{"min_local_storage", "remote volumes leave a share of a pool alone",
                    &make<MinLocalStorage>},
    PoolFilterEntry{"ob_replica", "zones of one OceanBase cluster lie on different nodes",
                    &make<ObReplica>},
    PoolFilterEntry{"sharing_limit", "at most so many other nodes use one pool",
                    &make<SharingLimit>},
};

}  // namespace

std::span<const PoolFilterEntry> all_pool_filters() { return kPoolFilters; }

const PoolFilterEntry* find_pool_filter(std::string_view name) {
  return find_named(kPoolFilters, name);
}

}  // namespace orrery::control
