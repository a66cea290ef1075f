// A pool of a scenario, driven from the calendar: its volumes, its operations and its faults, and
// writers that remember what was acknowledged.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/faults/fault_injector.hpp"
#include "scenarios/system.hpp"
#include "scenarios/systems/pool/pool_operations.hpp"
#include "tests/integration/runs.hpp"

namespace orrery {

// One host, two pools; a volume of 64 MiB in the first of them. Operations cost no time beyond
// their own work.
inline const std::string kPool = R"(
scenario: pool
system: pool
compute: {servers: 1, racks: 1, node: pool-25g, ssd: p4510-2tb, ssds_per_server: 1}
storage: {servers: 2, racks: 1, node: pool-25g, ssd: p4510-2tb, ssds_per_server: 2}
logical_volumes:
  - {name: db, host: compute-0, on: storage-0, size: 64MiB}
workload:
  - {name: job, rw: randwrite, bs: 4k, iodepth: 1, ramp_time: 2ms, runtime: 20ms}
profiles:
  liteio: {migration_create: 1ms, migration_connect: 1ms, migration_switch: 1ms, migration_cleanup: 1ms, migration_limit: 1Gbps, migration_region: 4KiB, last_round: 20ms, upgrade_start: 1ms}
)";

class PoolRoom {
 public:
  explicit PoolRoom(const Settings& set = {}, const std::string& yaml = kPool)
      : of(scenario_of(yaml, set)),
        system(calendar, scope, of),
        injector(system.room(), of.faults, 1),
        operations(scope, of, *system.pool()) {
    injector.start(scope);
    operations.start();
  }
  ~PoolRoom() { scope.clear(); }

  BlockVolume& volume(std::size_t number = 0) { return *system.volumes()[number]; }
  PoolCluster& pool() { return *system.pool(); }
  void run_for(Duration time) {
    const TimePoint until = calendar.now() + time;
    calendar.run_until(until);
    calendar.advance_to(until);
  }

  // What an I/O came to, and when.
  struct Ended {
    IoStatus status = IoStatus::failed;
    bool is_over = false;
    Io io;
    TimePoint at{};
    Duration latency() const { return at - io.ledger.start(); }
  };
  Ended& start(Direction direction, Bytes offset, Bytes length, std::size_t number = 0) {
    Ended& ended = *ended_.emplace_back(std::make_unique<Ended>());
    ended.io.direction = direction;
    ended.io.offset = offset;
    ended.io.length = length;
    ended.io.ledger = Ledger(calendar.now());
    scope.spawn(serve(volume(number), ended));
    return ended;
  }

  // Writers, each with blocks of its own, one write at a time; pauses between them.
  void start_writers(int writers, Duration pause = std::chrono::microseconds(500)) {
    pool().logical(volume().name()).remember_contents();
    for (int w = 0; w < writers; ++w) scope.spawn(write_on(w, writers, pause));
  }
  void stop_writers() { writing_ = false; }
  std::uint64_t acknowledged() const { return acknowledged_; }
  std::uint64_t failed() const { return failed_; }
  Duration longest() const { return longest_; }

  // Every block holds the last acknowledged write, or one that was sent after it and never
  // acknowledged.
  void expect_nothing_lost() {
    const Contents& contents = *pool().logical(volume().name()).contents();
    std::uint64_t lost = 0;
    for (const auto& [block, block_state] : blocks_) {
      const std::uint64_t held = contents.read(kBlock * block);
      if (held < block_state.acknowledged || held > block_state.sent) ++lost;
    }
    EXPECT_EQ(lost, 0u) << "of " << blocks_.size() << " blocks";
    EXPECT_GT(blocks_.size(), 0u);
  }

  Calendar calendar;
  TaskScope scope;
  Scenario of;
  System system;
  FaultInjector injector;
  PoolOperations operations;

 private:
  struct Block {
    std::uint64_t sent = 0, acknowledged = 0;
  };
  Task<> serve(BlockVolume& volume, Ended& ended) {
    Task<IoStatus> work = volume.submit(ended.io);
    ended.status = co_await work;
    ended.at = calendar.now();
    ended.is_over = true;
  }
  Task<> write_on(int writer, int writers, Duration pause) {
    RandomStream random(7, "writer/" + std::to_string(writer));
    const std::int64_t blocks = volume().size() / kBlock / writers;
    while (writing_) {
      const std::int64_t block =
          static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(blocks))) * writers +
          writer;
      Io io;
      io.direction = Direction::write;
      io.queue = static_cast<std::uint32_t>(writer);
      io.offset = kBlock * block;
      io.length = kBlock;
      io.stamp = ++stamp_;
      io.ledger = Ledger(calendar.now());
      blocks_[block].sent = io.stamp;
      Task<IoStatus> work = volume().submit(io);
      const IoStatus status = co_await work;
      longest_ = std::max(longest_, calendar.now() - io.ledger.start());
      EXPECT_EQ(io.ledger.total(), calendar.now() - io.ledger.start());
      if (status == IoStatus::done) {
        blocks_[block].acknowledged = io.stamp;
        ++acknowledged_;
      } else {
        ++failed_;
      }
      co_await Delay(calendar, pause);
    }
  }

  std::vector<std::unique_ptr<Ended>> ended_;
  std::map<std::int64_t, Block> blocks_;
  bool writing_ = true;
  std::uint64_t stamp_ = 0, acknowledged_ = 0, failed_ = 0;
  Duration longest_{};
};

}  // namespace orrery
