// LiteIO's volume scheduler: which pool a volume lies in.
//
// Filters refuse pools, priorities give points to those left, the pool with most points is taken;
// ties are broken at random, since LiteIO walks through a Go map. It always looks at all pools. A
// volume for which the kube-scheduler plug-in has selected a node gets that, whatever its state and
// however little is free there. Nothing is booked here: the caller binds what it accepts. Decisions
// are made one at a time, under LiteIO's global mutex; what they cost in time is the caller's to
// charge. Source: LiteIO (2a31a1b), pkg/controller/manager/scheduler/sched.go; HPCA'24, Algorithm
// 1.
//
//   VolumeScheduler scheduler(limits, {"basic", "affinity"}, {"least_resource", "position_advice"},
//   RandomStream(seed, "liteio"));
//   if (const Decision d = scheduler.schedule(table, request); d.pool != kNoNode)
//   table.bind(booking_of(request, d.pool), id);
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/control/liteio/candidates.hpp"
#include "models/control/liteio/pool_filters.hpp"
#include "models/control/liteio/pool_priorities.hpp"
#include "models/control/liteio/volume_request.hpp"
#include "sim/random.hpp"

namespace orrery::control {

struct Decision {
  NodeId pool = kNoNode;  // kNoNode: NoStoragePoolAvailable
  ReasonCounts refused{};

  std::string message() const { return message_of(refused); }
};

struct Explanation {
  Decision decision;
  std::vector<std::string_view> priorities;  // whose points a verdict lists
  std::vector<PoolVerdict> verdicts;  // of every pool, ascending; none if a node was selected
};

class VolumeScheduler {
 public:
  // Filters and priorities by name, in the order in which they run. Throws std::invalid_argument
  // for a name that is none.
  VolumeScheduler(const VolumeLimits& limits, std::span<const std::string> filters,
                  std::span<const std::string> priorities, RandomStream random);

  // A filter of the caller's own, behind the others.
  void add(std::string name, std::unique_ptr<PoolFilter> filter);

  Decision schedule(const PoolTable& table, const VolumeRequest& request);
  // The same decision, and draws the same random numbers. Without it, a volume that must be local
  // counts all other pools as PositionNotMatch, whatever else is wrong with them.
  Explanation explain(const PoolTable& table, const VolumeRequest& request);

  // What filters and priorities make of one pool.
  PoolVerdict judge(const PoolTable& table, const VolumeRequest& request, NodeId pool);
  std::int64_t score(const PoolTable& table, const VolumeRequest& request, NodeId pool);

  // The pools that pass all filters, ascending; valid until the next call.
  std::span<const NodeId> feasible(const PoolTable& table, const VolumeRequest& request);
  // Why the last call refused the others.
  const ReasonCounts& refused() const { return candidates_.counts(); }

  const VolumeLimits& limits() const { return limits_; }

 private:
  template <class Part>
  struct Named {
    std::string name;
    std::unique_ptr<Part> part;
  };

  void filter(const PoolTable& table, const VolumeRequest& request,
              std::vector<PoolVerdict>* verdicts);
  void tell(std::vector<PoolVerdict>& verdicts) const;
  NodeId best(const PoolTable& table, const VolumeRequest& request,
              std::vector<PoolVerdict>* verdicts);

  VolumeLimits limits_;
  std::vector<Named<PoolFilter>> filters_;
  std::vector<Named<PoolPriority>> priorities_;
  RandomStream random_;
  Candidates candidates_;
  std::vector<std::int32_t> scores_;
  std::vector<std::int32_t> before_;  // a priority, for an explanation
  std::vector<NodeId> equals_;
};

}  // namespace orrery::control
