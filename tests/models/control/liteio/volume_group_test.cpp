#include "models/control/liteio/volume_group.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "tests/models/control/liteio/pool_rig.hpp"

namespace orrery::control {

static bool operator==(const GroupPlan::Part& a, const GroupPlan::Part& b) {
  return a.pool == b.pool && a.size == b.size;
}

namespace volume_group_test {

using testing::ElementsAre;
using Part = GroupPlan::Part;

class VolumeGroup : public testing::Test {
 protected:
  ControlPoolRig rig;
  VolumeScheduler scheduler =
      scheduler_of({.min_local_storage = 0.2}, {"basic", "min_local_storage"});

  NodeId add_used(Bytes used) {
    const NodeId pool = rig.add();
    if (used > Bytes{}) rig.table.bind({.pool = pool, .host = pool, .total = used}, {});
    return pool;
  }
};

TEST_F(VolumeGroup, takes_most_from_where_most_is_free_and_from_empty_pools_last) {
  const NodeId empty = add_used(Bytes{});
  const NodeId fuller = add_used(gibibytes(70));
  const NodeId emptier = add_used(gibibytes(40));
  const GroupRequest request{.name = "group",
                             .total = gibibytes(100),
                             .min_size = gibibytes(1),
                             .max_size = gibibytes(1000),
                             .max_count = 4};
  const GroupPlan plan = plan_group(scheduler, rig.table, request);
  EXPECT_THAT(plan.parts, ElementsAre(Part{emptier, gibibytes(60)}, Part{fuller, gibibytes(30)},
                                      Part{empty, gibibytes(10)}));
}

TEST_F(VolumeGroup, leaves_empty_pools_alone_if_it_must) {
  add_used(Bytes{});
  const NodeId used = add_used(gibibytes(40));
  GroupRequest request{.total = gibibytes(60),
                       .min_size = gibibytes(1),
                       .max_size = gibibytes(60),
                       .max_count = 4,
                       .may_use_empty = false};
  EXPECT_THAT(plan_group(scheduler, rig.table, request).parts,
              ElementsAre(Part{used, gibibytes(60)}));
  request.total = gibibytes(61);
  const GroupPlan none = plan_group(scheduler, rig.table, request);
  EXPECT_TRUE(none.parts.empty());
  EXPECT_EQ(message_of(none.refused), "PoolEmpty: 1");
}

TEST_F(VolumeGroup, a_part_leaves_alone_what_is_for_volumes_of_the_pools_own_node) {
  const NodeId first = add_used(Bytes{});
  const NodeId second = add_used(Bytes{});
  rig.table.bind({.pool = first, .host = 7, .total = gibibytes(50)}, {});
  const GroupPlan plan = plan_group(scheduler, rig.table,
                                    {.total = gibibytes(110),
                                     .min_size = gibibytes(1),
                                     .max_size = gibibytes(100),
                                     .max_count = 2});
  EXPECT_THAT(plan.parts, ElementsAre(Part{first, gibibytes(30)}, Part{second, gibibytes(80)}));
}

TEST_F(VolumeGroup, fails_if_so_many_parts_do_not_reach_the_total) {
  for (int i = 0; i < 4; ++i) add_used(gibibytes(40));
  GroupRequest request{.total = gibibytes(100),
                       .min_size = gibibytes(10),
                       .max_size = gibibytes(25),
                       .max_count = 3};
  EXPECT_TRUE(plan_group(scheduler, rig.table, request).parts.empty());
  request.max_count = 4;
  EXPECT_EQ(plan_group(scheduler, rig.table, request).parts.size(), 4u);
}

TEST_F(VolumeGroup, parts_are_not_smaller_than_allowed_even_the_last) {
  for (int i = 0; i < 2; ++i) add_used(gibibytes(40));
  EXPECT_TRUE(plan_group(scheduler, rig.table,
                         {.total = gibibytes(65),
                          .min_size = gibibytes(10),
                          .max_size = gibibytes(60),
                          .max_count = 2})
                  .parts.empty());
}

TEST_F(VolumeGroup, is_spread_over_the_least_number_of_nodes_asked_for) {
  for (int i = 0; i < 4; ++i) add_used(gibibytes(40));
  const GroupPlan plan = plan_group(scheduler, rig.table,
                                    {.total = gibibytes(50),
                                     .min_size = gibibytes(10),
                                     .max_size = gibibytes(60),
                                     .min_count = 3,
                                     .max_count = 4});
  EXPECT_THAT(plan.parts,
              ElementsAre(Part{0, gibibytes(30)}, Part{1, gibibytes(10)}, Part{2, gibibytes(10)}));
}

TEST_F(VolumeGroup, a_total_between_units_is_rounded_up) {
  add_used(gibibytes(40));
  const GroupPlan plan =
      plan_group(scheduler, rig.table,
                 {.total = mebibytes(9), .min_size = mebibytes(1), .max_size = gibibytes(1)});
  EXPECT_THAT(plan.parts, ElementsAre(Part{0, mebibytes(12)}));
}

RC_GTEST_PROP(VolumeGroups, parts_make_up_the_total_in_units_on_distinct_nodes_that_have_room, ()) {
  ControlPoolRig rig;
  const int pools = *rc::gen::inRange(1, 30);
  const auto some = [](int most) { return mebibytes(*rc::gen::inRange(0, most)); };
  for (int i = 0; i < pools; ++i) {
    const NodeId pool = rig.add(gibibytes(2));
    const Bytes used = some(2500);
    if (used > Bytes{})
      rig.table.bind({.pool = pool, .host = *rc::gen::inRange(0u, 9u), .total = used}, {});
  }
  GroupRequest request{.total = some(9000) + Bytes{1},
                       .min_size = some(500),
                       .max_size = some(3000),
                       .min_count = *rc::gen::inRange(1, 4),
                       .max_count = *rc::gen::inRange(1, 20),
                       .may_use_empty = *rc::gen::arbitrary<bool>()};
  const double share = 0.1 * *rc::gen::inRange(0, 6);
  VolumeScheduler scheduler =
      scheduler_of({.max_remote_volumes = 2, .min_local_storage = share}, {"basic"});
  const GroupPlan plan = plan_group(scheduler, rig.table, request);
  RC_CLASSIFY(plan.parts.empty(), "none");
  if (plan.parts.empty()) return;

  Bytes sum;
  std::set<NodeId> nodes;
  for (const Part& part : plan.parts) {
    sum += part.size;
    nodes.insert(part.pool);
    RC_ASSERT(part.size % kGroupUnit == Bytes{});
    RC_ASSERT(part.size >= request.min_size && part.size <= request.max_size);
    RC_ASSERT(request.may_use_empty || rig.table.volumes[part.pool] > 0);
    rig.table.bind({.pool = part.pool, .host = kNoNode, .total = part.size}, {});
    RC_ASSERT(rig.table.free[part.pool] >= 0);
    RC_ASSERT(static_cast<double>(rig.table.remote_allocated[part.pool]) <=
              static_cast<double>(rig.table.capacity[part.pool]) * (1 - share));
  }
  RC_ASSERT(sum == kGroupUnit * units_of(kGroupUnit, request.total));
  RC_ASSERT(nodes.size() == plan.parts.size());
  RC_ASSERT(std::ssize(nodes) >= request.min_count && std::ssize(nodes) <= request.max_count);
}

}  // namespace volume_group_test
}  // namespace orrery::control
