// LiteIO's volume groups: one large volume out of parts on several nodes, and the linear
// AntstorDataControl over them.
//
//   waiting     for its time, for the group named by `after` to be ready
//   creating    parts planned (volume_group.hpp) and made, each where the plan says; no plan: again
//               after 1 min, if room has appeared
//   ready       all parts are ready, seen at a look (every minute); the DataControl lies over them
//   degraded    the agent of a part's node is down: the whole volume is; for good if the disk of
//               one is lost
//   deleted     after its time, parts with it
//
// Parts that are not all there a minute after they were asked for are rolled back, and the group is
// planned anew. The controller is an actor with one worker. Source: LiteIO (2a31a1b),
// sched_vol_group.go, volume_group_reconciler.go, data_control_reconciler.go.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "models/control/fleet/fleet_context.hpp"
#include "models/control/fleet/timed_queue.hpp"
#include "models/control/fleet/volume_source.hpp"
#include "models/control/liteio/volume_group.hpp"

namespace orrery::control {

struct GroupSpec {
  GroupRequest request;
  Duration at{};
  std::optional<Duration> lasts;
  std::optional<std::size_t> after;  // index of another group
};

enum class GroupState : std::uint8_t { waiting, creating, ready, degraded, deleted };
std::string_view name_of(GroupState value);

class VolumeGroups {
 public:
  struct Group {
    const GroupSpec* spec = nullptr;
    GroupState state = GroupState::waiting;
    PodSpec owner_spec;
    PodId owner = kNoPod;  // a record that is no pod: it is gone from the start
    std::deque<ClaimSpec> claims;
    std::vector<VolumeId> parts;
    std::uint32_t plan = 0;  // counts its plans
    TimePoint first_try{};
    bool is_due = false;
    bool is_lost = false;  // data of a part
  };

  // `specs` outlive it. Parts come from `volumes`.
  VolumeGroups(FleetContext& context, VolumeScheduler& scheduler, VolumeSource& volumes,
               const std::vector<GroupSpec>& specs);
  void start();

  // A pool may take what it could not take before.
  void room_appeared();
  // A part's volume was made.
  void volume_is_ready(VolumeId volume);
  // The agent of a node went or came back.
  void agent_changed(NodeId node);
  // The disk of a node is lost.
  void data_is_lost(NodeId node);

  const std::deque<Group>& all() const { return groups_; }

 private:
  enum class Step : std::uint8_t { schedule, look, roll_back, remove };
  struct Item {
    Step step;
    std::size_t group;
    std::uint32_t plan;
  };

  void act(const Item& item);
  void schedule(std::size_t group);
  void look(std::size_t group);
  void look_next_turn(std::size_t group);
  void remove_parts(Group& group);
  bool has_all_parts(const Group& group) const;
  bool has_part_on(const Group& group, NodeId node) const;

  FleetContext& context_;
  Cluster& cluster_;
  VolumeScheduler& scheduler_;
  VolumeSource& volumes_;
  std::deque<Group> groups_;
  TimedQueue<Item> agenda_;
};

}  // namespace orrery::control
