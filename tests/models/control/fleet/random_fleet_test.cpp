// What holds at the end of any run: random fleets with pods that come and go, nodes that die,
// return, are drained and locked.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <tuple>

#include "sim/random.hpp"
#include "tests/models/control/rig.hpp"

namespace orrery::control {
namespace fleet_random_test {

using Case = std::tuple<std::string, std::string, std::uint64_t>;

// Figures that two runs of one seed must share.
std::vector<double> figures_of(ControlRig& rig) {
  const FleetStats& books = rig.books();
  std::vector<double> figures;
  for (const std::int64_t count :
       {books.created,         books.impossible,       books.deleted,
        books.recreated,       books.evicted,          books.stuck_terminating,
        books.attempts,        books.failed_attempts,  books.conflicts,
        books.over_commits,    books.silent_reserves,  books.failed_creations,
        books.hung_volumes,    books.placed_on_lost,   books.drains_blocked,
        books.forced_cleanups, books.rebuilds,         books.rebuilds_failed,
        books.migrations,      books.migrations_failed})
    figures.push_back(static_cast<double>(count));
  for (const Times* times : {&books.to_bind, &books.to_run, &books.volume_wait, &books.to_not_ready,
                             &books.to_pool_unknown, &books.to_evict})
    for (const Duration time : times->all()) figures.push_back(to_seconds(time));
  figures.push_back(static_cast<double>(rig.plane->context().calendar.fired()));
  return figures;
}

std::vector<double> run_of(const Case& of) {
  const auto [disks, policy, seed] = of;
  ControlRig rig;
  rig.plan.disks = *find_disks(disks);
  rig.plan.policy = *find_policy(policy);
  const bool is_ideal = rig.plan.policy.is_consistent;
  rig.plan.liteio.rebalance_above = seed % 2 == 0 ? 0.7 : 0;
  RandomStream random(seed, "fleet");
  const auto whole = [&random](int from, int to) {
    return from + static_cast<int>(random.below(static_cast<std::uint64_t>(to - from + 1)));
  };
  constexpr int kNodes = 24;
  for (int i = 0; i < kNodes; ++i)
    rig.node({.cpu = 16'000 * whole(1, 4), .disk = gibibytes(whole(0, 5) * 300)});
  // Six hours of arrivals; everyone is gone, and every node back, after two days.
  std::vector<double> times;
  for (int i = 0; i < 400; ++i) times.push_back(6 * 3600 * random.uniform());
  std::sort(times.begin(), times.end());
  for (int i = 0; i < 400; ++i) {
    PodLike pod;
    pod.cpu = 1000 * whole(1, 8);
    const auto kinds = std::to_array({kAnywhere, kMustLocal, kPreferLocal, kMustRemote});
    for (int v = whole(0, 3); v > 0; --v)
      pod.claims.emplace_back(gibibytes(whole(10, 400)), kinds[random.below(4)]);
    // Many of them at the same instants, many for some milliseconds only.
    pod.created = seconds(i % 3 == 0 ? std::floor(times[i] / 600) * 600 : times[i]);
    pod.lifetime = i % 5 == 0 ? milliseconds(whole(0, 1500)) : seconds(whole(10, 30'000));
    pod.max_per_node = whole(0, 3) == 0 ? 2 : 0;
    if (whole(0, 2) == 0)
      pod.data_holder = "ob.c" + std::to_string(whole(0, 5)) + ".z" + std::to_string(whole(0, 2));
    rig.pod(pod);
  }
  std::stable_sort(rig.demand.pods.begin(), rig.demand.pods.end(),
                   [](const PodSpec& a, const PodSpec& b) { return a.created < b.created; });
  using Kind = NodeEvent::Kind;
  const auto events = std::to_array(
      {Kind::dead, Kind::dead, Kind::dead, Kind::agent_dead, Kind::drain, Kind::lock});
  for (int i = 0; i < 40; ++i) {
    const Duration lasts = whole(0, 2) == 0 ? seconds(whole(1, 60)) : seconds(whole(60, 12'000));
    rig.plan.events.push_back({events[random.below(events.size())],
                               static_cast<NodeId>(whole(0, kNodes - 1)),
                               seconds(whole(100, 30'000)), lasts, whole(0, 1) == 0});
  }
  std::vector<double> figures;
  rig.at_end = [&] {
    rig.expect_sound();
    rig.expect_empty();
    for (const PodRecord& pod : rig.cluster().pods) EXPECT_EQ(pod.phase, PodPhase::gone);
    for (NodeId node = 0; node < kNodes; ++node) {
      EXPECT_TRUE(rig.cluster().nodes[node].ready);
      EXPECT_EQ(rig.cluster().pools.status[node] == PoolStatus::ready,
                rig.cluster().nodes[node].spec->disk.count() > 0);
    }
    EXPECT_EQ(rig.plane->block_store().used(), 0);
    EXPECT_EQ(rig.books().deleted, 400);
    EXPECT_EQ(rig.plane->scheduler().waiting(), 0u);
    EXPECT_TRUE(rig.plane->volumes().unplaced().all().empty());
  };
  for (const double hour : {1.0, 2.5, 4.0, 7.0, 9.0})
    rig.at(seconds(3600 * hour), [&rig, is_ideal] {
      for (const NodeRecord& node : rig.cluster().nodes) EXPECT_GE(node.lv_free, 0);
      if (!is_ideal) return;
      for (const std::int64_t free : rig.cluster().pools.free) EXPECT_GE(free, 0);
    });
  rig.run(seconds(2 * 86'400), seed);
  const FleetStats& books = rig.books();
  if (is_ideal) {
    EXPECT_EQ(books.conflicts + books.over_commits + books.silent_reserves, 0);
  }
  return figures_of(rig);
}

class RandomFleet : public testing::TestWithParam<Case> {};

TEST_P(RandomFleet, leaves_nothing_behind_and_keeps_its_books) { run_of(GetParam()); }

INSTANTIATE_TEST_SUITE_P(All, RandomFleet,
                         testing::Combine(testing::ValuesIn(names_in(all_disks())),
                                          testing::ValuesIn(names_in(all_policies())),
                                          testing::Values(1, 2, 3, 4)));

TEST(RandomFleetTwice, is_the_same_fleet) {
  const Case of{"lightpool", "plugin", 5};
  const auto first = in_child([&] { return run_of(of); });
  EXPECT_GT(first.size(), 400u);
  EXPECT_EQ(in_child([&] { return run_of(of); }), first);
}

}  // namespace fleet_random_test
}  // namespace orrery::control
