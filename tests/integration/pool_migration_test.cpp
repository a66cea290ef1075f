// Hot migration: a volume moves while it is written to, and no acknowledged write is lost, whatever
// happens on the way.
#include <gmock/gmock.h>

#include "tests/integration/pool_room.hpp"

namespace orrery {
namespace pool_migration_test {

const std::string kMove =
    "operations=[{kind: hot_migration, volume: compute-0/db, to: storage-1, at: 5ms}]";

const MigrationReport& report_of(PoolRoom& room) {
  return room.operations.migrations().at(0)->task->report();
}

TEST(HotMigration, moves_a_volume_under_writes_without_losing_any) {
  PoolRoom room({kMove});
  room.start_writers(4);
  room.run_for(std::chrono::seconds(3));
  room.stop_writers();
  room.run_for(std::chrono::seconds(1));
  const MigrationReport& report = report_of(room);
  EXPECT_TRUE(report.is_done) << report.failure;
  EXPECT_EQ(room.failed(), 0u);
  EXPECT_GT(room.acknowledged(), 5000u);
  EXPECT_EQ(room.pool().pooled()[0]->attachment().engine().node().name(), "storage-1");
  room.expect_nothing_lost();
  // Round 1 is the whole volume at the limit; 64 MiB at 125 MB/s.
  ASSERT_GE(report.rounds.size(), 2u);
  EXPECT_EQ(report.rounds[0].bytes, mebibytes(64));
  EXPECT_NEAR(to_seconds(report.rounds[0].time), 64 * 1048576 / 125e6, 0.02);
  // The source's space is free again.
  EXPECT_EQ(room.pool().site("storage-0").engine->store()->used(), Bytes{});
  EXPECT_EQ(room.pool().site("storage-1").engine->store()->used(), mebibytes(64));
  // Nobody waited for longer than the pause and an I/O.
  EXPECT_LE(room.longest(), report.pause() + milliseconds(2));
  EXPECT_GT(report.pause(), Duration{});
}

// Of round k's time t, writes of a rate L to n regions leave n (1 - exp(-L t / n)) dirty.
TEST(HotMigration, rounds_are_as_long_as_what_the_round_before_left_dirty) {
  PoolRoom room({kMove, "logical_volumes.0.size=512MiB", "profiles.liteio.last_round=5ms"});
  room.start_writers(2, std::chrono::microseconds(500));
  room.run_for(std::chrono::seconds(12));
  const MigrationReport& report = report_of(room);
  ASSERT_TRUE(report.is_done) << report.failure;
  ASSERT_GE(report.rounds.size(), 3u);
  const double regions = 512.0 * 1024 / 4;
  const double writes = static_cast<double>(room.acknowledged()) / 12.0;
  const double expected =
      regions * (1 - std::exp(-writes * to_seconds(report.rounds[0].time) / regions));
  EXPECT_NEAR(static_cast<double>(report.rounds[1].bytes.count()) / 4096, expected,
              0.05 * expected);
}

TEST(HotMigration, is_given_up_by_itself_where_it_cannot_converge) {
  PoolRoom room(
      {kMove, "profiles.liteio.migration_limit=200Mbps", "profiles.liteio.last_round=1ms"});
  room.start_writers(8, std::chrono::microseconds(50));
  room.run_for(std::chrono::seconds(30));
  room.stop_writers();
  room.run_for(std::chrono::seconds(1));
  const MigrationReport& report = report_of(room);
  EXPECT_FALSE(report.is_done);
  EXPECT_THAT(report.failure, testing::HasSubstr("does not converge"));
  EXPECT_GE(report.rounds.size(), 3u);
  EXPECT_EQ(room.failed(), 0u);
  EXPECT_EQ(room.pool().pooled()[0]->attachment().engine().node().name(), "storage-0");
  EXPECT_EQ(room.pool().site("storage-1").engine->store()->used(), Bytes{});
  room.expect_nothing_lost();
}

struct Abort {
  std::string name;
  std::string fault;
  std::string failure;  // of the migration
};
class HotMigrationAborted : public testing::TestWithParam<Abort> {};

TEST_P(HotMigrationAborted, leaves_the_volume_where_it_was_with_every_acknowledged_write) {
  PoolRoom room({kMove, "faults=[" + GetParam().fault + "]"});
  room.start_writers(4);
  room.run_for(std::chrono::seconds(30));
  room.stop_writers();
  room.run_for(std::chrono::seconds(15));
  const MigrationReport& report = report_of(room);
  EXPECT_FALSE(report.is_done);
  EXPECT_THAT(report.failure, testing::HasSubstr(GetParam().failure));
  EXPECT_NE(report.ended, TimePoint{});
  PooledVolume& volume = *room.pool().pooled()[0];
  EXPECT_EQ(volume.attachment().engine().node().name(), "storage-0");
  EXPECT_GT(room.acknowledged(), 1000u);
  room.expect_nothing_lost();
  EXPECT_EQ(room.pool().site("storage-1").engine->store()->used(), Bytes{});
}

INSTANTIATE_TEST_SUITE_P(
    All, HotMigrationAborted,
    testing::Values(Abort{"destination_dies", "{kind: server_down, target: storage-1, at: 200ms}",
                          "destination was lost"},
                    Abort{"destination_crashes",
                          "{kind: engine_down, target: storage-1/engine, at: 200ms}",
                          "destination was lost"},
                    Abort{"source_crashes",
                          "{kind: engine_down, target: storage-0/engine, at: 200ms, for: 1s}",
                          "source was lost"},
                    Abort{"network_is_lost",
                          "{kind: nic_flap, target: storage-1, at: 200ms, for: 40s, period: 80s}",
                          "destination was lost"}),
    [](const auto& info) { return info.param.name; });

// A source that dies for good takes the volume with it, as it would have without a migration; what
// it had acknowledged is still on its disks.
TEST(HotMigration, of_a_source_that_dies_ends_and_its_host_gives_the_volume_up) {
  PoolRoom room({kMove, "faults=[{kind: server_down, target: storage-0, at: 200ms}]"});
  room.start_writers(4);
  room.run_for(std::chrono::seconds(30));
  const MigrationReport& report = report_of(room);
  EXPECT_FALSE(report.is_done);
  EXPECT_THAT(report.failure, testing::HasSubstr("source was lost"));
  EXPECT_TRUE(room.pool().pooled()[0]->attachment().controller().is_gone());
  EXPECT_GT(room.failed(), 0u);
  room.expect_nothing_lost();
}

// The moment of a fault is swept over the whole of a migration, last round and switch included.
TEST(HotMigrationSlow, loses_nothing_whenever_the_destination_dies) {
  for (int at = 2; at <= 700; at += 23) {
    PoolRoom room({kMove, "logical_volumes.0.size=32MiB", "profiles.liteio.migration_switch=30ms",
                   "faults=[{kind: engine_down, target: storage-1/engine, at: " +
                       std::to_string(at) + "ms, for: 500ms}]"});
    room.start_writers(3);
    room.run_for(std::chrono::seconds(8));
    room.stop_writers();
    room.run_for(std::chrono::seconds(2));
    SCOPED_TRACE(at);
    EXPECT_EQ(room.failed(), 0u);
    room.expect_nothing_lost();
    const MigrationReport& report = report_of(room);
    EXPECT_NE(report.ended, TimePoint{});
    EXPECT_EQ(room.pool().pooled()[0]->attachment().engine().node().name(),
              report.is_done ? "storage-1" : "storage-0");
  }
}

TEST(HotMigration, and_an_upgrade_of_its_node_take_turns) {
  PoolRoom room(
      {"operations=[{kind: hot_migration, volume: compute-0/db, to: storage-1, at: 5ms}, "
       "{kind: hot_upgrade, node: storage-0, at: 100ms}]"});
  room.start_writers(4);
  room.run_for(std::chrono::seconds(4));
  const MigrationReport& migration = report_of(room);
  const UpgradeReport& upgrade = *room.operations.upgrades().at(0)->report;
  EXPECT_TRUE(migration.is_done) << migration.failure;
  EXPECT_TRUE(upgrade.is_done) << upgrade.failure;
  EXPECT_GT(upgrade.closed, migration.ended);
  EXPECT_EQ(room.failed(), 0u);
  room.expect_nothing_lost();
}

TEST(HotMigration, to_a_full_pool_is_refused_and_changes_nothing) {
  PoolRoom room(
      {kMove,
       "logical_volumes=[{name: db, host: compute-0, on: storage-0, size: 64MiB}, {name: big, "
       "host: compute-0, on: storage-1, size: 3720GiB}]",
       "logical_volumes.0.size=20GiB"});
  room.run_for(std::chrono::seconds(1));
  EXPECT_FALSE(report_of(room).is_done);
  EXPECT_THAT(report_of(room).failure, testing::HasSubstr("no space"));
}

TEST(HotMigration, of_a_volume_that_is_migrating_is_refused) {
  PoolRoom room(
      {"operations=[{kind: hot_migration, volume: compute-0/db, to: storage-1, at: 5ms}, "
       "{kind: hot_migration, volume: compute-0/db, to: compute-0, at: 50ms}]"});
  room.start_writers(2);
  room.run_for(std::chrono::seconds(3));
  EXPECT_TRUE(report_of(room).is_done);
  ASSERT_EQ(room.operations.migrations().size(), 2u);
  EXPECT_EQ(room.operations.migrations()[1]->failure, "it is migrating already");
  room.expect_nothing_lost();
}

TEST(HotMigration, keeps_the_size_of_its_volume) {
  PoolRoom room(
      {"operations=[{kind: hot_migration, volume: compute-0/db, to: storage-1, at: 5ms}, "
       "{kind: resize, volume: compute-0/db, size: 128MiB, at: 5500us}]"});
  room.start_writers(2);
  room.run_for(std::chrono::seconds(3));
  EXPECT_TRUE(report_of(room).is_done) << report_of(room).failure;
  ASSERT_EQ(room.operations.changes().size(), 1u);
  EXPECT_FALSE(room.operations.changes()[0].is_done);
  room.expect_nothing_lost();
}

// Holes are not copied and count for nothing in a round's rate, so the last round is as short as
// that of a thick volume.
TEST(HotMigration, of_a_thin_volume_copies_what_was_written) {
  PoolRoom room({kMove, "logical_volumes.0.thin=true", "logical_volumes.0.size=4GiB"});
  room.start_writers(2);
  room.run_for(std::chrono::seconds(40));
  const MigrationReport& report = report_of(room);
  ASSERT_TRUE(report.is_done) << report.failure;
  EXPECT_LT(report.copied, gibibytes(5));
  for (const MigrationReport::Round& round : report.rounds)
    EXPECT_LE(static_cast<double>(round.bytes.count()) / std::max(to_seconds(round.time), 1e-3),
              1.1 * 125e6);
  EXPECT_LE(report.pause(), milliseconds(60));
  room.expect_nothing_lost();
}

}  // namespace pool_migration_test
}  // namespace orrery
