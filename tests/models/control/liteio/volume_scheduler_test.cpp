#include "models/control/liteio/volume_scheduler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "tests/models/control/liteio/pool_rig.hpp"

namespace orrery::control {
namespace volume_scheduler_test {

using testing::ElementsAre;

const std::vector<std::string> kFilters{"basic", "affinity", "ob_replica", "min_local_storage"};
const std::vector<std::string> kPriorities{"least_resource", "position_advice"};

void report_used(PoolTable& table, NodeId pool, double share) {
  const auto capacity = static_cast<double>(table.capacity[pool]);
  table.report(pool, Bytes{table.capacity[pool] - static_cast<std::int64_t>(capacity * share)});
}

TEST(PoolPriorities, are_found_by_name) {
  for (const PoolPriorityEntry& entry : all_pool_priorities()) {
    EXPECT_EQ(find_pool_priority(entry.name), &entry);
    EXPECT_NE(entry.make(), nullptr);
  }
  EXPECT_NE(find_pool_priority("least_resource"), nullptr);
  EXPECT_NE(find_pool_priority("position_advice"), nullptr);
  EXPECT_EQ(find_pool_priority("most_resource"), nullptr);
}

TEST(VolumeScheduler, takes_no_name_that_is_none) {
  EXPECT_THROW(scheduler_of({}, {"basic", "affinty"}), std::invalid_argument);
  EXPECT_THROW(scheduler_of({}, {"basic"}, {"least"}), std::invalid_argument);
}

TEST(VolumeScheduler, fills_the_fullest_pool_that_has_room) {
  ControlPoolRig rig;
  for (const double used : {0.3, 0.9, 0.7, 0.5}) {
    const NodeId pool = rig.add();
    report_used(rig.table, pool, used);
    rig.table.free[pool] -= static_cast<std::int64_t>(used * 100) * gibibytes(1).count();
  }
  VolumeScheduler scheduler = scheduler_of({}, kFilters, kPriorities);
  EXPECT_EQ(scheduler.schedule(rig.table, request_of(gibibytes(10))).pool, 1u);
  EXPECT_EQ(scheduler.schedule(rig.table, request_of(gibibytes(11))).pool, 2u);
  const Decision none = scheduler.schedule(rig.table, request_of(gibibytes(71)));
  EXPECT_EQ(none.pool, kNoNode);
  EXPECT_EQ(none.message(), "PoolFreeSize: 4");
}

TEST(VolumeScheduler, takes_a_selected_node_without_a_look_at_it) {
  ControlPoolRig rig;
  rig.add();
  const NodeId pool = rig.add();
  rig.table.status[pool] = PoolStatus::offline;
  VolumeRequest request = request_of(gibibytes(1000));
  request.selected_node = pool;
  VolumeScheduler scheduler = scheduler_of({}, kFilters, kPriorities);
  EXPECT_EQ(scheduler.schedule(rig.table, request).pool, pool);
  EXPECT_EQ(scheduler.explain(rig.table, request).decision.pool, pool);
}

TEST(VolumeScheduler, preferring_local_loses_to_a_pool_that_is_more_than_the_bonus_fuller) {
  ControlPoolRig rig;
  const NodeId host = rig.add();
  const NodeId other = rig.add();
  report_used(rig.table, host, 0.5);
  VolumeRequest request = request_of(gibibytes(1), host);
  request.position = PositionAdvice::prefer_local;
  VolumeScheduler scheduler = scheduler_of({}, kFilters, kPriorities);
  report_used(rig.table, other, 0.69);
  EXPECT_EQ(scheduler.schedule(rig.table, request).pool, host);
  report_used(rig.table, other, 0.715);
  EXPECT_EQ(scheduler.schedule(rig.table, request).pool, other);
}

TEST(VolumeScheduler, preferring_remote_loses_to_an_own_pool_that_is_more_than_the_bonus_fuller) {
  ControlPoolRig rig;
  const NodeId host = rig.add();
  const NodeId other = rig.add();
  report_used(rig.table, other, 0.5);
  VolumeRequest request = request_of(gibibytes(1), host);
  request.position = PositionAdvice::prefer_remote;
  VolumeScheduler scheduler = scheduler_of({}, kFilters, kPriorities);
  report_used(rig.table, host, 0.69);
  EXPECT_EQ(scheduler.schedule(rig.table, request).pool, other);
  report_used(rig.table, host, 0.715);
  EXPECT_EQ(scheduler.schedule(rig.table, request).pool, host);
}

TEST(VolumeScheduler, scores_by_the_last_report_and_filters_by_what_is_free_now) {
  ControlPoolRig rig;
  const NodeId first = rig.add();
  const NodeId second = rig.add();
  report_used(rig.table, first, 0.1);
  VolumeScheduler scheduler = scheduler_of({}, kFilters, kPriorities);
  // A burst piles onto the pool that was the fuller one, until it is full.
  const VolumeRequest request = request_of(gibibytes(40), first);
  std::vector<NodeId> chosen;
  for (int i = 0; i < 4; ++i) {
    chosen.push_back(scheduler.schedule(rig.table, request).pool);
    rig.table.bind(booking_of(request, chosen.back()), {});
  }
  EXPECT_THAT(chosen, ElementsAre(first, first, second, second));
  EXPECT_EQ(scheduler.schedule(rig.table, request).pool, kNoNode);
}

TEST(VolumeScheduler, scores_are_whole_points_and_never_negative) {
  ControlPoolRig rig;
  report_used(rig.table, rig.add(), 0.499);
  report_used(rig.table, rig.add(), -0.5);
  VolumeScheduler scheduler = scheduler_of({}, kFilters, kPriorities);
  const Explanation full = scheduler.explain(rig.table, request_of(gibibytes(1)));
  EXPECT_EQ(full.verdicts[0].score, 49);
  EXPECT_EQ(full.verdicts[1].score, 0);
  scheduler = scheduler_of({.fullness_points = 10}, kFilters, kPriorities);
  const Explanation ten = scheduler.explain(rig.table, request_of(gibibytes(1)));
  EXPECT_EQ(ten.verdicts[0].score, 4);
}

// Chi-square with 9 degrees of freedom exceeds 27.9 for one seed in a thousand; this one is fixed.
TEST(VolumeScheduler, breaks_ties_evenly) {
  ControlPoolRig rig;
  for (int i = 0; i < 10; ++i) rig.add();
  rig.table.status[rig.add()] = PoolStatus::unknown;
  VolumeScheduler scheduler = scheduler_of({}, kFilters, kPriorities);
  constexpr int kDraws = 10'000;
  std::vector<int> times(rig.table.size());
  for (int i = 0; i < kDraws; ++i)
    ++times[scheduler.schedule(rig.table, request_of(gibibytes(1))).pool];
  const double expected = kDraws / 10.0;
  double chi_square = 0;
  for (int i = 0; i < 10; ++i)
    chi_square += (times[i] - expected) * (times[i] - expected) / expected;
  EXPECT_LT(chi_square, 27.9);
  EXPECT_EQ(times[10], 0);
}

TEST(VolumeScheduler, a_migration_does_not_end_where_it_began) {
  ControlPoolRig rig;
  const NodeId source = rig.add();
  const NodeId other = rig.add();
  report_used(rig.table, source, 0.9);
  VolumeRequest request = request_of(gibibytes(1));
  request.not_on = source;
  VolumeScheduler scheduler = scheduler_of({}, kFilters, kPriorities);
  EXPECT_EQ(scheduler.schedule(rig.table, request).pool, other);
  rig.table.locked[other] = 1;
  EXPECT_EQ(scheduler.schedule(rig.table, request).message(),
            "PoolUnschedulable: 1, NodeExcluded: 1");
}

TEST(VolumeScheduler, nodes_without_a_pool_are_not_looked_at) {
  ControlPoolRig rig;
  const NodeId host = rig.add(Bytes{});
  rig.add();
  VolumeScheduler scheduler = scheduler_of({}, kFilters, kPriorities);
  EXPECT_EQ(scheduler.explain(rig.table, request_of(gibibytes(1))).verdicts.size(), 1u);
  VolumeRequest request = request_of(gibibytes(1), host);
  request.position = PositionAdvice::must_local;
  EXPECT_EQ(scheduler.schedule(rig.table, request).message(), "PositionNotMatch: 1");
}

TEST(VolumeScheduler, explains_what_became_of_every_pool) {
  ControlPoolRig rig;
  const NodeId host = rig.add();
  const NodeId taken = rig.add();
  const NodeId labelled = rig.add(gibibytes(100), {{"zone", "a"}});
  const NodeId other = rig.add(gibibytes(100), {{"zone", "a"}});
  rig.table.locked[host] = 1;
  report_used(rig.table, other, 0.25);
  const Labels zone{{"zone", "a"}};
  VolumeRequest request = request_of(gibibytes(1), labelled);
  request.position = PositionAdvice::prefer_local;
  request.node_selector = &zone;
  VolumeScheduler scheduler = scheduler_of({}, kFilters, kPriorities);
  const Explanation all = scheduler.explain(rig.table, request);

  EXPECT_EQ(all.decision.pool, other);
  EXPECT_EQ(all.decision.message(), "PoolUnschedulable: 1, NodeAffinity: 1");
  EXPECT_THAT(all.priorities, ElementsAre("least_resource", "position_advice"));
  ASSERT_EQ(all.verdicts.size(), 4u);
  EXPECT_EQ(all.verdicts[host].filter, "basic");
  EXPECT_EQ(all.verdicts[host].reason, Reason::pool_unschedulable);
  EXPECT_EQ(all.verdicts[taken].filter, "affinity");
  EXPECT_EQ(all.verdicts[taken].reason, Reason::node_affinity);
  EXPECT_TRUE(all.verdicts[taken].scores.empty());
  EXPECT_EQ(all.verdicts[labelled].filter, "");
  EXPECT_THAT(all.verdicts[labelled].scores, ElementsAre(0, 20));
  EXPECT_THAT(all.verdicts[other].scores, ElementsAre(25, 0));
  EXPECT_EQ(all.verdicts[other].score, 25);
}

TEST(VolumeScheduler, an_explanation_gives_each_pool_its_own_reason_where_a_decision_gives_one) {
  ControlPoolRig rig;
  const NodeId host = rig.add();
  rig.table.locked[rig.add()] = 1;
  rig.add();
  VolumeRequest request = request_of(gibibytes(1), host);
  request.position = PositionAdvice::must_local;
  VolumeScheduler scheduler = scheduler_of({}, kFilters, kPriorities);
  EXPECT_EQ(scheduler.schedule(rig.table, request).message(), "PositionNotMatch: 2");
  const Explanation all = scheduler.explain(rig.table, request);
  EXPECT_EQ(all.decision.pool, host);
  EXPECT_EQ(all.decision.message(), "PoolUnschedulable: 1, PositionNotMatch: 1");
}

}  // namespace volume_scheduler_test
}  // namespace orrery::control
