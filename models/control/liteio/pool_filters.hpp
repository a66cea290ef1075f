// The filters of LiteIO's volume scheduler, which refuse pools that a volume cannot or must not lie
// in.
//
// A scheduler runs the filters that its configuration names, in that order. Each works through the
// whole list of candidates at once, along the columns of the pool table. A new filter is one class
// and one line in pool_filters.cpp (docs/extending.md).
//
//   basic              status, reservation, free space, SPDK's health, number of remote volumes,
//                      position, type: in this order
//   affinity           labels that node and pool must have
//   min_local_storage  remote volumes leave a share of the pool alone
//   ob_replica         replicas of one OceanBase cluster keep apart
//   sharing_limit      at most so many other nodes use one pool
//
// Source: LiteIO (2a31a1b), pkg/controller/manager/scheduler/filter and cmd/controller/antplugins;
// the sharing limit is the paper's (HPCA'24, section VI).
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "models/control/liteio/candidates.hpp"
#include "models/control/liteio/volume_request.hpp"

namespace orrery::control {

class PoolFilter {
 public:
  virtual ~PoolFilter() = default;
  virtual void keep(const PoolTable& table, const VolumeRequest& request,
                    const VolumeLimits& limits, Candidates& candidates) const = 0;
};

struct PoolFilterEntry {
  std::string_view name;
  std::string_view help;
  std::unique_ptr<PoolFilter> (*make)();
};

std::span<const PoolFilterEntry> all_pool_filters();
// Null if there is none of that name.
const PoolFilterEntry* find_pool_filter(std::string_view name);

}  // namespace orrery::control
