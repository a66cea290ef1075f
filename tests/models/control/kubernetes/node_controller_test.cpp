// Heartbeats, and what becomes of pods and volumes when nodes die, are drained or locked.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "sim/random.hpp"
#include "tests/models/control/rig.hpp"

namespace orrery::control {
namespace fleet_nodes_test {

double mean_of(const Times& times) {
  double sum = 0;
  for (const Duration time : times.all()) sum += to_seconds(time);
  return sum / static_cast<double>(times.count());
}
double least_of(const Times& times) {
  return to_seconds(*std::min_element(times.all().begin(), times.all().end()));
}
double most_of(const Times& times) {
  return to_seconds(*std::max_element(times.all().begin(), times.all().end()));
}

class NodeCase : public testing::Test {
 public:
  // A pod's node, or the pool of its first volume, is killed at a time.
  void kill_node_of(const std::string& pod, Duration at, std::optional<Duration> lasts = {},
                    bool loses_data = true) {
    rig.at(at, [=, this] {
      killed = rig.state(pod).node;
      rig.plane->context().spawn(
          rig.plane->node_events().happen({NodeEvent::Kind::dead, killed, at, lasts, loses_data}));
    });
  }
  void kill_pool_of(const std::string& pod, Duration at, std::optional<Duration> lasts = {},
                    bool loses_data = true) {
    rig.at(at, [=, this] {
      killed = rig.volume(pod).booking.pool;
      rig.plane->context().spawn(
          rig.plane->node_events().happen({NodeEvent::Kind::dead, killed, at, lasts, loses_data}));
    });
  }
  PoolStatus pool(NodeId node) { return rig.cluster().pools.status[node]; }

