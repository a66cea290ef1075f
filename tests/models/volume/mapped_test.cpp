#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "models/volume/mapped_volume.hpp"
#include "tests/models/volume/block_volume_contract.hpp"
#include "tests/models/volume/fake_volume.hpp"
#include "tests/models/volume/remembering_volume.hpp"

namespace orrery {
namespace mapped_test {

struct Devices {
  Calendar clock;
  FakeVolume a{clock, microseconds(50), mebibytes(4), FakeVolume::kUnlimited, "a"};
  FakeVolume b{clock, microseconds(80), mebibytes(6), FakeVolume::kUnlimited, "b"};
  FakeVolume c{clock, microseconds(20), mebibytes(5), FakeVolume::kUnlimited, "c"};
  std::vector<BlockVolume*> all() { return {&a, &b, &c}; }
  Calendar& calendar() { return clock; }
};
struct FakeRig : Devices {
  BlockVolume& volume() { return a; }
};
struct ConcatenatedRig : Devices {
  MappedVolume mapped = MappedVolume::concatenated(clock, "joined", all());
  BlockVolume& volume() { return mapped; }
};
struct StripedRig : Devices {
  MappedVolume mapped = MappedVolume::striped(clock, "striped", all(), kibibytes(64));
  BlockVolume& volume() { return mapped; }
};
// Striped over striped and plain devices.
struct NestedRig : Devices {
  FakeVolume d{clock, microseconds(10), mebibytes(64), 2, "d"};
  MappedVolume inner = MappedVolume::striped(clock, "inner", all(), kibibytes(16));
  MappedVolume mapped = MappedVolume::concatenated(clock, "outer", {&inner, &d});
  BlockVolume& volume() { return mapped; }
};
using Rigs = testing::Types<FakeRig, ConcatenatedRig, StripedRig, NestedRig>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mapped, BlockVolumeContract, Rigs);

struct Ended {
  IoStatus status = IoStatus::done;
  TimePoint at{};
  Io io;
};
Task<> run(Calendar& calendar, BlockVolume& volume, Ended& ended) {
  ended.io.ledger = Ledger(calendar.now());
  Task<IoStatus> work = volume.submit(ended.io);
  ended.status = co_await work;
  ended.at = calendar.now();
}
Ended serve(Calendar& calendar, BlockVolume& volume, Bytes offset, Bytes length) {
  Ended ended;
  ended.io.offset = offset;
  ended.io.length = length;
  TaskScope scope;
  scope.spawn(run(calendar, volume, ended));
  calendar.run_until(kNever);
  return ended;
}

TEST(MappedVolume,
     concatenation_is_as_large_as_its_devices_and_striping_as_the_smallest_times_their_number) {
  EXPECT_EQ(ConcatenatedRig().mapped.size(), mebibytes(15));
  EXPECT_EQ(StripedRig().mapped.size(), mebibytes(12));
}

TEST(MappedVolume, an_io_within_one_device_takes_what_the_device_takes) {
  ConcatenatedRig rig;
  const Ended e = serve(rig.clock, rig.mapped, mebibytes(4), kibibytes(4));
  EXPECT_EQ(e.at, kStart + microseconds(80));
  ASSERT_EQ(rig.b.seen.size(), 1u);
  EXPECT_EQ(rig.b.seen[0].offset, Bytes{});
  EXPECT_TRUE(rig.a.seen.empty() && rig.c.seen.empty());
}

TEST(MappedVolume, an_io_across_devices_ends_with_the_slowest_and_takes_its_ledger) {
  ConcatenatedRig rig;
  const Ended e = serve(rig.clock, rig.mapped, mebibytes(4) - kibibytes(8), kibibytes(64));
  EXPECT_EQ(e.at, kStart + microseconds(80));
  EXPECT_EQ(e.io.ledger.served(stage::kSsd), microseconds(80));
  ASSERT_EQ(rig.a.seen.size(), 1u);
  ASSERT_EQ(rig.b.seen.size(), 1u);
  EXPECT_EQ(rig.a.seen[0].length, kibibytes(8));
  EXPECT_EQ(rig.b.seen[0].length, kibibytes(56));
}

TEST(MappedVolume, an_io_fails_if_any_part_fails_but_not_before_the_slowest_has_ended) {
  ConcatenatedRig rig;
  rig.a.fails_at_once = true;
  const Ended e = serve(rig.clock, rig.mapped, mebibytes(4) - kibibytes(8), kibibytes(64));
  EXPECT_EQ(e.status, IoStatus::failed);
  EXPECT_EQ(e.at, kStart + microseconds(80));
  EXPECT_EQ(e.io.ledger.total(), microseconds(80));
}

TEST(MappedVolume, a_read_hands_back_what_was_written_where_it_begins) {
  Calendar clock;
  RememberingVolume::Family family;
  RememberingVolume a(clock, family, "a", mebibytes(1), microseconds(9), 1);
  RememberingVolume b(clock, family, "b", mebibytes(1), microseconds(9), 2);
  MappedVolume mapped = MappedVolume::striped(clock, "striped", {&a, &b}, kibibytes(64));
  const auto stamped = [&](Direction direction, Bytes offset, Bytes length, std::uint64_t stamp) {
    Ended ended;
    ended.io.direction = direction;
    ended.io.offset = offset;
    ended.io.length = length;
    ended.io.stamp = stamp;
    TaskScope scope;
    scope.spawn(run(clock, mapped, ended));
    clock.run_until(kNever);
    return ended.io.stamp;
  };
  stamped(Direction::write, kibibytes(60), kibibytes(4), 7);
  stamped(Direction::write, kibibytes(64), kibibytes(256), 8);
  EXPECT_EQ(stamped(Direction::read, kibibytes(60), kibibytes(4), 0), 7u);
  EXPECT_EQ(stamped(Direction::read, kibibytes(60), kibibytes(200), 0), 7u);
  EXPECT_EQ(stamped(Direction::read, kibibytes(64), kibibytes(200), 0), 8u);
}

TEST(MappedVolume, stripes_go_round_the_devices) {
  StripedRig rig;
  serve(rig.clock, rig.mapped, Bytes{}, kibibytes(64 * 6));
  for (const FakeVolume* v : {&rig.a, &rig.b, &rig.c}) {
    ASSERT_EQ(v->seen.size(), 2u);
    EXPECT_EQ(v->seen[0].offset, Bytes{});
    EXPECT_EQ(v->seen[1].offset, kibibytes(64));
  }
}

RC_GTEST_PROP(MappedVolume, every_byte_has_one_place_and_no_place_two, ()) {
  Devices devices;
  const bool striped = *rc::gen::arbitrary<bool>();
  const auto extent = kibibytes(1 << *rc::gen::inRange(2, 8));
  const MappedVolume mapped = striped
                                  ? MappedVolume::striped(devices.clock, "m", devices.all(), extent)
                                  : MappedVolume::concatenated(devices.clock, "m", devices.all());
  const std::int64_t block = 4096;
  std::map<std::pair<std::size_t, std::int64_t>, int> used;
  for (std::int64_t at = 0; at < mapped.size().count(); at += block) {
    const auto p = mapped.place(Bytes{at}, Bytes{block});
    RC_ASSERT(p.length == Bytes{block});
    RC_ASSERT(p.offset + p.length <= devices.all()[p.device]->size());
    RC_ASSERT((++used[{p.device, p.offset.count()}] == 1));
  }
  // The pieces of any range are the places of its blocks, in order.
  const auto from = *rc::gen::inRange<std::int64_t>(0, mapped.size().count() / block);
  const auto blocks = *rc::gen::inRange<std::int64_t>(1, 300);
  const Bytes end{std::min(mapped.size().count(), (from + blocks) * block)};
  for (Bytes at{from * block}; at < end;) {
    const auto piece = mapped.place(at, end - at);
    RC_ASSERT(piece.length > Bytes{});
    for (Bytes in{}; in < piece.length; in += Bytes{block}) {
      const auto p = mapped.place(at + in, Bytes{block});
      RC_ASSERT(p.device == piece.device);
      RC_ASSERT(p.offset == piece.offset + in);
    }
    at += piece.length;
  }
}

TEST(MappedVolume, a_concatenation_grows_and_shrinks_at_its_end) {
  ConcatenatedRig rig;
  EXPECT_TRUE(rig.mapped.resize(mebibytes(20)));
  EXPECT_EQ(rig.c.size(), mebibytes(10));
  EXPECT_EQ(rig.mapped.size(), mebibytes(20));
  EXPECT_FALSE(rig.mapped.resize(mebibytes(10)));  // the last device would be gone
  EXPECT_EQ(rig.mapped.size(), mebibytes(20));
}

TEST(MappedVolume, a_striped_resize_is_all_or_nothing) {
  StripedRig rig;
  EXPECT_TRUE(rig.mapped.resize(mebibytes(24)));
  EXPECT_EQ(rig.a.size(), mebibytes(8));
  rig.c.size_limit = mebibytes(8);
  EXPECT_FALSE(rig.mapped.resize(mebibytes(48)));
  EXPECT_EQ(rig.a.size(), mebibytes(8));
  EXPECT_EQ(rig.mapped.size(), mebibytes(24));
  EXPECT_FALSE(rig.mapped.resize(mebibytes(24) + kibibytes(64)));  // not whole extents on each
}

TEST(MappedVolume, a_snapshot_is_taken_of_every_device) {
  StripedRig rig;
  EXPECT_TRUE(rig.mapped.snapshot("before-upgrade"));
  for (const FakeVolume* v : {&rig.a, &rig.b, &rig.c})
    EXPECT_EQ(v->snapshots, std::vector<std::string>{"before-upgrade"});
}

}  // namespace mapped_test
}  // namespace orrery
