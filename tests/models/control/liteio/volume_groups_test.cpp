// Volume groups and snapshots in a fleet: when they are tried, ready, degraded, undone and gone.
#include <gtest/gtest.h>

#include <set>

#include "tests/models/control/rig.hpp"

namespace orrery::control {
namespace groups_test {

// Nodes of 1000 GiB, of which a group may have 800 each.
class GroupCase : public testing::Test {
 public:
  GroupCase() {
    rig.make_requests_instant();
    rig.at_end = [this] { rig.expect_sound(); };
  }
  void group(std::int64_t gib, Duration at = seconds(10), std::optional<Duration> lasts = {},
             std::optional<std::size_t> after = {}) {
    GroupSpec spec;
    spec.request = {"group", gibibytes(gib), gibibytes(100), gibibytes(800), 1, 8, true};
    spec.at = at;
    spec.lasts = lasts;
    spec.after = after;
    rig.plan.groups.push_back(spec);
  }
  const VolumeGroups::Group& made(std::size_t number = 0) {
    return rig.plane->groups().all().at(number);
  }
  void expect_state(Duration when, GroupState state, std::size_t number = 0) {
    rig.at(when, [this, when, state, number] {
      EXPECT_EQ(name_of(made(number).state), name_of(state)) << to_seconds(when) << " s";
    });
  }
  ControlRig rig;
};

TEST_F(GroupCase, parts_lie_on_nodes_of_their_own_and_are_ready_together_at_a_look) {
  rig.nodes(4);
  group(2000);
  expect_state(seconds(69), GroupState::creating);
  expect_state(seconds(71), GroupState::ready);
  rig.run(seconds(100));
  std::set<NodeId> pools;
  Bytes total{};
  for (const VolumeId part : made().parts) {
    pools.insert(rig.cluster().volumes[part].booking.pool);
    total += rig.cluster().volumes[part].booking.total;
  }
  EXPECT_EQ(made().parts.size(), 3u);
  EXPECT_EQ(pools.size(), 3u);
  EXPECT_EQ(total, gibibytes(2000));
  EXPECT_EQ(rig.books().groups_ready, 1);
  EXPECT_EQ(rig.books().group_parts, 3);
  EXPECT_EQ(rig.books().group_wait.all().at(0), seconds(60));
}

TEST_F(GroupCase, is_planned_again_at_the_minute_after_room_has_appeared) {
  rig.nodes(2);
  rig.pod({.claims = {{gibibytes(500), kAnywhere}}, .lifetime = seconds(200), .node = "node0"});
  group(1400);
  expect_state(seconds(249), GroupState::creating);
  rig.at(seconds(249), [this] {
    EXPECT_EQ(rig.books().groups_without_room,
              1);  // minutes in which nothing changed are not tried
    EXPECT_TRUE(made().parts.empty());
  });
  expect_state(seconds(311), GroupState::ready);
  rig.run(seconds(400));
  EXPECT_EQ(rig.books().groups_without_room, 1);
}

TEST_F(GroupCase, waits_for_the_group_that_has_to_be_ready_first) {
  rig.nodes(4);
  group(800, seconds(15), {}, 1);
  group(800, seconds(100));
  expect_state(seconds(159), GroupState::waiting, 0);
  expect_state(seconds(161), GroupState::ready, 1);
  expect_state(seconds(161), GroupState::creating, 0);
  expect_state(seconds(221), GroupState::ready, 0);
  rig.run(seconds(300));
}

TEST_F(GroupCase, is_rolled_back_when_a_part_is_not_made_in_a_minute_and_planned_anew) {
  rig.nodes(2);
  rig.happen(NodeEvent::Kind::agent_dead, 1, seconds(5), seconds(80));
  group(1600);
  expect_state(seconds(69), GroupState::creating);
  rig.at(seconds(69), [this] { EXPECT_EQ(rig.books().groups_rolled_back, 0); });
  rig.at(seconds(71), [this] {
    EXPECT_EQ(rig.books().groups_rolled_back, 1);
    EXPECT_TRUE(made().parts.empty());
  });
  rig.run(seconds(1000));
  EXPECT_EQ(made().state, GroupState::ready);
  EXPECT_EQ(made().parts.size(), 2u);
  EXPECT_EQ(rig.books().group_parts, 2);
}

TEST_F(GroupCase, is_ready_at_the_next_look_when_an_agent_was_gone_at_the_first_one) {
  rig.nodes(2);
  rig.happen(NodeEvent::Kind::agent_dead, 1, seconds(15), seconds(20));
  group(1600);
  expect_state(seconds(69), GroupState::creating);
  expect_state(seconds(71), GroupState::ready);
  rig.run(seconds(200));
  EXPECT_EQ(rig.books().groups_rolled_back, 0);
  EXPECT_EQ(rig.books().group_parts, 2);
}

TEST_F(GroupCase, is_degraded_and_not_rolled_back_by_an_agent_that_goes_in_its_first_minute) {
  rig.nodes(2);
  rig.happen(NodeEvent::Kind::agent_dead, 1, seconds(80), seconds(300));
  group(1600, seconds(10), seconds(1000));
  expect_state(seconds(79), GroupState::ready);
  expect_state(seconds(81), GroupState::degraded);
  expect_state(seconds(200), GroupState::degraded);
  expect_state(seconds(381), GroupState::ready);
  expect_state(seconds(1071), GroupState::deleted);
  rig.run(seconds(1100));
  EXPECT_EQ(rig.books().groups_rolled_back, 0);
  EXPECT_EQ(rig.books().groups_degraded, 1);
  rig.expect_empty();
}

TEST_F(GroupCase, stays_degraded_when_a_disk_of_its_parts_is_lost) {
  rig.nodes(2);
  rig.die(1, seconds(100), seconds(300), true);
  group(1600);
  expect_state(seconds(99), GroupState::ready);
  expect_state(seconds(101), GroupState::degraded);
  rig.run(seconds(1000));
  EXPECT_EQ(made().state, GroupState::degraded);
  EXPECT_EQ(rig.books().groups_degraded, 1);
}

TEST_F(GroupCase, gives_back_all_room_at_its_end) {
  rig.nodes(3);
  group(2000, seconds(10), seconds(100));
  expect_state(seconds(169), GroupState::ready);
  expect_state(seconds(171), GroupState::deleted);
  rig.run(seconds(250));
  rig.expect_empty();
}

// A volume of 100 GiB with 50 reserved, in the pool of node0.
class SnapshotCase : public GroupCase {
 public:
  SnapshotCase() {
    rig.nodes(2);
    rig.pod({.claims = {{gibibytes(100), kAnywhere}}, .node = "node0"});
    rig.demand.pods[0].claims[0].snapshot_reserved = gibibytes(50);
  }
  void snapshot(Duration at, std::optional<Duration> lasts = {}, bool merges = false,
                Bytes size = gibibytes(50)) {
    rig.plan.snapshots.push_back({{std::size_t{0}}, size, at, lasts, merges});
  }
  void expect_status(Duration when, SnapshotStatus status, std::size_t number = 0) {
    rig.at(when, [this, when, status, number] {
      EXPECT_EQ(name_of(rig.plane->snapshots().all().at(number).status), name_of(status))
          << to_seconds(when) << " s";
    });
  }
};

TEST_F(SnapshotCase, one_per_volume_out_of_its_reserve) {
  snapshot(seconds(10), seconds(90));
  snapshot(seconds(50));
  snapshot(seconds(150), {}, false, gibibytes(50) + kGroupUnit);
  snapshot(seconds(160), {}, false, gibibytes(50) + kGroupUnit - Bytes{1});
  expect_status(seconds(11), SnapshotStatus::ready);
  expect_status(seconds(101), SnapshotStatus::deleted);
  rig.run(seconds(200));
  EXPECT_EQ(rig.books().snapshots, 2);
  EXPECT_EQ(rig.books().snapshots_refused, 2);
  EXPECT_EQ(rig.plane->snapshots().all().at(1).size, gibibytes(50));
}

TEST_F(SnapshotCase, is_tried_every_minute_until_its_agent_is_there_at_a_try) {
  rig.happen(NodeEvent::Kind::agent_dead, 0, seconds(5), seconds(25));
  rig.happen(NodeEvent::Kind::agent_dead, 0, seconds(50), seconds(50));
  snapshot(seconds(10));
  expect_status(seconds(71), SnapshotStatus::creating);
  expect_status(seconds(129), SnapshotStatus::creating);
  expect_status(seconds(131), SnapshotStatus::ready);
  rig.run(seconds(200));
}

TEST_F(SnapshotCase, goes_with_its_volume) {
  rig.demand.pods[0].lifetime = seconds(100);
  snapshot(seconds(10));
  expect_status(seconds(99), SnapshotStatus::ready);
  rig.run(seconds(200));
  EXPECT_EQ(rig.plane->snapshots().all().at(0).status, SnapshotStatus::deleted);
  rig.expect_empty();
}

TEST_F(SnapshotCase, is_not_merged_into_a_volume_that_is_in_use) {
  rig.demand.nodes[0].pool_mode = PoolMode::kernel_lvm;
  snapshot(seconds(10), seconds(20), true);
  rig.run(seconds(100));
  EXPECT_EQ(rig.plane->snapshots().all().at(0).status, SnapshotStatus::error);
  EXPECT_EQ(rig.books().merges_failed, 1);
}

// The pod is evicted at 100 s, and is not made again for lack of a node that takes it.
TEST_F(SnapshotCase, is_merged_into_a_closed_volume_of_an_lvm_pool) {
  rig.demand.nodes[0].pool_mode = PoolMode::kernel_lvm;
  rig.demand.nodes[1].unschedulable = true;
  rig.happen(NodeEvent::Kind::drain, 0, seconds(100));
  snapshot(seconds(10), seconds(190), true);
  expect_status(seconds(199), SnapshotStatus::ready);
  rig.run(seconds(300));
  EXPECT_EQ(rig.plane->snapshots().all().at(0).status, SnapshotStatus::merged);
  EXPECT_EQ(rig.books().merges_failed, 0);
}

}  // namespace groups_test
}  // namespace orrery::control
