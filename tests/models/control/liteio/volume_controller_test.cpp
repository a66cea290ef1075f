// The way of a volume, and the races between those who place pods and those who place volumes.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/random.hpp"
#include "tests/models/control/rig.hpp"

namespace orrery::control {
namespace fleet_volumes_test {

class VolumeCase : public testing::Test {
 public:
  VolumeCase() { rig.make_requests_instant(); }
  void make_requests_take(Duration request, Duration watch) {
    rig.plan.kube.api_fastest = rig.plan.kube.api_slowest = request;
    rig.plan.kube.api_commit = Duration{};
    rig.plan.kube.watch_delay = watch;
  }
  ControlRig rig;
};

// ---- times

TEST_F(VolumeCase, a_local_volume_is_made_staged_and_mounted) {
  rig.nodes(2);
  rig.pod({.claims = {{gibibytes(10), kMustLocal}}, .created = seconds(10)});
  rig.run(seconds(60));
  const PodRecord& pod = rig.state("ns/pod0");
  ASSERT_EQ(pod.phase, PodPhase::running);
  EXPECT_FALSE(rig.volume("ns/pod0").is_remote());
  EXPECT_EQ(rig.volume("ns/pod0").status, VolumeStatus::ready);
  // A cycle; ready 0.5 s after being bound, which a kubelet that looks after 0, 0.5 and 1.5 s sees
  // at 1.5 s; 0.5 s of mkfs; 1 s of start.
  EXPECT_NEAR(to_seconds(pod.bound), 10.00927, 1e-4);
  EXPECT_NEAR(to_seconds(pod.running - pod.bound), 3.0, 1e-3);
}

TEST_F(VolumeCase, a_remote_volume_is_connected_and_slept_for_besides) {
  rig.nodes(2);
  rig.pod({.claims = {{gibibytes(10), kMustRemote}}, .created = seconds(10)});
  rig.run(seconds(60));
  const PodRecord& pod = rig.state("ns/pod0");
  ASSERT_EQ(pod.phase, PodPhase::running);
  EXPECT_TRUE(rig.volume("ns/pod0").is_remote());
  EXPECT_NEAR(to_seconds(pod.running - pod.bound), 3.0 + 0.2 + 8.0, 1e-3);
}

TEST_F(VolumeCase, a_pod_without_volumes_starts_at_once) {
  rig.nodes(2);
  rig.pod({.created = seconds(10)});
  rig.run(seconds(60));
  EXPECT_NEAR(to_seconds(rig.state("ns/pod0").running - rig.state("ns/pod0").bound), 1.0, 1e-3);
}

TEST_F(VolumeCase, steps_that_are_requests_take_their_round_trips) {
  make_requests_take(milliseconds(20), milliseconds(10));
  rig.nodes(2);
  rig.pod({.claims = {{gibibytes(10), kMustLocal}}, .created = seconds(10)});
  rig.plan.policy = *find_policy("plugin");
  rig.run(seconds(60));
  const PodRecord& pod = rig.state("ns/pod0");
  const VolumeRecord& volume = rig.volume("ns/pod0");
  const double cycle = 10.010 + 0.00927;
  // PreBind of the plug-in and of VolumeBinding, half of CSI's create.
  EXPECT_NEAR(to_seconds(volume.made), cycle + 0.020 + 0.020 + 0.010, 1e-4);
  // The other half, the PersistentVolume, half of Bind.
  EXPECT_NEAR(to_seconds(pod.bound), to_seconds(volume.made) + 0.010 + 0.020 + 0.010, 1e-4);
  ASSERT_EQ(rig.books().volume_wait.count(), 1u);
  EXPECT_NEAR(to_seconds(rig.books().volume_wait.all()[0]), 0.010 + 100.4e-6, 1e-6);
}

TEST_F(VolumeCase, one_worker_schedules_volumes_one_after_the_other_with_their_requests) {
  make_requests_take(milliseconds(20), Duration{});
  rig.plan.kube.cycle = rig.plan.kube.cycle_volumes = Duration{};
  rig.nodes(20);
  for (int i = 0; i < 20; ++i)
    rig.pod({.claims = {{gibibytes(10), kAnywhere}}, .created = seconds(10)});
  rig.run(seconds(60));
  std::vector<double> waits;
  for (const Duration wait : rig.books().volume_wait.all()) waits.push_back(to_seconds(wait));
  std::sort(waits.begin(), waits.end());
  ASSERT_EQ(waits.size(), 20u);
  // Made within a millisecond of each other, decided a request and a decision apart.
  for (std::size_t i = 1; i < waits.size(); ++i)
    EXPECT_NEAR(waits[i] - waits[i - 1], 0.020 + 104e-6, 2e-4) << i;
}

// ---- pools without room

TEST_F(VolumeCase, a_volume_without_a_pool_is_tried_again_every_20_s_but_only_after_room_has_come) {
  rig.nodes(2);
  rig.plan.policy = *find_policy("plugin");
  for (const char* node : {"node0", "node1"})
    rig.pod({.claims = {{gibibytes(900), kAnywhere}}, .lifetime = seconds(95), .node = node});
  rig.pod({.claims = {{gibibytes(500), kAnywhere}}, .created = seconds(10)});
  std::uint64_t fired_before = 0, fired_after = 0;
  rig.at(seconds(20), [&] { fired_before = rig.plane->context().calendar.fired(); });
  rig.at(seconds(94), [&] { fired_after = rig.plane->context().calendar.fired(); });
  rig.at(seconds(94), [&] {
    EXPECT_EQ(rig.plane->volumes().unplaced().all().size(), 1u);
    EXPECT_EQ(rig.volume("ns/pod2").booking.pool, kNoNode);
  });
  rig.run(seconds(200));
  EXPECT_LE(fired_after - fired_before, 2u);
  EXPECT_EQ(rig.books().hung_volumes, 1);
  EXPECT_EQ(rig.books().conflicts, 0);
  ASSERT_EQ(rig.books().volume_wait.count(), 1u);
  // First tried at 10.01 s; room at 95.5 s; the fifth instant of its grid is the first after that.
  EXPECT_NEAR(to_seconds(rig.books().volume_wait.all()[0]), 100, 1e-3);
  EXPECT_EQ(rig.state("ns/pod2").phase, PodPhase::running);
}

TEST_F(VolumeCase, a_local_volume_is_preferred_by_20_points_of_fullness) {
  for (const auto& [fuller, is_remote] : {std::pair{250, false}, {290, false}, {350, true}}) {
    const auto figures = in_child([fuller = fuller] {
      ControlRig rig;
      rig.make_requests_instant();
      rig.node({.labels = {{"here", "yes"}}});
      rig.node();
      rig.pod({.claims = {{gibibytes(100), kMustLocal}}, .node = "node0"});  // 10 points
      rig.pod({.claims = {{gibibytes(fuller), kMustLocal}}, .node = "node1"});
      rig.pod({.claims = {{gibibytes(50), kPreferLocal}},
               .created = seconds(10),
               .node_selector = {{"here", "yes"}}});
      rig.run(seconds(60));
      return std::vector<double>{rig.volume("ns/pod2").is_remote() ? 1.0 : 0.0};
    });
    EXPECT_EQ(figures, std::vector<double>{is_remote ? 1.0 : 0.0}) << fuller;
  }
}

TEST_F(VolumeCase, deleting_a_pod_frees_everything_after_its_agents_time) {
  rig.nodes(2);
  rig.pod({.claims = {{gibibytes(100), kMustLocal}, {gibibytes(50), kMustRemote}},
           .created = seconds(10),
           .lifetime = seconds(100)});
  std::vector<std::int64_t> free;
  const auto look = [&] {
    free.push_back(rig.cluster().pools.free[0] + rig.cluster().pools.free[1]);
    free.push_back(rig.cluster().nodes[0].lv_free + rig.cluster().nodes[1].lv_free);
  };
  rig.at(seconds(50), look);
  rig.at(seconds(115.4), look);  // 5 s of NodeUnstage have passed
  rig.at(seconds(115.6), look);  // and the agent's 0.5 s
  rig.at_end = [&] {
    rig.expect_sound();
    rig.expect_empty();
  };
  rig.run(seconds(200));
  const std::int64_t all = gibibytes(2000).count(), used = gibibytes(150).count();
  EXPECT_EQ(free,
            (std::vector<std::int64_t>{all - used, all - used, all - used, all - used, all, all}));
}

TEST_F(VolumeCase, a_volume_without_a_pool_tries_again_when_its_pod_moves_to_a_node_with_room) {
  // No room for remote volumes; the pod's first node is full, the second is not. A drain moves it.
  rig.plan.liteio.max_remote_volumes = 0;
  rig.nodes(2);
  rig.pod({.claims = {{gibibytes(900), kMustLocal}}, .node = "node0"});
  rig.pod({.cpu = 64'000, .created = seconds(5), .lifetime = seconds(25)});  // keeps node1 busy
  rig.pod({.claims = {{gibibytes(500), kAnywhere}}, .created = seconds(10)});
  rig.happen(NodeEvent::Kind::drain, 0, seconds(50));
  rig.run(seconds(200));
  EXPECT_EQ(rig.books().hung_volumes, 1);
  EXPECT_EQ(rig.state("ns/pod2").phase, PodPhase::running);
  EXPECT_EQ(rig.volume("ns/pod2").booking.pool, 1u);
}

// ---- races

// A pod's remote volume of 700 GiB is bound on node0 at 10.0596 s; another pod wants 500 GiB that
// must be local there, and is made at a time to be chosen. Requests take 20 ms, news 10 ms.
class RaceCase : public VolumeCase {
 public:
  void race(std::string_view policy, Duration when) {
    make_requests_take(milliseconds(20), milliseconds(10));
    rig.plan.policy = *find_policy(policy);
    rig.node({.labels = {{"is", "0"}}});
    rig.node({.labels = {{"is", "1"}}});
    rig.pod({.claims = {{gibibytes(700), kMustRemote}},
             .created = seconds(10),
             .lifetime = seconds(90),
             .node_selector = {{"is", "1"}}});
    rig.pod({.claims = {{gibibytes(500), kMustLocal}},
             .created = when,
             .node_selector = {{"is", "0"}}});
    rig.at_end = [this] { rig.expect_sound(); };
    rig.run(seconds(300));
  }
};

TEST_F(RaceCase, extended_resource_places_a_pod_where_a_remote_volume_has_not_been_published) {
  race("extended_resource", seconds(10.06));
  EXPECT_EQ(rig.books().conflicts, 1);
  EXPECT_EQ(rig.books().hung_volumes, 1);
  EXPECT_EQ(rig.books().over_commits, 0);
  // It hangs until the remote volume is gone.
  EXPECT_EQ(rig.state("ns/pod1").phase, PodPhase::running);
  EXPECT_GT(to_seconds(rig.state("ns/pod1").running), 105);
}

TEST_F(RaceCase, extended_resource_has_no_conflict_once_the_patch_has_arrived) {
  race("extended_resource", seconds(11));
  EXPECT_EQ(rig.books().conflicts, 0);
  EXPECT_EQ(rig.books().hung_volumes, 0);
  EXPECT_EQ(rig.books().failed_attempts, 1);
  EXPECT_EQ(rig.state("ns/pod1").phase, PodPhase::running);
}

TEST_F(RaceCase,
       plugin_reserves_silently_nothing_when_a_volume_is_bound_between_filter_and_reserve) {
  race("plugin", seconds(10.045));
  EXPECT_EQ(rig.books().silent_reserves, 1);
  EXPECT_EQ(rig.books().over_commits, 1);
  EXPECT_EQ(rig.books().conflicts, 0);
  // Its first try and five fast ones; then every 30 s, of which those that cannot succeed are not
  // made.
  EXPECT_EQ(rig.books().failed_creations, 6);
  const PodRecord& pod = rig.state("ns/pod1");
  ASSERT_EQ(pod.phase, PodPhase::running);
  const double first_slow =
      10.0 + 0.7 + 0.155;  // roughly: bound, agent's six tries of 0.3 s and 155 ms of waits
  EXPECT_GT(to_seconds(pod.running), 105.5);
  EXPECT_LT(to_seconds(pod.running), first_slow + 120 + 4 + 122);
}

TEST_F(RaceCase, plugin_sees_a_volume_that_is_bound_before_its_filter_runs) {
  race("plugin", seconds(10.06));
  EXPECT_EQ(rig.books().silent_reserves, 0);
  EXPECT_EQ(rig.books().over_commits, 0);
  EXPECT_EQ(rig.books().failed_creations, 0);
  EXPECT_EQ(rig.state("ns/pod1").phase, PodPhase::running);
}

TEST_F(RaceCase, ideal_has_none_of_that_just_before) {
  race("ideal", seconds(10.045));
  EXPECT_EQ(rig.books().conflicts + rig.books().over_commits + rig.books().silent_reserves, 0);
  EXPECT_EQ(rig.state("ns/pod1").phase, PodPhase::running);
}
TEST_F(RaceCase, ideal_has_none_of_that_just_after) {
  race("ideal", seconds(10.06));
  EXPECT_EQ(rig.books().conflicts + rig.books().over_commits + rig.books().silent_reserves, 0);
  EXPECT_EQ(rig.state("ns/pod1").phase, PodPhase::running);
}

// Conflicts, over-commitments and silent reserves of a random burst.
std::vector<double> burst(std::string_view policy, std::uint64_t seed) {
  return in_child([=] {
    ControlRig rig;
    rig.plan.policy = *find_policy(policy);
    rig.nodes(20);
    RandomStream random(seed, "burst");
    const auto whole = [&random](int from, int to) {
      return from + static_cast<int>(random.below(static_cast<std::uint64_t>(to - from + 1)));
    };
    for (int i = 0; i < 200; ++i)
      rig.pod({.claims = {{gibibytes(whole(50, 400)), i % 2 == 0 ? kMustLocal : kMustRemote}},
               .created = milliseconds(10'000 + 20 * i),
               .lifetime = seconds(whole(50, 500))});
    rig.at_end = [&] {
      rig.expect_sound();
      rig.expect_empty();
    };
    rig.run(seconds(3000), seed);
    const FleetStats& books = rig.books();
    return std::vector<double>{static_cast<double>(books.conflicts),
                               static_cast<double>(books.over_commits),
                               static_cast<double>(books.silent_reserves)};
  });
}

TEST(BurstOfPods,
     conflicts_are_most_with_extended_resources_fewer_with_the_plugin_and_none_ideally) {
  double extended = 0, plugin = 0;
  for (const std::uint64_t seed : {1, 2, 3, 4}) {
    const auto by_extended = burst("extended_resource", seed);
    const auto by_plugin = burst("plugin", seed);
    const auto ideally = burst("ideal", seed);
    ASSERT_EQ(ideally, (std::vector<double>{0, 0, 0})) << seed;
    ASSERT_EQ(by_extended.size(), 3u);
    EXPECT_EQ(by_extended[1] + by_extended[2], 0) << seed;
    EXPECT_GE(by_extended[0], by_plugin[0] + by_plugin[1]) << seed;
    extended += by_extended[0];
    plugin += by_plugin[0] + by_plugin[1];
  }
  EXPECT_GT(extended, plugin);
}

TEST(BurstOfPods, the_same_seed_gives_the_same_run) {
  EXPECT_EQ(burst("plugin", 7), burst("plugin", 7));
}

TEST_F(VolumeCase,
       room_reserved_for_a_pod_that_is_deleted_while_it_is_bound_goes_to_a_volume_that_waits) {
  make_requests_take(seconds(10), Duration{});
  rig.plan.policy = *find_policy("plugin");
  rig.plan.liteio.max_remote_volumes = 0;
  rig.nodes(1);
  // Reserved at once, deleted before its claim has learnt its node; the other is bound to the same
  // pool's node in the meantime.
  rig.pod(
      {.claims = {{gibibytes(700), kMustLocal}}, .created = seconds(10), .lifetime = seconds(47)});
  rig.pod({.claims = {{gibibytes(500), kAnywhere}}, .created = seconds(11)});
  rig.at_end = [this] { rig.expect_sound(); };
  rig.run(seconds(1000));
  EXPECT_EQ(rig.state("ns/pod0").phase, PodPhase::gone);
  EXPECT_EQ(rig.state("ns/pod1").phase, PodPhase::running);
}

// ---- policy ideal

TEST_F(VolumeCase, ideal_takes_another_node_when_no_pool_is_left_for_the_best_ones_volumes) {
  rig.plan.policy = *find_policy("ideal");
  rig.plan.liteio.max_remote_volumes = 0;
  rig.node();  // empty of pods and therefore the best, but without disk to speak of
  rig.node();
  rig.demand.nodes[0].disk = gibibytes(10);
  rig.pod({.cpu = 32'000, .memory = gibibytes(256), .node = "node1"});
  rig.pod({.claims = {{gibibytes(500), kAnywhere}}, .created = seconds(10)});
  rig.run(seconds(60));
  EXPECT_EQ(rig.state("ns/pod1").node, 1u);
  EXPECT_EQ(rig.books().failed_attempts, 0);
}

TEST_F(VolumeCase, ideal_tries_a_pod_again_when_a_pool_of_a_node_that_it_cannot_run_on_has_room) {
  rig.plan.policy = *find_policy("ideal");
  rig.node({.disk = Bytes{}, .labels = {{"runs", "yes"}}});
  rig.node();
  rig.demand.nodes[0].disk = gibibytes(10);
  rig.pod({.claims = {{gibibytes(900), kMustLocal}}, .lifetime = seconds(100), .node = "node1"});
  rig.pod({.claims = {{gibibytes(500), kAnywhere}},
           .created = seconds(10),
           .node_selector = {{"runs", "yes"}}});
  rig.run(seconds(200));
  EXPECT_EQ(rig.books().attempts, 2);
  EXPECT_EQ(rig.state("ns/pod1").phase, PodPhase::running);
}

// ---- block store

TEST_F(VolumeCase, a_block_store_gives_all_its_room_three_times_over_and_takes_it_back) {
  rig.plan.disks = *find_disks("ebs");
  rig.nodes(3);  // 3,000 GiB are 800 GiB of volumes: 80 % of a third
  for (int i = 0; i < 10; ++i)
    rig.pod({.claims = {{gibibytes(100), kMustLocal}},
             .created = seconds(10),
             .lifetime = seconds(100)});
  double used = 0;
  rig.at(seconds(50), [&] { used = rig.plane->block_store().used(); });
  rig.at(seconds(50), [&] { EXPECT_EQ(rig.plane->sampling().now().unplaced, 2); });
  rig.run(seconds(300));
  EXPECT_EQ(used, static_cast<double>(gibibytes(800).count()));
  EXPECT_EQ(rig.plane->block_store().used(), 0);
  EXPECT_EQ(rig.books().hung_volumes, 2);
}

TEST_F(VolumeCase, a_pod_on_a_block_store_leaves_a_dead_node_and_its_volume_is_counted_once) {
  rig.plan.disks = *find_disks("ebs");
  rig.nodes(3);
  rig.pod({.claims = {{gibibytes(100), kMustLocal}},
           .created = seconds(10),
           .lifetime = seconds(5000)});
  NodeId first = kNoNode;
  rig.at(seconds(90), [&] {
    first = rig.state("ns/pod0").node;
    rig.plane->context().spawn(rig.plane->node_events().happen(
        {NodeEvent::Kind::dead, first, seconds(100), seconds(1000), true}));
  });
  double used = 0;
  rig.at(seconds(2000), [&] { used = rig.plane->block_store().used(); });
  rig.run(seconds(6000));
  EXPECT_EQ(rig.books().evicted, 1);
  EXPECT_EQ(rig.books().stuck_terminating, 0);
  EXPECT_EQ(rig.books().recreated, 1);
  EXPECT_EQ(used, static_cast<double>(gibibytes(100).count()));
  EXPECT_EQ(rig.plane->block_store().used(), 0);
}

// Clusters of 2 MiB in an lvstore, extents of 4 MiB in a volume group.
TEST(VolumeSizes, are_rounded_up_to_what_a_pool_gives_out) {
  for (const auto& [mode, fit] : {std::pair{PoolMode::spdk_lvstore, 5}, {PoolMode::kernel_lvm, 2}})
    EXPECT_EQ(in_child([mode = mode] {
                ControlRig rig;
                rig.node({.disk = mebibytes(11)});
                rig.demand.nodes[0].pool_mode = mode;
                for (int i = 0; i < 8; ++i)
                  rig.pod({.claims = {{mebibytes(1), kMustLocal}}, .created = seconds(1)});
                rig.at_end = [&rig] { rig.expect_sound(); };
                rig.run(seconds(300));
                return std::vector<double>{static_cast<double>(rig.cluster().nodes[0].pods.size())};
              }),
              std::vector<double>{static_cast<double>(fit)});
}

}  // namespace fleet_volumes_test
}  // namespace orrery::control
