// Where the volumes of pools lie, and what may become of them, without a scenario.
#include "models/pool/pool_plan.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "models/pool/operation_plan.hpp"

namespace orrery {
namespace pool_model_plan_test {

EngineProfile engine() {
  EngineProfile engine;
  engine.cluster = mebibytes(2);
  engine.strip = kibibytes(128);
  engine.max_transfer = mebibytes(1);
  engine.snapshot_limit = 2;
  return engine;
}

// Two storage nodes with two SSDs of 10 GiB each, and a compute node with one of 4 GiB.
class PoolPlanTest : public testing::Test {
 protected:
  static PoolPlan::Rules rules() {
    PoolPlan::Rules rules;
    rules.engine = engine();
    rules.cache_line = kibibytes(16);
    rules.limits = {2, 1};
    rules.remote_path = "remote_tcp";
    return rules;
  }
  LogicalVolumeSpec volume(const std::string& name, std::int64_t gib) const {
    LogicalVolumeSpec spec;
    spec.name = name;
    spec.host = "compute-0";
    spec.size = gibibytes(gib);
    return spec;
  }
  const PlannedVolume& placed(const LogicalVolumeSpec& spec) {
    plan.place(spec);
    return plan.volumes().back();
  }

  PoolPlan plan{rules(),
                {{"storage-0", false, {2, gibibytes(10)}, {}},
                 {"storage-1", true, {2, gibibytes(10)}, {}},
                 {"compute-0", true, {1, gibibytes(4)}, {}},
                 {"compute-1", true, {}, {}}}};
};

// The error's first key and what it says.
std::string wrong(const std::function<void()>& what) {
  try {
    what();
  } catch (const PlanError& error) {
    return error.keys().front() + ": " + error.what();
  }
  return {};
}

TEST_F(PoolPlanTest, a_volume_lies_in_its_hosts_own_pool_while_there_is_room_then_in_the_fullest) {
  EXPECT_EQ(placed(volume("a", 3)).on.front(), "compute-0");
  EXPECT_EQ(plan.volumes().back().path.front(), "zero_copy");
  LogicalVolumeSpec by_hand = volume("b", 5);
  by_hand.on = {"storage-1"};
  placed(by_hand);
  const PlannedVolume& elsewhere = placed(volume("c", 2));
  EXPECT_EQ(elsewhere.on.front(), "storage-1");
  EXPECT_EQ(elsewhere.path.front(), "remote_tcp");
  // That pool serves two volumes of others by now.
  EXPECT_EQ(placed(volume("d", 2)).on.front(), "storage-0");
}

TEST_F(PoolPlanTest, members_of_a_raid_have_names_and_sizes_of_their_own) {
  LogicalVolumeSpec wide = volume("wide", 3);
  wide.on = {"storage-0", "storage-1"};
  wide.raid = "raid0";
  const PlannedVolume& striped = placed(wide);
  EXPECT_EQ(striped.members(), 2u);
  EXPECT_EQ(striped.member_size, mebibytes(1536));
  EXPECT_EQ(striped.member_name(1), "compute-0/wide/1");
  EXPECT_EQ(placed(volume("one", 1)).member_name(0), "compute-0/one");
}

TEST_F(PoolPlanTest, what_cannot_be_says_what_and_which_key) {
  EXPECT_EQ(wrong([&] { placed(volume("v", 50)); }),
            "size: a volume of 50GiB is larger than any pool");
  LogicalVolumeSpec there = volume("v", 1);
  there.on = {"storage-0"};
  there.path = "remote_rdma";
  EXPECT_EQ(wrong([&] { placed(there); }), "path: storage-0 has no RDMA NIC");
  there.path = "vhost";
  EXPECT_EQ(wrong([&] { placed(there); }),
            "path: compute-0 cannot reach storage-0 by vhost: it is another node");
  there.path = "auto";
  there.on = {"storage-9"};
  try {
    placed(there);
    FAIL();
  } catch (const PlanError& error) {
    ASSERT_TRUE(error.unknown());
    EXPECT_EQ(error.unknown()->name, "storage-9");
    EXPECT_EQ(error.unknown()->known, plan.node_names());
  }
}

TEST_F(PoolPlanTest, operations_come_after_what_earlier_ones_have_done) {
  LogicalVolumeSpec spec = volume("v", 2);
  spec.on = {"storage-0"};
  placed(spec);
  OperationPlan operations(plan);
  const auto operation = [](const std::string& kind) {
    OperationSpec made;
    made.kind = kind;
    made.volume = "compute-0/v";
    return made;
  };
  OperationSpec resize = operation("resize");
  EXPECT_EQ(wrong([&] { operations.add(resize, false); }), "kind: a resize needs `size`");
  resize.size = gibibytes(4);
  operations.add(resize, true);
  resize.size = gibibytes(3);
  EXPECT_EQ(wrong([&] { operations.add(resize, true); }),
            "size: compute-0/v has 4GiB by then: making it smaller would cut off what jobs use");
  OperationSpec snapshot = operation("snapshot");
  operations.add(snapshot, false);
  operations.add(snapshot, false);
  EXPECT_EQ(wrong([&] { operations.add(snapshot, false); }),
            "volume: compute-0/v has 2 snapshots behind it by then, as many as an engine keeps");
  // Where a migration has taken it, nobody knows yet.
  OperationSpec move = operation("hot_migration");
  move.to = "compute-1";
  EXPECT_EQ(wrong([&] { operations.add(move, false); }),
            "to: compute-1 has no SSDs to which compute-0/v could move");
  move.to = "storage-1";
  operations.add(move, false);
  operations.add(snapshot, false);
}

}  // namespace pool_model_plan_test
}  // namespace orrery
