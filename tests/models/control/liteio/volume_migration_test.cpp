// Volumes that move, and states that may follow one another.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/models/control/rig.hpp"

namespace orrery::control {
namespace fleet_migration_test {

// A volume of 100 GiB in the pool of node0 and asked to be moved at 100 s. The copy takes 86 s at
// 10 Gbit/s.
class MigrationCase : public testing::Test {
 public:
  MigrationCase() {
    rig.make_requests_instant();
    rig.pod({.claims = {{gibibytes(100), kAnywhere}}, .node = "node0"});
    rig.at(seconds(100), [this] { rig.plane->migrations().request(0); });
    rig.at_end = [this] { rig.expect_sound(); };
  }
  const MigrationRecord& migration() { return rig.plane->migrations().all().at(0); }
  void kill(NodeId node, Duration at, std::optional<Duration> lasts = {}) {
    rig.die(node, at, lasts, false);
  }
  void expect_undone(NodeId to = 1) {
    EXPECT_EQ(rig.books().migrations, 0);
    EXPECT_EQ(rig.books().migrations_failed, 1);
    EXPECT_EQ(migration().status, MigrationStatus::error);
    EXPECT_FALSE(rig.cluster().volumes[0].is_moving);
    EXPECT_EQ(rig.cluster().pools.free[to], gibibytes(1000).count());
    EXPECT_EQ(rig.cluster().nodes[to].lv_free, gibibytes(1000).count());
    EXPECT_EQ(rig.cluster().pools.volumes[to], 0);
  }
  ControlRig rig;
};

TEST_F(MigrationCase, goes_through_its_phases_with_their_polls_and_takes_room_twice) {
  rig.nodes(2);
  std::vector<std::pair<double, MigrationPhase>> phases;
  std::vector<std::int64_t> free_while, lv_while;
  for (int i = 0; i < 4000; ++i)
    rig.at(seconds(100.05 + 0.1 * i), [&] {
      const auto& all = rig.plane->migrations().all();
      if (all.empty()) return;
      if (phases.empty() || phases.back().second != all[0].phase)
        phases.emplace_back(to_seconds(rig.now()), all[0].phase);
    });
  rig.at(seconds(200), [&] {
    free_while = {rig.cluster().pools.free[0], rig.cluster().pools.free[1]};
    lv_while = {rig.cluster().nodes[0].lv_free, rig.cluster().nodes[1].lv_free};
    rig.expect_sound();
  });
  rig.run(seconds(1000));
  ASSERT_EQ(phases.size(), 5u);
  const auto at = [&](std::size_t i) { return phases[i].first - 100; };
  EXPECT_EQ(phases[0].second, MigrationPhase::creating_volume);
  EXPECT_EQ(phases[1].second, MigrationPhase::setup_pipe);
  EXPECT_NEAR(at(1), 10, 0.2);
  EXPECT_EQ(phases[2].second, MigrationPhase::syncing);
  EXPECT_NEAR(at(2), 10 + 30, 0.2);
  EXPECT_EQ(phases[3].second, MigrationPhase::cleaning);
  EXPECT_NEAR(at(3), 40 + 90 + 30, 0.2);  // the sixth look of the agent, one of the host
  EXPECT_EQ(phases[4].second, MigrationPhase::finished);
  EXPECT_NEAR(at(4), 160 + 20 + 30, 0.2);
  const std::int64_t left = gibibytes(900).count(), all = gibibytes(1000).count();
  EXPECT_EQ(free_while, (std::vector{left, left}));
  EXPECT_EQ(lv_while, (std::vector{left, left}));
  EXPECT_EQ(rig.cluster().pools.free[0], all);
  EXPECT_EQ(rig.cluster().pools.free[1], left);
  EXPECT_EQ(rig.cluster().volumes[0].booking.pool, 1u);
  EXPECT_EQ(rig.cluster().volumes[0].booking.host, 0u);
  EXPECT_EQ(rig.cluster().volumes[0].status, VolumeStatus::ready);
  EXPECT_EQ(rig.books().migrations, 1);
  EXPECT_EQ(migration().status, MigrationStatus::finished);
}

TEST_F(MigrationCase, a_second_request_for_the_same_volume_is_none) {
  rig.nodes(2);
  rig.at(seconds(100), [this] { rig.plane->migrations().request(0); });
  rig.at(seconds(150), [this] { rig.plane->migrations().request(0); });
  rig.run(seconds(1000));
  EXPECT_EQ(rig.plane->migrations().all().size(), 1u);
}

TEST_F(MigrationCase, is_given_up_when_its_destination_dies) {
  rig.nodes(2);
  kill(1, seconds(170));
  rig.run(seconds(1000));
  expect_undone();
  EXPECT_EQ(rig.cluster().volumes[0].booking.pool, 0u);
}

TEST_F(MigrationCase, is_given_up_when_its_source_dies) {
  rig.nodes(2);
  kill(0, seconds(170));
  rig.run(seconds(1000));
  expect_undone();
  EXPECT_EQ(rig.cluster().volumes[0].booking.pool, 0u);
}

TEST_F(MigrationCase, is_given_up_when_a_node_is_away_for_a_moment_of_the_copy) {
  rig.nodes(2);
  kill(1, seconds(170), seconds(1));
  rig.run(seconds(1000));
  expect_undone();
}

TEST_F(MigrationCase, is_given_up_when_its_volume_is_deleted_and_both_places_are_free) {
  rig.nodes(2);
  rig.demand.pods[0].lifetime = seconds(170);
  rig.at_end = [this] {
    rig.expect_sound();
    rig.expect_empty();
  };
  rig.run(seconds(1000));
  expect_undone();
  EXPECT_EQ(rig.cluster().pools.free[0], gibibytes(1000).count());
}

TEST_F(MigrationCase, needs_a_destination) {
  rig.nodes(1);
  rig.run(seconds(1000));
  EXPECT_EQ(rig.books().migrations_failed, 1);
}

TEST_F(MigrationCase, never_moves_what_must_be_local) {
  rig.nodes(2);
  rig.demand.pods[0].claims[0].storage_class = kMustLocal;
  rig.run(seconds(1000));
  expect_undone();
}

TEST_F(MigrationCase, moves_no_volume_of_a_volume_group) {
  rig.nodes(2);
  for (NodeSpec& node : rig.demand.nodes) node.pool_mode = PoolMode::kernel_lvm;
  rig.run(seconds(1000));
  expect_undone();
}

TEST_F(MigrationCase, a_pod_may_change_its_node_meanwhile) {
  rig.nodes(3);
  rig.happen(NodeEvent::Kind::drain, 0, seconds(120));
  rig.run(seconds(2000));
  EXPECT_EQ(rig.books().migrations, 1);
  EXPECT_EQ(rig.books().recreated, 1);
  EXPECT_NE(rig.cluster().volumes[0].booking.pool, 0u);
  EXPECT_EQ(rig.cluster().volumes[0].booking.host, rig.state("ns/pod0").node);
}

TEST_F(MigrationCase, room_that_an_attempt_gives_back_is_offered_to_those_who_wait) {
  rig.nodes(2);
  rig.demand.pods[0].claims[0].size = gibibytes(700);
  // 500 GiB fit nowhere while 700 GiB stand twice; the deletion frees both.
  rig.demand.pods[0].lifetime = seconds(400);
  rig.pod({.claims = {{gibibytes(500), kAnywhere}}, .created = seconds(150)});
  rig.run(seconds(2000));
  EXPECT_EQ(rig.books().hung_volumes, 1);
  EXPECT_EQ(rig.state("ns/pod1").phase, PodPhase::running);
  ASSERT_EQ(rig.books().volume_wait.count(), 1u);
  EXPECT_NEAR(to_seconds(rig.books().volume_wait.all()[0]), 260, 0.1);  // of its grid of 20 s
}

TEST(Rebalancing, lowers_pools_above_the_threshold_and_raises_none_above_it) {
  ControlRig rig;
  rig.plan.liteio.rebalance_above = 0.8;
  rig.plan.liteio.min_local_storage = 0;
  rig.nodes(4);
  for (int i = 0; i < 9; ++i) rig.pod({.claims = {{gibibytes(100), kAnywhere}}, .node = "node0"});
  for (int i = 0; i < 15; ++i)
    rig.pod({.claims = {{gibibytes(50), kAnywhere}},
             .node = "node1"});  // 75 %: the fullest that could take it
  rig.at_end = [&] { rig.expect_sound(); };
  rig.run(seconds(6 * 3600));
  const PoolTable& pools = rig.cluster().pools;
  for (const NodeId pool : pools.pools) EXPECT_GE(pools.free[pool], gibibytes(200).count()) << pool;
  EXPECT_EQ(rig.books().migrations, 1);
  EXPECT_EQ(rig.books().migrations_failed, 0);
}

// ---- which states may follow

template <class State>
std::vector<std::pair<int, int>> followers(int states) {
  std::vector<std::pair<int, int>> found;
  for (int from = 0; from < states; ++from)
    for (int to = 0; to < states; ++to)
      if (may_follow(static_cast<State>(from), static_cast<State>(to)))
        found.emplace_back(from, to);
  return found;
}
template <class State>
using Edges = std::vector<std::pair<State, State>>;
template <class State>
std::vector<std::pair<int, int>> numbered(const Edges<State>& edges) {
  std::vector<std::pair<int, int>> numbers;
  for (const auto& [from, to] : edges)
    numbers.emplace_back(static_cast<int>(from), static_cast<int>(to));
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

TEST(States, pools_change_as_liteio_lets_them) {
  using enum PoolStatus;
  EXPECT_EQ(followers<PoolStatus>(5), numbered<PoolStatus>({{unknown, ready},
                                                            {offline, ready},
                                                            {locked, ready},
                                                            {ready, unknown},
                                                            {ready, locked},
                                                            {ready, offline},
                                                            {unknown, offline},
                                                            {locked, offline},
                                                            {unknown, deleted},
                                                            {offline, deleted}}));
}
TEST(States, volumes_are_created_ready_and_deleted) {
  using enum VolumeStatus;
  EXPECT_EQ(followers<VolumeStatus>(3),
            numbered<VolumeStatus>({{creating, ready}, {creating, deleted}, {ready, deleted}}));
}
TEST(States, snapshots_merge_when_ready) {
  using enum SnapshotStatus;
  EXPECT_EQ(followers<SnapshotStatus>(6), numbered<SnapshotStatus>({{creating, ready},
                                                                    {creating, error},
                                                                    {ready, merging},
                                                                    {merging, merged},
                                                                    {merging, error},
                                                                    {creating, deleted},
                                                                    {ready, deleted},
                                                                    {merging, deleted},
                                                                    {merged, deleted},
                                                                    {error, deleted}}));
}
TEST(States, migrations_go_one_phase_forward) {
  using enum MigrationPhase;
  EXPECT_EQ(followers<MigrationPhase>(6), numbered<MigrationPhase>({{pending, creating_volume},
                                                                    {creating_volume, setup_pipe},
                                                                    {setup_pipe, syncing},
                                                                    {syncing, cleaning},
                                                                    {cleaning, finished}}));
}

}  // namespace fleet_migration_test
}  // namespace orrery::control
