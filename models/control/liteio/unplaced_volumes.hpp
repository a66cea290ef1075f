// Volumes for which no pool was found. LiteIO tries each of them again every 20 s; tries that
// cannot end differently are not made: room in a pool that might take one is noticed, and it is
// scheduled at the next of its instants.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "models/control/fleet/backlog.hpp"
#include "models/control/fleet/fleet_context.hpp"
#include "models/control/liteio/volume_scheduler.hpp"

namespace orrery::control {

class UnplacedVolumes {
 public:
  // `schedule_after` has a volume scheduled after so long.
  UnplacedVolumes(FleetContext& context, VolumeScheduler& scheduler,
                  std::function<void(VolumeId, Duration)> schedule_after);

  // A try has found no pool, for these reasons; whether it was the volume's first.
  bool add(VolumeId volume, const ReasonCounts& refused);
  // It lies somewhere, or is gone.
  void erase(VolumeId volume);
  // Its pod goes to another node, whose pool may be a better one.
  void host_has_changed(VolumeId volume, NodeId host);
  // A pool may take what it could not take before.
  void pool_has_room(NodeId pool);

  // With the reasons of their last try.
  struct Unplaced {
    TimePoint first_try;
    ReasonCounts refused;
    bool is_due = false;  // a try is on its way
  };
  const std::map<VolumeId, Unplaced>& all() const { return all_; }
  // The reason by which most pools refused a volume in its last try that might have taken it
  // otherwise.
  std::string sole_limit(VolumeId volume) const;

 private:
  bool try_again_if_it_fits(VolumeId volume, NodeId pool);
  // Those that may be woken, by their kind and, beside that, by their host.
  void waits(VolumeId volume);
  void waits_no_more(VolumeId volume);
  void wake(Backlog::Kind kind, NodeId pool);
  std::string description_of(VolumeId volume) const;

  FleetContext& context_;
  const Cluster& cluster_;
  VolumeScheduler& scheduler_;
  std::function<void(VolumeId, Duration)> schedule_after_;
  std::map<VolumeId, Unplaced> all_;
  Backlog backlog_;
  std::map<std::pair<Backlog::Kind, NodeId>, std::set<VolumeId>> by_host_;
  std::unordered_map<VolumeId, NodeId> host_of_;  // under which it stands in `by_host_`
};

}  // namespace orrery::control
