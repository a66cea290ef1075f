// What every BlockVolume must do. A test names a rig that builds one and instantiates the suite:
//
//   struct LunaVolumeRig {
//     Calendar& calendar();
//     BlockVolume& volume();  // of at least 1 MiB, with nothing in flight and nothing failing
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(LunaVolume, BlockVolumeContract, LunaVolumeRig);
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "models/volume/block_volume.hpp"
#include "sim/calendar.hpp"
#include "sim/task.hpp"

namespace orrery {

template <class Rig>
class BlockVolumeContract : public testing::Test {
 protected:
  struct Outcome {
    Io io;
    std::optional<IoStatus> status;
    TimePoint ended{};
  };

  Task<> run(Outcome& outcome) {
    outcome.io.ledger = Ledger(rig_.calendar().now());
    Task<IoStatus> work = rig_.volume().submit(outcome.io);
    outcome.status = co_await work;
    outcome.ended = rig_.calendar().now();
  }
  static Outcome io_of(Direction direction, Bytes offset, Bytes length) {
    Outcome out;
    out.io.direction = direction;
    out.io.offset = offset;
    out.io.length = length;
    return out;
  }
  // Far longer than any I/O takes; daemons may keep the calendar busy for ever.
  void let_pass(Duration time = std::chrono::seconds(1)) {
    rig_.calendar().run_until(rig_.calendar().now() + time);
  }

  Rig rig_;
  TaskScope scope_;
};
TYPED_TEST_SUITE_P(BlockVolumeContract);

TYPED_TEST_P(BlockVolumeContract, serves_every_size_anywhere_in_its_range) {
  const Bytes size = this->rig_.volume().size();
  for (const Direction d : {Direction::write, Direction::read})
    for (const std::int64_t kib : {4, 8, 64, 128, 1024})
      for (const Bytes offset :
           {Bytes{}, kibibytes(4) * (size / kibibytes(8)), size - kibibytes(kib)}) {
        if (offset + kibibytes(kib) > size) continue;
        auto io = this->io_of(d, offset, kibibytes(kib));
        this->scope_.spawn(this->run(io));
        this->let_pass();
        ASSERT_EQ(io.status, IoStatus::done) << kib << " KiB at " << offset.count();
        EXPECT_GT(io.ended, io.io.ledger.start());
      }
}

TYPED_TEST_P(BlockVolumeContract, stages_add_up_to_the_latency) {
  std::vector<typename TestFixture::Outcome> all;
  for (int i = 0; i < 64; ++i)
    all.push_back(this->io_of(i % 2 == 0 ? Direction::read : Direction::write,
                              kibibytes(12) * (i % 7), kibibytes(4) * (1 + i % 33)));
  for (auto& io : all) this->scope_.spawn(this->run(io));
  this->let_pass();
  for (const auto& io : all) {
    ASSERT_TRUE(io.status);
    EXPECT_EQ(io.io.ledger.total(), io.ended - io.io.ledger.start());
  }
}

TYPED_TEST_P(BlockVolumeContract, leaves_direction_offset_and_length_alone) {
  auto io = this->io_of(Direction::write, kibibytes(100), kibibytes(256));
  this->scope_.spawn(this->run(io));
  this->let_pass();
  EXPECT_EQ(io.io.direction, Direction::write);
  EXPECT_EQ(io.io.offset, kibibytes(100));
  EXPECT_EQ(io.io.length, kibibytes(256));
}

TYPED_TEST_P(BlockVolumeContract, an_abandoned_io_leaves_it_in_order) {
  {
    TaskScope abandoned;
    auto io = this->io_of(Direction::write, kibibytes(4), kibibytes(512));
    abandoned.spawn(this->run(io));
    this->let_pass(std::chrono::microseconds(3));
  }
  auto io = this->io_of(Direction::read, Bytes{}, kibibytes(512));
  this->scope_.spawn(this->run(io));
  this->let_pass();
  EXPECT_EQ(io.status, IoStatus::done);
}

TYPED_TEST_P(BlockVolumeContract, a_refused_resize_changes_nothing) {
  const Bytes before = this->rig_.volume().size();
  const Bytes absurd{INT64_MAX / 4096 * 4096};
  if (this->rig_.volume().resize(absurd)) EXPECT_EQ(this->rig_.volume().size(), absurd);
  else EXPECT_EQ(this->rig_.volume().size(), before);
}

REGISTER_TYPED_TEST_SUITE_P(BlockVolumeContract, serves_every_size_anywhere_in_its_range,
                            stages_add_up_to_the_latency, leaves_direction_offset_and_length_alone,
                            an_abandoned_io_leaves_it_in_order, a_refused_resize_changes_nothing);

}  // namespace orrery
