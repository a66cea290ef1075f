#include "models/control/liteio/pool_filters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/models/control/liteio/pool_rig.hpp"

namespace orrery::control {
namespace pool_filters_test {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

TEST(PoolFilters, are_found_by_name) {
  std::vector<std::string_view> names;
  for (const PoolFilterEntry& entry : all_pool_filters()) {
    names.push_back(entry.name);
    EXPECT_EQ(find_pool_filter(entry.name), &entry);
    EXPECT_NE(entry.make(), nullptr);
    EXPECT_FALSE(entry.help.empty());
  }
  EXPECT_THAT(names, UnorderedElementsAre("basic", "affinity", "min_local_storage", "ob_replica",
                                          "sharing_limit"));
  EXPECT_EQ(find_pool_filter("sharing"), nullptr);
}

class BasicFilter : public testing::Test {
 protected:
  ControlPoolRig rig;
  VolumeLimits limits;

  std::string refused(const VolumeRequest& request) {
    VolumeScheduler scheduler = scheduler_of(limits, {"basic"});
    return refusals(scheduler, rig.table, request);
  }
};

// A pool that fails every test is mended from the first test to the last.
TEST_F(BasicFilter, gives_the_first_reason_in_the_order_of_its_tests) {
  const NodeId host = rig.add(Bytes{});
  const NodeId pool = rig.add();
  PoolTable& table = rig.table;
  table.status[pool] = PoolStatus::unknown;
  table.locked[pool] = 1;
  table.spdk_ok[pool] = 0;
  for (int i = 0; i < 3; ++i) table.bind({.pool = pool, .host = 7, .total = gibibytes(20)}, {});
  VolumeRequest request = request_of(gibibytes(50), host);
  request.position = PositionAdvice::must_local;
  request.type = VolumeType::kernel_lvol;
  VolumeScheduler scheduler = scheduler_of(limits, {"basic"});
  const auto reason = [&] {
    return std::string(name_of(scheduler.explain(table, request).verdicts.at(0).reason));
  };

  EXPECT_EQ(reason(), "PoolUnschedulable");
  table.status[pool] = PoolStatus::ready;
  EXPECT_EQ(reason(), "PoolUnschedulable");
  table.locked[pool] = 0;
  EXPECT_EQ(reason(), "PoolFreeSize");
  request.total = gibibytes(40);
  EXPECT_EQ(reason(), "SpdkUnhealthy");
  table.mode[pool] = PoolMode::kernel_lvm;  // which does not need SPDK for volumes of its own node
  EXPECT_EQ(reason(), "RemoteVolMaxCount");
  limits.max_remote_volumes = 4;
  scheduler = scheduler_of(limits, {"basic"});
  EXPECT_EQ(reason(), "SpdkUnhealthy");
  table.spdk_ok[pool] = 1;
  EXPECT_EQ(reason(), "PositionNotMatch");
  request.position = PositionAdvice::none;
  request.type = VolumeType::spdk_lvol;
  EXPECT_EQ(reason(), "VolTypeNotMatch");
  request.type = VolumeType::kernel_lvol;
  EXPECT_EQ(reason(), "");
  table.mode[pool] = PoolMode::spdk_lvstore;
  EXPECT_EQ(reason(), "VolTypeNotMatch");
  request.type = VolumeType::flexible;
  EXPECT_EQ(reason(), "");
}

TEST_F(BasicFilter, wants_pools_that_are_ready_and_not_locked) {
  for (const PoolStatus status : {PoolStatus::unknown, PoolStatus::ready, PoolStatus::locked,
                                  PoolStatus::offline, PoolStatus::deleted})
    rig.table.status[rig.add()] = status;
  rig.table.locked[rig.add()] = 1;
  EXPECT_EQ(refused(request_of(gibibytes(1))), "PoolUnschedulable: 5");
}

TEST_F(BasicFilter, counts_snapshots_and_reservations_as_used) {
  const NodeId pool = rig.add();
  rig.table.reserve(pool, "ns/other", gibibytes(60));
  VolumeRequest request = request_of(gibibytes(40));
  EXPECT_EQ(refused(request), "");
  request.total = gibibytes(40) + Bytes{1};
  EXPECT_EQ(refused(request), "PoolFreeSize: 1");
}

TEST_F(BasicFilter, a_reservation_passes_all_later_tests) {
  const NodeId pool = rig.add();
  rig.table.reserve(pool, "ns/claim", gibibytes(100));
  rig.table.spdk_ok[pool] = 0;
  rig.table.remote_volumes[pool] = 9;
  VolumeRequest request = request_of(gibibytes(100), rig.add(Bytes{}));
  request.position = PositionAdvice::must_local;
  request.type = VolumeType::kernel_lvol;
  request.reservation_id = "ns/claim";
  EXPECT_EQ(refused(request), "");
  EXPECT_EQ(scheduler_of(limits, {"basic"}).schedule(rig.table, request).pool, pool);
}

TEST_F(BasicFilter, a_reservation_must_be_there_and_large_enough_on_a_pool_that_is_ready) {
  const NodeId small = rig.add();
  rig.table.reserve(small, "ns/claim", gibibytes(9));
  rig.add();
  const NodeId over_committed = rig.add();
  rig.table.reserve(over_committed, "ns/claim", gibibytes(101));
  const NodeId locked = rig.add();
  rig.table.reserve(locked, "ns/claim", gibibytes(10));
  rig.table.locked[locked] = 1;
  VolumeRequest request = request_of(gibibytes(10));
  request.reservation_id = "ns/claim";
  EXPECT_EQ(
      refused(request),
      "PoolUnschedulable: 1, PoolFreeSize: 1, ReservationTooSmall: 1, ReservationNotMatch: 1");
}

TEST_F(BasicFilter, counts_remote_volumes_without_the_ignored_ones) {
  const NodeId pool = rig.add();
  const NodeId host = rig.add(Bytes{});
  limits.max_remote_volumes = 1;
  rig.table.bind({.pool = pool, .host = pool, .total = gibibytes(1)}, {});
  rig.table.bind({.pool = pool, .host = host, .total = gibibytes(1), .counts_as_remote = false},
                 {});
  EXPECT_EQ(refused(request_of(gibibytes(1), host)), "");
  const PoolTable::Booking counted{.pool = pool, .host = host, .total = gibibytes(1)};
  rig.table.bind(counted, {});
  EXPECT_EQ(refused(request_of(gibibytes(1), host)), "RemoteVolMaxCount: 1");
  EXPECT_EQ(refused(request_of(gibibytes(1), pool)), "");
  rig.table.release(counted);
  EXPECT_EQ(refused(request_of(gibibytes(1), host)), "");
}

TEST_F(BasicFilter, without_a_host_every_pool_is_remote) {
  rig.add();
  VolumeRequest request = request_of(gibibytes(1));
  request.position = PositionAdvice::must_local;
  EXPECT_EQ(refused(request), "PositionNotMatch: 1");
  request.position = PositionAdvice::must_remote;
  EXPECT_EQ(refused(request), "");
}

TEST_F(BasicFilter, must_remote_refuses_the_own_pool_and_must_local_all_others) {
  const NodeId host = rig.add();
  for (int i = 0; i < 5; ++i) rig.add();
  VolumeRequest request = request_of(gibibytes(1), host);
  request.position = PositionAdvice::must_remote;
  EXPECT_EQ(refused(request), "PositionNotMatch: 1");
  request.position = PositionAdvice::must_local;
  EXPECT_EQ(refused(request), "PositionNotMatch: 5");
  EXPECT_EQ(scheduler_of(limits, {"basic"}).schedule(rig.table, request).pool, host);
}

TEST(Affinity, wants_all_labels_of_the_node_and_then_those_of_the_pool) {
  ControlPoolRig rig;
  rig.add(gibibytes(100), {{"zone", "a"}, {"disk", "p4510"}});
  rig.add(gibibytes(100), {{"zone", "a"}, {"disk", "p4510"}, {"class", "storage"}});
  rig.add(gibibytes(100), {{"zone", "b"}, {"disk", "p4510"}, {"class", "storage"}});
  rig.add(gibibytes(100), {{"class", "storage"}, {"zone", "a"}});
  rig.add(gibibytes(100));
  const Labels node{{"zone", "a"}, {"disk", "p4510"}};
  const Labels pool{{"class", "storage"}};
  VolumeRequest request = request_of(gibibytes(1));
  VolumeScheduler scheduler = scheduler_of({}, {"affinity"});
  EXPECT_EQ(refusals(scheduler, rig.table, request), "");
  request.pool_selector = &pool;
  EXPECT_EQ(refusals(scheduler, rig.table, request), "PoolAffinity: 2");
  request.node_selector = &node;
  EXPECT_EQ(refusals(scheduler, rig.table, request), "NodeAffinity: 3, PoolAffinity: 1");
  EXPECT_THAT(scheduler.feasible(rig.table, request), ElementsAre(1u));
}

// (available - remoteAllocated - size) / available * 100 < minLocalStoragePct
TEST(MinLocalStorage, lets_remote_volumes_take_all_but_its_share_to_the_byte) {
  ControlPoolRig rig;
  const NodeId pool = rig.add(gibibytes(100));
  rig.table.bind({.pool = pool, .host = 7, .total = gibibytes(50)}, {});
  rig.table.bind({.pool = pool, .host = pool, .total = gibibytes(30)}, {});  // does not count
  VolumeScheduler scheduler = scheduler_of({.min_local_storage = 0.2}, {"min_local_storage"});
  EXPECT_EQ(refusals(scheduler, rig.table, request_of(gibibytes(30))), "");
  EXPECT_EQ(refusals(scheduler, rig.table, request_of(gibibytes(30) + Bytes{1})),
            "LocalStorageTooLow: 1");
  EXPECT_EQ(refusals(scheduler, rig.table, request_of(gibibytes(60), pool)), "");
}

TEST(ObReplica, keeps_zones_of_one_cluster_apart_and_volumes_of_one_zone_not) {
  ControlPoolRig rig;
  const NodeId pool = rig.add();
  const PoolTable::Booking data{
      .pool = pool, .host = pool, .total = gibibytes(1), .holder_cluster = 3, .holder_zone = 1};
  rig.table.bind(data, {});
  rig.table.bind(data, {});
  VolumeRequest request = request_of(gibibytes(1));
  VolumeScheduler scheduler = scheduler_of({}, {"ob_replica"});
  EXPECT_EQ(refusals(scheduler, rig.table, request), "");
  request.holder_cluster = 3;
  request.holder_zone = 1;
  EXPECT_EQ(refusals(scheduler, rig.table, request), "");
  request.holder_zone = 2;
  EXPECT_EQ(refusals(scheduler, rig.table, request), "DataConflict: 1");
  rig.table.release(data);
  EXPECT_EQ(refusals(scheduler, rig.table, request), "DataConflict: 1");
  rig.table.release(data);
  EXPECT_EQ(refusals(scheduler, rig.table, request), "");
  request.holder_cluster = 4;
  EXPECT_EQ(refusals(scheduler, rig.table, request), "");
}

TEST(SharingLimit, counts_nodes_and_lets_those_in_that_share_already) {
  ControlPoolRig rig;
  const NodeId pool = rig.add();
  rig.table.bind({.pool = pool, .host = pool, .total = gibibytes(1)}, {});
  const PoolTable::Booking of_seven{.pool = pool, .host = 7, .total = gibibytes(1)};
  rig.table.bind(of_seven, {});
  rig.table.bind(of_seven, {});
  VolumeScheduler scheduler = scheduler_of({.max_sharing_nodes = 2}, {"sharing_limit"});
  EXPECT_EQ(refusals(scheduler, rig.table, request_of(gibibytes(1), 9)), "");
  rig.table.bind({.pool = pool, .host = 8, .total = gibibytes(1)}, {});
  EXPECT_EQ(refusals(scheduler, rig.table, request_of(gibibytes(1), 9)), "SharingLimit: 1");
  EXPECT_EQ(refusals(scheduler, rig.table, request_of(gibibytes(1), 8)), "");
  EXPECT_EQ(refusals(scheduler, rig.table, request_of(gibibytes(1), pool)), "");
  rig.table.release(of_seven);
  EXPECT_EQ(refusals(scheduler, rig.table, request_of(gibibytes(1), 9)), "SharingLimit: 1");
  rig.table.release(of_seven);
  EXPECT_EQ(refusals(scheduler, rig.table, request_of(gibibytes(1), 9)), "");
}

}  // namespace pool_filters_test
}  // namespace orrery::control
