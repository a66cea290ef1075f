#include "models/control/pool_filters.hpp"

#include <algorithm>
#include <array>

namespace orrery::control {

namespace {

// filter/basic.go. Tests are written last to first, each overruling those before: no branch depends on the pool.
class Basic final : public PoolFilter {
 public:
  void keep(const PoolTable& table, const VolumeRequest& request, const VolumeLimits& limits,
            Candidates& candidates) const override {
    if (!request.reservation_id.empty()) return keep_reserved(table, request, candidates);
    // Only one pool can pass. Why the others cannot is worth a look at each of them only if someone asks.
    if (request.position == PositionAdvice::must_local && !candidates.explains())
      candidates.keep_only(request.host, Reason::position_not_match);

    const auto size = request.total.count();
    const NodeId host = request.host;
    const bool no_remote = request.position == PositionAdvice::must_local;
    const bool no_local = request.position == PositionAdvice::must_remote;
    const bool no_lvm = request.type == VolumeType::spdk_lvol;
    const bool no_lvstore = request.type == VolumeType::kernel_lvol;
    candidates.keep([&, status = table.status.data(), locked = table.locked.data(),
                     free = table.free.data(), mode = table.mode.data(),
                     spdk_ok = table.spdk_ok.data(), volumes = table.remote_volumes.data(),
                     most = limits.max_remote_volumes](NodeId pool) {
      const bool remote = pool != host;
      const bool lvstore = mode[pool] == PoolMode::spdk_lvstore;
      const bool unhealthy = spdk_ok[pool] == 0;
      Reason reason = Reason::none;
      if (lvstore ? no_lvstore : no_lvm) reason = Reason::vol_type_not_match;
      if (remote ? no_remote : no_local) reason = Reason::position_not_match;
      if (remote & unhealthy) reason = Reason::spdk_unhealthy;
      if (remote & (volumes[pool] >= most)) reason = Reason::remote_vol_max_count;
      if (lvstore & unhealthy) reason = Reason::spdk_unhealthy;
      if (free[pool] < size) reason = Reason::pool_free_size;
      if ((status[pool] != PoolStatus::ready) | (locked[pool] != 0))
        reason = Reason::pool_unschedulable;
      return reason;
    });
  }

 private:
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

// filter/localline.go: (available - remoteAllocated - size) / available * 100 < minLocalStoragePct, of remote volumes.
class MinLocalStorage final : public PoolFilter {
 public:
  void keep(const PoolTable& table, const VolumeRequest& request, const VolumeLimits& limits,
            Candidates& candidates) const override {
    candidates.keep([capacity = table.capacity.data(), taken = table.remote_allocated.data(),
                     size = request.size.count(), host = request.host,
                     percent = limits.min_local_storage * 100](NodeId pool) {
      const auto available = static_cast<double>(capacity[pool]);
      const auto left = static_cast<double>(capacity[pool] - taken[pool] - size);
      const bool too_low = left / available * 100 < percent;
      return too_low & (pool != host) ? Reason::local_storage_too_low : Reason::none;
    });
  }
};

// antplugins/filter/obreplica.go: a node that holds data of the same cluster's other zones is refused.
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
      if (nodes[pool] < most || pool == host) return Reason::none;
      const auto& sharers = table.sharers[pool];
      const bool shares = std::find(sharers.begin(), sharers.end(), host) != sharers.end();
      return shares ? Reason::none : Reason::sharing_limit;
    });
  }
};

template <class Filter>
std::unique_ptr<PoolFilter> make() {
  return std::make_unique<Filter>();
}

constexpr std::array kFilters = {
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

std::span<const PoolFilterEntry> all_pool_filters() { return kFilters; }

const PoolFilterEntry* find_pool_filter(std::string_view name) {
  for (const PoolFilterEntry& entry : kFilters)
    if (entry.name == name) return &entry;
  return nullptr;
}

}  // namespace orrery::control
