// The ways to a pooled volume: what one I/O takes alone is a sum, what cores do under load a bound.
#include <gmock/gmock.h>

#include "models/ssd/nand_ssd.hpp"
#include "tests/integration/pool_room.hpp"

namespace orrery {
namespace pool_path_test {

struct Costs {
  explicit Costs(const Scenario& s)
      : host(bind<InitiatorProfile>(s.profile(s.pool.initiator))),
        engine(bind<EngineProfile>(s.profile(s.pool.engine))),
        ssd(bind<NandSsdProfile>(s.profile(s.storage.ssd))) {}
  InitiatorProfile host;
  EngineProfile engine;
  NandSsdProfile ssd;

  Duration device(Direction direction, Bytes bytes) const {
    return direction == Direction::read ? ssd.random_read_command + ssd.read_time +
                                              bytes / ssd.channel_rate + bytes / ssd.link_read
                                        : ssd.random_write_command + bytes / ssd.link_write;
  }
  // A first I/O finds every core asleep.
  Duration native(Direction direction, Bytes bytes) const {
    return host.submit + device(direction, bytes) + host.interrupt + host.complete;
  }
};

double latency_of(PoolRoom& room, Direction direction, Bytes bytes) {
  room.run_for(milliseconds(1));
  PoolRoom::Ended& io = room.start(direction, mebibytes(8), bytes);
  room.run_for(milliseconds(20));
  EXPECT_TRUE(io.is_over);
  EXPECT_EQ(io.status, IoStatus::done);
  EXPECT_EQ(io.io.ledger.total(), io.latency());
  return to_microseconds(io.latency());
}

Settings by(const std::string& path, const std::string& on = "compute-0") {
  return {"logical_volumes=[{name: db, host: compute-0, on: " + on +
          ", size: 64MiB, path: " + path + "}]"};
}

TEST(PoolPath, one_io_by_a_local_path_is_a_sum) {
  for (const Direction d : {Direction::read, Direction::write}) {
    const bool is_write = d == Direction::write;
    PoolRoom native(by("native"));
    const Costs c(native.of);
    const Duration asleep = is_write ? Duration{} : c.host.idle_exit;
    EXPECT_NEAR(latency_of(native, d, kBlock), to_microseconds(c.native(d, kBlock) + asleep),
                0.001);

    PoolRoom zero_copy(by("zero_copy"));
    const Duration added = c.host.zero_copy_submit + c.engine.shared_memory_hop * 2 +
                           c.engine.zero_copy_command + c.engine.zero_copy_completion +
                           c.host.zero_copy_complete;
    EXPECT_NEAR(latency_of(zero_copy, d, kBlock),
                to_microseconds(c.native(d, kBlock) + asleep + added), 0.001);
    EXPECT_NEAR(to_microseconds(added), 2.1, 0.001);  // HPCA'24, abstract

    PoolRoom loopback(by("loopback_tcp"));
    const Duration copies = kBlock / c.engine.copy_rate * 2;
    const Duration r2t = c.engine.tcp_send + c.host.tcp_wake + c.host.tcp_receive +
                         c.host.tcp_send + c.engine.tcp_receive;
    // The queue's I/O thread has slept since the run began, the application's since it submitted.
    const Duration common = c.host.submit + c.host.tcp_request + c.host.tcp_send +
                            c.engine.tcp_receive + c.device(d, kBlock) + c.engine.tcp_send +
                            copies + c.host.tcp_wake + c.host.tcp_receive + c.host.tcp_wait +
                            c.host.complete;
    EXPECT_NEAR(
        latency_of(loopback, d, kBlock),
        to_microseconds(common + (is_write ? r2t + c.host.idle_exit : c.host.idle_exit * 2)),
        0.001);
  }
}

// Zero-copy moves commands, the others data: the engine's time grows with the block or does not.
TEST(PoolPath, the_engines_time_is_that_of_commands_with_zero_copy_and_of_bytes_without) {
  auto reactor_time = [](const std::string& path, Bytes bytes) {
    PoolRoom room(by(path));
    latency_of(room, Direction::read, bytes);
    Station& reactor = room.system.compute_nodes()[0]->cpu().core(0);
    return static_cast<double>(reactor.books().snapshot(room.calendar.now()).busy) * 1e-6;
  };
  const Costs c(scenario_of(kPool));
  EXPECT_NEAR(reactor_time("zero_copy", kibibytes(4)), 0.7, 0.001);
  EXPECT_NEAR(reactor_time("zero_copy", kibibytes(128)), 0.7, 0.001);
  EXPECT_NEAR(reactor_time("loopback_tcp", kibibytes(4)), 1.23 + 0.4096, 0.001);
  EXPECT_NEAR(reactor_time("loopback_tcp", kibibytes(128)),
              1.23 + 13.1072 + 7 * to_microseconds(c.engine.unit_work), 0.001);
}

// What crosses the network takes that longer, and RDMA costs neither side a copy.
TEST(PoolPath, remote_paths_are_ordered) {
  const auto read = [](const std::string& path) {
    PoolRoom room(by(path, "storage-0"));
    return latency_of(room, Direction::read, kBlock);
  };
  PoolRoom local(by("zero_copy")), loopback(by("loopback_tcp"));
  const double zero_copy = latency_of(local, Direction::read, kBlock);
  const double over_lo = latency_of(loopback, Direction::read, kBlock);
  const double rdma = read("remote_rdma"), tcp = read("remote_tcp");
  EXPECT_LT(zero_copy, rdma);
  EXPECT_LT(rdma, over_lo);
  EXPECT_LT(over_lo, tcp);
}

TEST(PoolPath, an_overlay_makes_frames_longer) {
  const auto read = [](const std::string& overlay) {
    PoolRoom room(
        {by("remote_tcp", "storage-0")[0], "profiles.nvme-tcp.overlay_header=" + overlay});
    return latency_of(room, Direction::read, kibibytes(128));
  };
  // 92 frames instead of 90, each 50 bytes longer, at 25 Gbit/s on each of two links, but only the
  // last frame on the second.
  const double added = read("50B") - read("0B");
  EXPECT_GT(added, 1.0);
  EXPECT_LT(added, 3.5);
}

// An I/O beyond the largest command is several; it ends with the slowest.
TEST(PoolPath, a_large_io_is_split_into_commands) {
  PoolRoom room(by("remote_tcp", "storage-0"));
  room.run_for(milliseconds(1));
  PoolRoom::Ended& io = room.start(Direction::write, Bytes{}, mebibytes(1));
  room.run_for(milliseconds(20));
  ASSERT_TRUE(io.is_over);
  EXPECT_EQ(io.status, IoStatus::done);
  EXPECT_EQ(io.io.ledger.total(), io.latency());
  Station& reactor = room.system.storage_nodes()[0]->cpu().core(0);
  EXPECT_EQ(reactor.books().snapshot(room.calendar.now()).served, 8 * 4);  // four PDUs each
}

// One reactor at its limit: 1 / (command + completion).
TEST(PoolPath, a_reactor_saturates_at_its_own_rate) {
  const Json summary =
      run(library_scenario("spdk-2405", {"pool.path=zero_copy",
                                         "compute={servers: 1, racks: 1, node: spdk-host, ssd: "
                                         "null-device, ssds_per_server: 1}",
                                         "workload.0.numjobs=16", "workload.0.iodepth=16"}));
  expect_sound(summary);
  EXPECT_NEAR(figure(summary, "jobs.0.read.iops"), 1e6 / 0.7, 0.02e6);
  EXPECT_GT(figure(summary, "resources.busiest_reactor"), 0.99);
}

}  // namespace pool_path_test
}  // namespace orrery
