// A volume store on SSDs of known behaviour, and I/O to its volumes.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/pool/volume_store.hpp"
#include "tests/models/ssd/fake_ssd.hpp"

namespace orrery {

struct PoolRig {
  explicit PoolRig(std::vector<Bytes> capacities = {gibibytes(1), gibibytes(1), gibibytes(1)},
                   VolumeStoreProfile profile = {}) {
    for (const Bytes capacity : capacities)
      ssds.push_back(
          std::make_unique<FakeSsd>(clock, "ssd" + std::to_string(ssds.size()), capacity));
    std::vector<Ssd*> devices;
    for (const auto& ssd : ssds) devices.push_back(ssd.get());
    store = std::make_unique<VolumeStore>(clock, "pool", devices, profile);
  }

  struct Ended {
    Io io;
    std::optional<IoStatus> status;
    TimePoint at{};
    Duration latency() const { return at - io.ledger.start(); }
  };
  static Task<> run(Calendar& calendar, BlockVolume& volume, Ended& ended) {
    ended.io.ledger = Ledger(calendar.now());
    Task<IoStatus> work = volume.submit(ended.io);
    ended.status = co_await work;
    ended.at = calendar.now();
  }
  // Starts one and lets nothing pass.
  Ended& start(BlockVolume& volume, Direction direction, Bytes offset, Bytes length,
               std::uint64_t stamp = 0) {
    Ended& ended = *all.emplace_back(std::make_unique<Ended>());
    ended.io.direction = direction;
    ended.io.offset = offset;
    ended.io.length = length;
    ended.io.stamp = stamp;
    scope.spawn(run(clock, volume, ended));
    return ended;
  }
  Ended& write(BlockVolume& volume, Bytes offset, Bytes length, std::uint64_t stamp = 0) {
    Ended& ended = start(volume, Direction::write, offset, length, stamp);
    clock.run_until(kNever);
    return ended;
  }
  Ended& read(BlockVolume& volume, Bytes offset, Bytes length) {
    Ended& ended = start(volume, Direction::read, offset, length);
    clock.run_until(kNever);
    return ended;
  }
  // Clones and the like by a task of the store.
  static Task<> finish(Task<bool> work, std::optional<bool>& result) { result = co_await work; }
  bool inflate(LogicalVolume& volume) {
    std::optional<bool> result;
    scope.spawn(finish(store->inflate(volume), result));
    clock.run_until(kNever);
    return result.value();
  }

  LogicalVolume& create(VolumeStore::Request request) {
    LogicalVolume* made = store->create(request);
    EXPECT_NE(made, nullptr) << request.name;
    return *made;
  }
  void forget_seen() {
    for (const auto& ssd : ssds) ssd->seen.clear();
  }
  std::int64_t commands() const {
    std::int64_t sum = 0;
    for (const auto& ssd : ssds) sum += std::ssize(ssd->seen);
    return sum;
  }
  Calendar& calendar() { return clock; }

  Calendar clock;
  std::vector<std::unique_ptr<FakeSsd>> ssds;
  std::unique_ptr<VolumeStore> store;
  std::vector<std::unique_ptr<Ended>> all;
  TaskScope scope;
};

}  // namespace orrery