  ControlRig rig;
  NodeId killed = kNoNode;
};

// ---- heartbeats

TEST_F(NodeCase, a_dead_nodes_pool_is_unknown_after_3_to_8_minutes) {
  rig.nodes(1200);
  RandomStream random(3, "deaths");
  for (NodeId node = 0; node < 1200; ++node)
    rig.die(node, seconds(3600 + 36'000 * random.uniform()), {}, false);
  rig.run(seconds(50'000));
  const Times& times = rig.books().to_pool_unknown;
  ASSERT_EQ(times.count(), 1200u);
  EXPECT_GE(least_of(times), 160);
  EXPECT_LE(most_of(times), 480);
  // Threshold 180 s, less a heartbeat's age of 10 s, and 150 s until a reconcile; standard error
  // 2.5 s.
  EXPECT_NEAR(mean_of(times), 320, 8);
  EXPECT_GE(least_of(rig.books().to_not_ready), 40);
  EXPECT_LE(most_of(rig.books().to_not_ready), 55);
  for (NodeId node = 0; node < 1200; ++node) {
    EXPECT_EQ(pool(node), PoolStatus::unknown);
    EXPECT_FALSE(rig.cluster().nodes[node].ready);
  }
}

TEST_F(NodeCase, the_moments_at_which_others_notice_are_those_of_clocks_that_tick) {
  rig.node();
  rig.start();
  RandomStream random(5, "ticks");
  const LiteioProfile& liteio = rig.plan.liteio;
  const KubernetesProfile& kube = rig.plan.kube;
  const auto some = [&random](Duration most) { return random.uniform(Duration{}, most); };
  // The first tick of a clock at which the last renewal before a death is too old.
  const auto noticed = [](Duration renew_phase, Duration renew, Duration look_phase, Duration look,
                          Duration threshold, Duration died) {
    Duration renewed = renew_phase - renew;
    while (renewed + renew <= died) renewed += renew;
    Duration now = look_phase;
    while (now <= died || now - renewed <= threshold) now += look;
    return after(kStart, now);
  };
  for (int i = 0; i < 2000; ++i) {
    NodeRecord node;
    node.heartbeat_phase = some(liteio.heartbeat);
    node.check_phase = some(liteio.check_period);
    node.lease_phase = some(kube.lease_renew);
    const Duration died = some(seconds(2000));
    const PoolController& pools = rig.plane->pools();
    EXPECT_EQ(pools.lost_at(node, after(kStart, died), liteio.lost_after),
              noticed(node.heartbeat_phase, liteio.heartbeat, node.check_phase, liteio.check_period,
                      liteio.lost_after, died));
    EXPECT_EQ(pools.lost_at(node, after(kStart, died), liteio.offline_after),
              noticed(node.heartbeat_phase, liteio.heartbeat, node.check_phase, liteio.check_period,
                      liteio.offline_after, died));
    EXPECT_EQ(rig.plane->nodes().not_ready_at(node, after(kStart, died)),
              noticed(node.lease_phase, kube.lease_renew, Duration{}, kube.monitor_period,
                      kube.monitor_grace, died));
  }
  rig.simulation->run(after(kStart, seconds(1)));
}

TEST_F(NodeCase, healthy_nodes_cost_no_events) {
  rig.nodes(1000);
  rig.plan.sampling.every = seconds(86'400);
  rig.run(seconds(864'000));
  EXPECT_LT(rig.plane->context().calendar.fired(), 100u);
  EXPECT_LT(rig.simulation->engine_steps(), 100u);
}

TEST_F(NodeCase, pods_are_evicted_300_s_later_one_node_every_10_s) {
  rig.nodes(100);
  for (NodeId node = 0; node < 10; ++node) rig.die(node, seconds(1000), {}, false);
  rig.run(seconds(3000));
  std::vector<Duration> times = rig.books().to_evict.all();
  ASSERT_EQ(times.size(), 10u);
  std::sort(times.begin(), times.end());
  EXPECT_GE(to_seconds(times[0]), 340);
  EXPECT_LE(to_seconds(times[0]), 356);
  for (std::size_t i = 1; i < times.size(); ++i) {
    EXPECT_GE(to_seconds(times[i] - times[i - 1]), 9.999);
    EXPECT_LE(to_seconds(times[i] - times[i - 1]), 10.001);
  }
}

TEST_F(NodeCase, an_unhealthy_zone_evicts_at_the_secondary_rate) {
  rig.nodes(100);
  for (NodeId node = 0; node < 60; ++node) rig.die(node, seconds(1000), {}, false);
  rig.run(seconds(3000));
  std::vector<Duration> times = rig.books().to_evict.all();
  std::sort(times.begin(), times.end());
  ASSERT_GE(times.size(), 5u);
  for (std::size_t i = 1; i < times.size(); ++i)
    EXPECT_NEAR(to_seconds(times[i] - times[i - 1]), 100, 0.01);
}

TEST_F(NodeCase, a_small_unhealthy_zone_evicts_nothing) {
  rig.nodes(50);
  for (NodeId node = 0; node < 30; ++node) rig.die(node, seconds(1000), {}, false);
  rig.run(seconds(5000));
  EXPECT_EQ(rig.books().to_evict.count(), 0u);
}

TEST_F(NodeCase, a_small_zone_evicts_once_it_is_healthy_again) {
  rig.nodes(50);
  for (NodeId node = 0; node < 30; ++node)
    rig.die(node, seconds(1000), node < 10 ? std::optional(seconds(2000)) : std::nullopt, false);
  rig.run(seconds(5000));
  EXPECT_EQ(rig.books().to_evict.count(), 20u);
  EXPECT_GE(least_of(rig.books().to_evict), 2000);
}

TEST_F(NodeCase, evictions_do_not_hold_up_the_news_of_other_deaths) {
  rig.nodes(200);
  for (NodeId node = 0; node < 50; ++node) rig.die(node, seconds(1000), {}, false);
  rig.die(60, seconds(1400), {}, false);
  rig.run(seconds(3000));
  EXPECT_EQ(rig.books().to_not_ready.count(), 51u);
  EXPECT_LE(most_of(rig.books().to_not_ready), 55);
  EXPECT_EQ(rig.books().to_evict.count(), 51u);
}

TEST_F(NodeCase, a_pool_is_offline_after_a_day_and_ready_after_its_nodes_return) {
  rig.nodes(2);
  rig.die(0, seconds(1000), seconds(90'000), false);
  std::vector<std::pair<double, PoolStatus>> seen;
  for (int i = 0; i < 1000; ++i)
    rig.at(seconds(100.0 * i), [this, &seen] {
      if (seen.empty() || seen.back().second != pool(0))
        seen.emplace_back(to_seconds(rig.now()), pool(0));
    });
  rig.run(seconds(100'000));
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen[0].second, PoolStatus::ready);
  EXPECT_EQ(seen[1].second, PoolStatus::unknown);
  EXPECT_EQ(seen[2].second, PoolStatus::offline);
  EXPECT_GE(seen[2].first, 1000 + 86'400 - 20);
  EXPECT_LE(seen[2].first, 1000 + 86'400 + 300 + 100);
  EXPECT_EQ(seen[3].second, PoolStatus::ready);
  // First heartbeat 20 s after the return, then a reconcile within 300 s.
  EXPECT_GE(seen[3].first, 91'000 + 20);
  EXPECT_LE(seen[3].first, 91'000 + 20 + 300 + 100);
  EXPECT_EQ(rig.books().pools_offline, 1);
  EXPECT_TRUE(rig.cluster().nodes[0].ready);
}

TEST_F(NodeCase, a_short_absence_is_not_noticed) {
  rig.nodes(2);
  rig.die(0, seconds(1000), seconds(30), false);
  rig.run(seconds(5000));
  EXPECT_EQ(rig.books().to_not_ready.count(), 0u);
  EXPECT_EQ(rig.books().to_pool_unknown.count(), 0u);
  EXPECT_TRUE(rig.cluster().nodes[0].ready);
  EXPECT_EQ(pool(0), PoolStatus::ready);
}

TEST_F(NodeCase, a_machine_may_die_while_its_agent_is_dead) {
  rig.nodes(2);
  rig.happen(NodeEvent::Kind::agent_dead, 0, seconds(1000), seconds(1000));
  rig.die(0, seconds(1300), seconds(2000), false);
  std::vector<bool> alive;
  rig.at(seconds(1200), [&] { alive.push_back(rig.cluster().nodes[0].alive); });
  rig.at(seconds(2500), [&] { alive.push_back(rig.cluster().nodes[0].alive); });
  rig.run(seconds(5000));
  EXPECT_EQ(alive, (std::vector<bool>{true, false}));
  EXPECT_TRUE(rig.cluster().nodes[0].alive);
  EXPECT_EQ(rig.books().nodes_lost, 1);
  EXPECT_LE(rig.books().to_pool_unknown.count(), 1u);
  EXPECT_EQ(pool(0), PoolStatus::ready);
}

TEST_F(NodeCase, a_node_that_dies_twice_is_noticed_twice) {
  rig.nodes(2);
  rig.die(0, seconds(1000), seconds(1000), false);
  rig.die(0, seconds(3000), seconds(1000), false);
  rig.run(seconds(6000));
  EXPECT_EQ(rig.books().nodes_lost, 2);
  EXPECT_EQ(rig.books().to_not_ready.count(), 2u);
  EXPECT_EQ(rig.books().to_pool_unknown.count(), 2u);
  EXPECT_EQ(pool(0), PoolStatus::ready);
  EXPECT_TRUE(rig.cluster().nodes[0].ready);
  EXPECT_EQ(rig.plane->scheduler().cache().lost[0], 0);
}

// ---- life cycle

TEST_F(NodeCase,
       a_pod_with_local_data_stays_on_a_dead_node_and_one_with_remote_data_leaves_with_it) {
  rig.nodes(3);
  rig.pod({.claims = {{gibibytes(10), kMustLocal}}, .node = "node0"});
  rig.pod({.claims = {{gibibytes(10), kMustRemote}}, .created = seconds(10)});
  rig.at(seconds(100), [this] {
    // Both on one node.
    rig.plane->context().spawn(rig.plane->node_events().happen(
        {NodeEvent::Kind::dead, rig.state("ns/pod1").node, seconds(100), {}, false}));
    rig.plane->context().spawn(
        rig.plane->node_events().happen({NodeEvent::Kind::dead, 0, seconds(100), {}, false}));
  });
  // The remote volume may lie on node0; then its pod cannot run again. Look for one that does not.
  VolumeId before = 0;
  NodeId first = kNoNode, lies_on = kNoNode;
  rig.at(seconds(90), [&] {
    before = rig.volume_id("ns/pod1");
    first = rig.state("ns/pod1").node;
    lies_on = rig.volume("ns/pod1").booking.pool;
  });
  rig.run(seconds(2000));
  EXPECT_EQ(rig.state("ns/pod0").node, 0u);
  EXPECT_GE(rig.books().stuck_terminating, 1);
  EXPECT_EQ(rig.books().recreated, 1);
  EXPECT_EQ(rig.volume_id("ns/pod1"), before);
  EXPECT_EQ(rig.volume("ns/pod1").booking.pool, lies_on);
  EXPECT_NE(rig.state("ns/pod1").node, first);
  EXPECT_EQ(rig.state("ns/pod1").generation, 1u);
}

TEST_F(NodeCase, a_pod_made_again_keeps_its_volumes_when_the_old_one_goes_at_last) {
  rig.nodes(3);
  rig.pod({.claims = {{gibibytes(10), kMustRemote}}, .created = seconds(10)});
  kill_node_of("ns/pod0", seconds(100), seconds(3000), false);
  rig.at_end = [this] { rig.expect_sound(); };
  rig.run(seconds(6000));
  EXPECT_EQ(rig.books().recreated, 1);
  EXPECT_EQ(rig.cluster().pods[0].phase, PodPhase::gone);
  const PodRecord& pod = rig.state("ns/pod0");
  EXPECT_EQ(pod.phase, PodPhase::running);
  EXPECT_EQ(rig.volume("ns/pod0").status, VolumeStatus::ready);
  EXPECT_FALSE(rig.volume("ns/pod0").is_deleting);
}

TEST_F(NodeCase, a_pod_that_waits_for_a_volume_of_a_dead_node_runs_when_that_returns) {
  rig.nodes(2);
  rig.pod({.claims = {{gibibytes(10), kMustRemote}}, .created = seconds(10)});
  kill_pool_of("ns/pod0", seconds(10.7), seconds(1000), false);  // made and not yet staged
  rig.run(seconds(3000));
  EXPECT_EQ(rig.state("ns/pod0").phase, PodPhase::running);
  EXPECT_GT(to_seconds(rig.state("ns/pod0").running), 1010);
}

TEST_F(NodeCase, a_volume_may_be_placed_on_a_dead_node_until_its_pool_is_unknown) {
  rig.nodes(2);
  rig.pod({.claims = {{gibibytes(10), kMustRemote}}, .created = seconds(1030)});
  rig.die(0, seconds(1000), seconds(1000), false);
  rig.die(1, seconds(1000), seconds(1000), false);
  rig.run(seconds(4000));
  EXPECT_EQ(rig.books().placed_on_lost, 1);
  EXPECT_EQ(rig.state("ns/pod0").phase, PodPhase::running);
  EXPECT_GT(to_seconds(rig.state("ns/pod0").running), 2000);
}

TEST_F(NodeCase, a_replica_is_given_up_after_an_hour_made_again_elsewhere_and_copied) {
  rig.nodes(4);
  rig.pod({.claims = {{gibibytes(100), kMustLocal}}, .data_holder = "ob.a.1", .node = "node0"});
  rig.pod({.claims = {{gibibytes(100), kMustLocal}}, .data_holder = "ob.a.2", .node = "node1"});
  rig.die(0, seconds(1000));
  rig.at_end = [this] { rig.expect_sound(); };
  double recreated_at = 0;
  rig.run(seconds(10'000));
  recreated_at = to_seconds(rig.state("ns/pod0").created);
  EXPECT_NEAR(recreated_at, 1000 + 3600 + 1, 0.1);
  EXPECT_EQ(rig.books().volumes_lost, 1);
  EXPECT_EQ(rig.books().rebuilds, 1);
  EXPECT_EQ(rig.books().restores, 0);
  EXPECT_EQ(rig.books().rebuilds_failed, 0);
  EXPECT_NE(rig.state("ns/pod0").node, 0u);
  const double bytes = 0.7 * static_cast<double>(gibibytes(100).count());
  EXPECT_NEAR(rig.books().rebuilt_bytes, bytes, 1);
  EXPECT_GE(mean_of(rig.books().rebuild_time), bytes * 8 / 10e9);
  EXPECT_LE(mean_of(rig.books().rebuild_time), bytes * 8 / 10e9 + 10);
  // The lost volume is deleted too; its node is dead, so by force, 20 minutes later.
  EXPECT_EQ(rig.books().forced_cleanups, 1);
  EXPECT_EQ(rig.cluster().pools.volumes[0], 0);
}

TEST_F(NodeCase, what_no_replica_has_comes_out_of_a_backup_and_shares_a_nodes_network) {
  rig.nodes(2);
  rig.node({.disk = Bytes{}, .unschedulable = true});  // only gives
  for (int i = 0; i < 9; ++i) rig.pod({.claims = {{gibibytes(100), kMustLocal}}, .node = "node0"});
  rig.die(0, seconds(1000));
  rig.run(seconds(10'000));
  EXPECT_EQ(rig.books().rebuilds, 0);
  EXPECT_EQ(rig.books().restores, 9);
  const double bytes = 0.7 * static_cast<double>(gibibytes(100).count());
  EXPECT_GE(least_of(rig.books().rebuild_time), bytes * 8 / 10e9);
  // 9 copies of at most 10 Gbit/s, begun within some 10 s, share 50 Gbit/s.
  EXPECT_GE(most_of(rig.books().rebuild_time), 9 * bytes * 8 / 50e9 - 15);
}

TEST_F(NodeCase, a_node_that_returns_empty_has_lost_what_need_not_be_local_as_well) {
  rig.nodes(3);
  rig.pod({.claims = {{gibibytes(100), kMustRemote}}, .created = seconds(10)});
  VolumeId before = 0;
  rig.at(seconds(90), [&] { before = rig.volume_id("ns/pod0"); });
  kill_pool_of("ns/pod0", seconds(100), seconds(1000), true);
  rig.at_end = [this] { rig.expect_sound(); };
  rig.run(seconds(6000));
  EXPECT_EQ(rig.books().restores, 1);
  EXPECT_NE(rig.volume_id("ns/pod0"), before);
  EXPECT_EQ(rig.cluster().volumes[before].status, VolumeStatus::deleted);
  EXPECT_EQ(rig.state("ns/pod0").phase, PodPhase::running);
}

TEST_F(NodeCase, a_replica_is_not_given_up_when_its_node_is_back_within_an_hour) {
  rig.nodes(3);
  rig.pod({.claims = {{gibibytes(100), kMustLocal}}, .node = "node0"});
  rig.die(0, seconds(1000), seconds(3500), false);
  rig.run(seconds(10'000));
  EXPECT_EQ(rig.books().recreated, 0);
  EXPECT_EQ(rig.state("ns/pod0").phase, PodPhase::running);
  EXPECT_EQ(rig.books().to_run.count(), 0u);  // it ran before
}

TEST_F(NodeCase, a_rebuild_whose_source_dies_fails) {
  rig.nodes(2);
  rig.node({.disk = Bytes{}, .unschedulable = true});
  rig.pod({.claims = {{gibibytes(900), kMustLocal}}, .node = "node0"});
  rig.die(0, seconds(1000));
  rig.die(2, seconds(4700), seconds(10));  // between two looks of anyone
  rig.run(seconds(10'000));
  EXPECT_EQ(rig.books().rebuilds, 0);
  EXPECT_EQ(rig.books().rebuilds_failed, 1);
}

TEST_F(NodeCase, a_deleted_volume_of_a_dead_node_is_forgotten_after_20_minutes) {
  rig.nodes(2);
  rig.pod({.claims = {{gibibytes(100), kMustRemote}},
           .created = seconds(10),
           .lifetime = seconds(990)});
  kill_pool_of("ns/pod0", seconds(900), {}, false);
  std::vector<std::int32_t> volumes;
  rig.at(seconds(1000 + 1200), [&] { volumes.push_back(rig.cluster().pools.volumes[killed]); });
  rig.at(seconds(1000 + 1207), [&] { volumes.push_back(rig.cluster().pools.volumes[killed]); });
  rig.at_end = [this] {
    rig.expect_sound();
    rig.expect_empty();
  };
  rig.run(seconds(4000));
  EXPECT_EQ(volumes, (std::vector<std::int32_t>{1, 0}));
  EXPECT_EQ(rig.books().forced_cleanups, 1);
}

TEST_F(NodeCase, a_pod_deleted_on_a_dead_node_goes_when_that_returns) {
  rig.nodes(2);
  rig.pod(
      {.claims = {{gibibytes(100), kMustLocal}}, .created = seconds(10), .lifetime = seconds(990)});
  kill_node_of("ns/pod0", seconds(900), seconds(3000), false);
  PodPhase phase{};
  rig.at(seconds(3800), [&] { phase = rig.state("ns/pod0").phase; });
  rig.at_end = [this] {
    rig.expect_sound();
    rig.expect_empty();
  };
  rig.run(seconds(6000));
  EXPECT_EQ(phase, PodPhase::terminating);
  EXPECT_EQ(rig.state("ns/pod0").phase, PodPhase::gone);
  EXPECT_EQ(rig.books().deleted, 1);
}

TEST_F(NodeCase, a_pod_whose_life_ends_while_it_is_evicted_leaves_once) {
  // Evictions fall between 340 and 360 s after the death; one of these pods ends in the middle of
  // its own.
  rig.nodes(3);
  for (int i = 0; i < 20; ++i)
    rig.pod({.claims = {{gibibytes(1), kMustRemote}},
             .created = seconds(10),
             .lifetime = seconds(1330 + 1.25 * i)});
  kill_node_of("ns/pod0", seconds(1000), seconds(3000), false);
  rig.at_end = [this] {
    rig.expect_sound();
    rig.expect_empty();
  };
  rig.run(seconds(9000));
  EXPECT_EQ(rig.books().deleted, 20);
  EXPECT_EQ(rig.books().evicted, rig.books().recreated);
}

TEST_F(NodeCase, a_node_that_returns_while_it_is_marked_as_lost_is_ready) {
  // It returns at the moment of the mark, whose write is under way for 20 ms.
  rig.plan.kube.api_fastest = rig.plan.kube.api_slowest = milliseconds(20);
  rig.nodes(2);
  rig.at(seconds(1000), [this] {
    const TimePoint noticed = rig.plane->nodes().not_ready_at(rig.cluster().nodes[0], rig.now());
    rig.plane->context().spawn(rig.plane->node_events().happen(
        {NodeEvent::Kind::dead, 0, seconds(1000), noticed - rig.now() + milliseconds(5), false}));
  });
  rig.run(seconds(2000));
  EXPECT_EQ(rig.books().to_not_ready.count(), 1u);
  EXPECT_TRUE(rig.cluster().nodes[0].ready);
  EXPECT_EQ(rig.plane->scheduler().cache().lost[0], 0);
}

// ---- drained and locked

TEST_F(NodeCase, a_drain_moves_what_can_move_and_its_end_lets_pods_in_again) {
  rig.nodes(3);
  rig.pod({.claims = {{gibibytes(10), kMustLocal}}, .node = "node0"});
  rig.pod({.claims = {{gibibytes(20), kAnywhere}}, .node = "node0"});
  rig.pod({.node = "node0"});
  rig.happen(NodeEvent::Kind::drain, 0, seconds(1000), seconds(5000));
  for (int i = 0; i < 10; ++i) rig.pod({.created = seconds(1100)});
  std::int64_t while_drained = 0;
  rig.at(seconds(2000), [&] { while_drained = std::ssize(rig.cluster().nodes[0].pods); });
  rig.at(seconds(2000), [&] { EXPECT_EQ(pool(0), PoolStatus::locked); });
  rig.at_end = [this] { rig.expect_sound(); };
  rig.run(seconds(8000));
  EXPECT_EQ(while_drained, 1);
  EXPECT_EQ(rig.books().drains_blocked, 1);
  EXPECT_EQ(rig.books().evicted, 2);
  EXPECT_EQ(rig.books().recreated, 2);
  EXPECT_EQ(rig.books().migrations, 1);
  EXPECT_EQ(rig.state("ns/pod0").node, 0u);
  EXPECT_NE(rig.state("ns/pod1").node, 0u);
  EXPECT_NE(rig.volume("ns/pod1").booking.pool, 0u);
  EXPECT_EQ(rig.state("ns/pod1").phase, PodPhase::running);
  EXPECT_EQ(pool(0), PoolStatus::ready);
  EXPECT_EQ(rig.plane->scheduler().cache().unschedulable[0], 0);
}

TEST_F(NodeCase, a_node_that_dies_while_it_is_drained_loses_no_pod) {
  rig.nodes(3);
  for (int i = 0; i < 5; ++i)
    rig.pod({.claims = {{gibibytes(10), kMustRemote}}, .created = seconds(10)});
  rig.at(seconds(1000), [this] {
    killed = rig.state("ns/pod0").node;
    NodeEvents& events = rig.plane->node_events();
    rig.plane->context().spawn(
        events.happen({NodeEvent::Kind::drain, killed, seconds(1000), {}, true}));
    rig.plane->context().spawn(
        events.happen({NodeEvent::Kind::dead, killed, seconds(1002), {}, false}));
  });
  rig.run(seconds(4000));
  for (int i = 0; i < 5; ++i) EXPECT_NE(rig.state("ns/pod" + std::to_string(i)).node, killed) << i;
  EXPECT_EQ(rig.state("ns/pod0").generation, 1u);
}

TEST_F(NodeCase, a_locked_pool_takes_no_volumes_until_it_is_unlocked) {
  rig.nodes(2);
  rig.happen(NodeEvent::Kind::lock, 0, seconds(100), seconds(1000));
  rig.happen(NodeEvent::Kind::lock, 1, seconds(100), seconds(1000));
  rig.pod({.claims = {{gibibytes(10), kMustLocal}}, .created = seconds(200)});
  rig.run(seconds(2000));
  EXPECT_EQ(rig.state("ns/pod0").phase, PodPhase::running);
  EXPECT_GT(to_seconds(rig.state("ns/pod0").bound), 1100);
  EXPECT_LT(to_seconds(rig.state("ns/pod0").bound), 1101);
}

TEST_F(NodeCase, a_lock_outlives_a_drain_and_a_cordon_of_its_specification_does) {
  rig.node({.unschedulable = true});
  rig.nodes(1);
  rig.happen(NodeEvent::Kind::drain, 0, seconds(100), seconds(1000));
  rig.happen(NodeEvent::Kind::lock, 0, seconds(200), seconds(5000));
  std::vector<PoolStatus> seen;
  for (const double at : {500, 3000, 6000})
    rig.at(seconds(at), [this, &seen] { seen.push_back(pool(0)); });
  rig.run(seconds(7000));
  EXPECT_EQ(seen, (std::vector{PoolStatus::locked, PoolStatus::locked, PoolStatus::ready}));
  EXPECT_EQ(rig.plane->scheduler().cache().unschedulable[0], 1);
}

// So many are lost that nobody is evicted: the pods of the dead machines are still called running.
TEST_F(NodeCase, what_is_on_dead_machines_neither_runs_nor_counts_as_used) {
  rig.nodes(10, {.cpu = 16000});
  for (int i = 0; i < 40; ++i) rig.pod({.cpu = 4000, .created = seconds(1)});
  for (NodeId node = 2; node < 10; ++node) rig.die(node, seconds(3600));
  FleetSample sample;
  rig.at_end = [&] { sample = rig.plane->sampling().now(); };
  rig.run(seconds(10800));
  EXPECT_EQ(sample.pods, 40);
  EXPECT_EQ(sample.running, 8);
  EXPECT_EQ(sample.on_dead_nodes, 32);
  EXPECT_EQ(sample.waiting, 0);
  EXPECT_DOUBLE_EQ(sample.cpu_used, 1);
}

TEST_F(NodeCase, a_node_that_is_lost_from_the_start_takes_nothing_and_its_pods_are_made_again) {
  rig.nodes(3, {.cpu = 2000});
  rig.demand.nodes[0].is_lost = true;
  rig.pod({.node = "node0"});
  for (int i = 0; i < 3; ++i)
    rig.pod({.claims = {{gibibytes(10), kAnywhere}}, .created = seconds(1)});
  rig.at(seconds(100), [this] {
    EXPECT_EQ(rig.plane->sampling().now().on_dead_nodes, 1);
    EXPECT_EQ(rig.plane->sampling().now().running, 3);
  });
  rig.run(seconds(1000));
  for (int i = 0; i < 4; ++i) EXPECT_NE(rig.state("ns/pod" + std::to_string(i)).node, 0u);
  for (int i = 1; i < 4; ++i) EXPECT_NE(rig.volume("ns/pod" + std::to_string(i)).booking.pool, 0u);
  EXPECT_EQ(rig.state("ns/pod0").phase, PodPhase::running);
  EXPECT_EQ(rig.books().evicted, 1);
  EXPECT_EQ(pool(0), PoolStatus::unknown);
}

TEST_F(NodeCase, a_pool_that_is_unlocked_while_its_agent_is_dead_is_unknown) {
  rig.nodes(2);
  rig.happen(NodeEvent::Kind::lock, 0, seconds(100), seconds(2000));
  rig.happen(NodeEvent::Kind::agent_dead, 0, seconds(200), seconds(5000));
  std::vector<PoolStatus> seen;
  for (const double at : {1500, 3000, 6000})
    rig.at(seconds(at), [this, &seen] { seen.push_back(pool(0)); });
  rig.run(seconds(7000));
  EXPECT_EQ(seen, (std::vector{PoolStatus::locked, PoolStatus::unknown, PoolStatus::ready}));
}

TEST_F(NodeCase, a_pool_locked_while_it_is_unknown_is_locked_when_its_agent_returns) {
  rig.nodes(2);
  rig.happen(NodeEvent::Kind::agent_dead, 0, seconds(100), seconds(2000));
  rig.happen(NodeEvent::Kind::lock, 0, seconds(1500), seconds(3000));
  std::vector<PoolStatus> seen;
  for (const double at : {2050, 3000, 5000})
    rig.at(seconds(at), [this, &seen] { seen.push_back(pool(0)); });
  rig.run(seconds(7000));
  EXPECT_EQ(seen, (std::vector{PoolStatus::unknown, PoolStatus::locked, PoolStatus::ready}));
}

}  // namespace fleet_nodes_test
}  // namespace orrery::control
