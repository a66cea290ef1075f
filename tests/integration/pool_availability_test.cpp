// What hosts see of upgrades, crashes and dead nodes, and when.
#include <gmock/gmock.h>

#include "tests/integration/pool_room.hpp"

namespace orrery {
namespace pool_availability_test {

const Settings kPaths = {"zero_copy", "loopback_tcp", "vhost", "remote_tcp", "remote_rdma"};

// A volume by one of the paths, on its host's own pool where the path is a local one.
Settings by(const std::string& path) {
  const std::string on = is_remote_path(path) ? "storage-0" : "compute-0";
  return {"logical_volumes=[{name: db, host: compute-0, on: " + on +
          ", size: 64MiB, path: " + path + "}]"};
}
Settings with(Settings all, const std::string& more) {
  all.push_back(more);
  return all;
}
std::string node_of(const std::string& path) {
  return is_remote_path(path) ? "storage-0" : "compute-0";
}

class ByPath : public testing::TestWithParam<std::string> {};

TEST_P(ByPath, an_upgrade_that_hands_connections_over_pauses_all_and_fails_nothing) {
  PoolRoom room(with(by(GetParam()), "operations=[{kind: hot_upgrade, node: " +
                                         node_of(GetParam()) + ", at: 50ms, mode: inherit}]"));
  room.start_writers(4);
  room.run_for(std::chrono::seconds(1));
  const UpgradeReport& report = *room.operations.upgrades().at(0)->report;
  EXPECT_TRUE(report.is_done) << report.failure;
  ASSERT_EQ(report.pauses.size(), 1u);
  EXPECT_EQ(room.failed(), 0u);
  EXPECT_EQ(room.pool().pooled()[0]->attachment().controller().losses(), 0);
  // The longest I/O is the pause and itself.
  EXPECT_GE(room.longest() + milliseconds(1), report.pauses[0].length);
  EXPECT_LE(room.longest(), report.pauses[0].length + milliseconds(1));
  EXPECT_GT(report.pauses[0].length, milliseconds(40));
  EXPECT_LT(report.pauses[0].length, milliseconds(100));
  room.expect_nothing_lost();
}

TEST_P(ByPath, an_upgrade_with_new_connections_sends_again_what_was_lost_and_fails_nothing) {
  for (const std::string mode : {"reconnect", "stock_reconnect"}) {
    PoolRoom room(
        with(by(GetParam()), "operations=[{kind: hot_upgrade, node: " + node_of(GetParam()) +
                                 ", at: 50ms, mode: " + mode + "}]"));
    room.start_writers(4);
    room.run_for(std::chrono::seconds(4));
    const UpgradeReport& report = *room.operations.upgrades().at(0)->report;
    EXPECT_TRUE(report.is_done) << report.failure;
    EXPECT_EQ(room.failed(), 0u);
    EXPECT_EQ(room.pool().pooled()[0]->attachment().controller().losses(), 1);
    EXPECT_EQ(room.pool().pooled()[0]->attachment().controller().reconnects(), 1);
    // After the first attempt to connect: 0.95 s, or Linux' 2 s.
    const double expected = mode == "reconnect" ? 0.95 : 2.0;
    ASSERT_EQ(report.pauses.size(), 1u);
    EXPECT_NEAR(to_seconds(report.pauses[0].length), expected, 0.03);
    EXPECT_NEAR(to_seconds(room.longest()), to_seconds(report.pauses[0].length), 0.01);
    room.expect_nothing_lost();
  }
}

TEST_P(ByPath, a_crash_of_the_target_is_seen_at_once_and_over_at_the_next_attempt_to_connect) {
  PoolRoom room(with(by(GetParam()), "faults=[{kind: engine_down, target: " + node_of(GetParam()) +
                                         "/engine, at: 100ms, for: 3s}]"));
  room.start_writers(4);
  room.run_for(std::chrono::seconds(6));
  EXPECT_EQ(room.failed(), 0u);
  // Attempts at 2.1 s and 4.1 s; the engine is back at 3.1 s.
  EXPECT_NEAR(to_seconds(room.longest()), 4.01, 0.02);
  EXPECT_EQ(room.pool().pooled()[0]->attachment().controller().losses(), 1);
  room.expect_nothing_lost();
}

TEST_P(ByPath, an_engine_that_a_fault_holds_down_is_started_by_nobody_else) {
  const std::string node = node_of(GetParam());
  const std::string down = "faults=[{kind: engine_down, target: " + node + "/engine, at: ";
  // Its node goes and comes back meanwhile (where hosts are apart), or an upgrade is at work:
  // its old process is gone from 51 to 102 ms.
  std::vector<Settings> meanwhile = {
      {down + "60ms, for: 4s}]",
       "operations=[{kind: hot_upgrade, node: " + node + ", at: 50ms, mode: reconnect}]"},
      {down + "90ms, for: 4s}]",
       "operations=[{kind: hot_upgrade, node: " + node + ", at: 50ms, mode: reconnect}]"}};
  if (is_remote_path(GetParam()))
    meanwhile.push_back(
        {down + "100ms, for: 5s}, {kind: server_down, target: " + node + ", at: 1s, for: 1s}]"});
  for (const Settings& also : meanwhile) {
    Settings all = by(GetParam());
    all.insert(all.end(), also.begin(), also.end());
    PoolRoom room(all);
    room.start_writers(4);
    room.run_for(std::chrono::seconds(12));
    EXPECT_EQ(room.failed(), 0u) << also.front();
    EXPECT_GT(to_seconds(room.longest()), 3.9) << also.front();
    room.expect_nothing_lost();
  }
}

TEST_P(ByPath, a_target_that_stays_away_fails_io_after_the_ctrl_loss_timeout) {
  PoolRoom room(with(by(GetParam()), "faults=[{kind: engine_down, target: " + node_of(GetParam()) +
                                         "/engine, at: 100ms}]"));
  room.start_writers(4);
  room.run_for(std::chrono::seconds(12));
  EXPECT_GT(room.failed(), 0u);
  EXPECT_NEAR(to_seconds(room.longest()), 10.0, 0.01);
  EXPECT_TRUE(room.pool().pooled()[0]->attachment().controller().is_gone());
  // What comes later fails at once.
  PoolRoom::Ended& late = room.start(Direction::read, Bytes{}, kBlock);
  room.run_for(milliseconds(1));
  EXPECT_TRUE(late.is_over);
  EXPECT_EQ(late.status, IoStatus::failed);
  room.expect_nothing_lost();
}

INSTANTIATE_TEST_SUITE_P(All, ByPath, testing::ValuesIn(kPaths),
                         [](const auto& info) { return info.param; });

// Without power nothing says so. Over TCP a keep-alive has to stay without an answer, 5 to 10 s;
// RDMA's transport gives up after 0.5 s without acknowledgements. Then there are 10 s of attempts
// to connect.
TEST(PoolFailure, a_dead_node_is_noticed_by_silence_and_given_up_after_ctrl_loss) {
  for (const std::string path : {"remote_tcp", "remote_rdma"})
    for (const double at : {0.5, 1.7, 3.9}) {
      PoolRoom room(with(by(path), "faults=[{kind: server_down, target: storage-0, at: " +
                                       std::to_string(at) + "s}]"));
      room.start_writers(2);
      room.run_for(std::chrono::seconds(30));
      EXPECT_GT(room.failed(), 0u);
      const bool is_tcp = path == "remote_tcp";
      EXPECT_GE(to_seconds(room.longest()), is_tcp ? 14.99 : 10.49) << path << " " << at;
      EXPECT_LE(to_seconds(room.longest()), is_tcp ? 20.01 : 10.60) << path << " " << at;
      room.expect_nothing_lost();
    }
}

TEST(PoolFailure, a_dead_host_fails_its_own_io_at_once) {
  PoolRoom room(
      with(by("zero_copy"), "faults=[{kind: server_down, target: compute-0, at: 100ms}]"));
  room.start_writers(2);
  room.run_for(milliseconds(200));
  EXPECT_GT(room.failed(), 0u);
  EXPECT_LT(room.longest(), milliseconds(5));
}

TEST(PoolFailure, a_slow_ssd_is_felt_and_seen_by_nobody) {
  auto latency = [](const std::string& faults) {
    PoolRoom room(with(by("zero_copy"), "faults=[" + faults + "]"));
    room.run_for(milliseconds(10));
    PoolRoom::Ended& read = room.start(Direction::read, Bytes{}, kBlock);
    room.run_for(milliseconds(10));
    EXPECT_TRUE(read.is_over);
    EXPECT_EQ(read.status, IoStatus::done);
    EXPECT_EQ(room.pool().pooled()[0]->attachment().controller().losses(), 0);
    return to_microseconds(read.latency());
  };
  const double healthy = latency("");
  const double slow = latency("{kind: slow_ssd, target: compute-0/ssd-0, at: 1ms, factor: 10}");
  const double mended =
      latency("{kind: slow_ssd, target: compute-0/ssd-0, at: 1ms, for: 5ms, factor: 10}");
  // The command's 8.1 us and the page's 60.16 us take ten times as long.
  EXPECT_NEAR(slow - healthy, 9 * (8.1 + 60.16), 0.1);
  EXPECT_NEAR(mended, healthy, 0.001);
}

// A mirror over two nodes goes on when one of them dies; a volume that lies on both without
// redundancy does not.
TEST(PoolFailure, a_mirror_survives_the_node_that_a_linear_volume_does_not) {
  for (const std::string raid : {"raid1", "linear"}) {
    PoolRoom room(
        {"logical_volumes=[{name: db, host: compute-0, on: [storage-0, storage-1], size: 64MiB, "
         "raid: " +
             raid + "}]",
         "faults=[{kind: engine_down, target: storage-1/engine, at: 10ms}]"});
    room.run_for(milliseconds(20));
    PoolRoom::Ended& write = room.start(Direction::write, mebibytes(63), kBlock);
    room.run_for(std::chrono::seconds(15));
    ASSERT_TRUE(write.is_over);
    EXPECT_EQ(write.status, raid == "raid1" ? IoStatus::done : IoStatus::failed) << raid;
  }
}

// Keep-alives are asked for where nothing has been heard; idle times and slow SSDs are no silence.
TEST(PoolFailure, a_healthy_host_never_loses_contact) {
  for (const std::string path : {"remote_tcp", "remote_rdma"}) {
    PoolRoom room({by(path)[0], "profiles.linux-initiator.keep_alive=2ms",
                   "faults=[{kind: slow_ssd, target: storage-0/ssd-*, at: 500ms, factor: 2000}]"});
    room.start_writers(2, milliseconds(7));
    room.run_for(std::chrono::seconds(2));
    EXPECT_GT(room.acknowledged(), 50u);
    EXPECT_EQ(room.failed(), 0u);
    EXPECT_EQ(room.pool().pooled()[0]->attachment().controller().losses(), 0) << path;
  }
}

TEST(PoolFailure, a_native_volume_needs_no_engine) {
  PoolRoom room({by("native")[0],
                 "faults=[{kind: engine_down, target: compute-0/engine, at: 10ms}]",
                 "operations=[{kind: hot_upgrade, node: compute-0, at: 5ms, mode: reconnect}]"});
  room.start_writers(2);
  room.run_for(std::chrono::seconds(15));
  EXPECT_EQ(room.failed(), 0u);
  EXPECT_LT(room.longest(), milliseconds(1));
}

// What a process had in hand dies with it, whatever the SSD still does.
TEST(PoolFailure, a_command_of_a_dead_process_is_sent_again) {
  PoolRoom room(
      {by("remote_tcp")[0],
       "faults=[{kind: slow_ssd, target: storage-0/ssd-*, at: 1ms, factor: 50000}, {kind: "
       "engine_down, target: storage-0/engine, at: 100ms, for: 500ms}]"});
  room.run_for(milliseconds(50));
  PoolRoom::Ended& read = room.start(Direction::read, Bytes{}, kBlock);
  room.run_for(std::chrono::seconds(20));
  ASSERT_TRUE(read.is_over);
  EXPECT_EQ(read.status, IoStatus::done);
  EXPECT_EQ(room.pool().pooled()[0]->retries(), 1);
  // Connected again at 2.1 s, and read anew.
  EXPECT_GT(to_seconds(read.latency()), 2.0 + 3.4);
}

// Without a connection nothing arrives, and nothing is answered.
TEST(PoolFailure, an_answer_does_not_cross_a_network_that_is_gone) {
  PoolRoom room(
      {by("remote_tcp")[0],
       "faults=[{kind: slow_ssd, target: storage-0/ssd-*, at: 1ms, factor: 200000}, {kind: "
       "nic_flap, target: storage-0, at: 100ms, for: 100s, period: 200s}]"});
  room.run_for(milliseconds(50));
  PoolRoom::Ended& read = room.start(Direction::read, Bytes{}, kBlock);
  room.run_for(std::chrono::seconds(40));
  ASSERT_TRUE(read.is_over);
  EXPECT_EQ(read.status, IoStatus::failed);
}

}  // namespace pool_availability_test
}  // namespace orrery
