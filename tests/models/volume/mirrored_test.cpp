// RAID 1: what it costs, what it survives, and that a rebuild loses nothing.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>

#include "models/volume/mirrored_volume.hpp"
#include "tests/models/volume/block_volume_contract.hpp"
#include "tests/models/volume/fake_volume.hpp"
#include "tests/models/volume/remembering_volume.hpp"

namespace orrery {
namespace mirrored_test {

struct MirrorRig {
  Calendar clock;
  FakeVolume a{clock, microseconds(50), mebibytes(4), FakeVolume::kUnlimited, "a"};
  FakeVolume b{clock, microseconds(80), mebibytes(4), FakeVolume::kUnlimited, "b"};
  FakeVolume c{clock, microseconds(20), mebibytes(5), FakeVolume::kUnlimited, "c"};
  MirroredVolume mirror{clock, "mirror", {&a, &b, &c}};
  Calendar& calendar() { return clock; }
  BlockVolume& volume() { return mirror; }
};
struct DegradedRig : MirrorRig {
  DegradedRig() { mirror.drop(1); }
};
// A rebuild is on all the time.
struct RebuildingRig : MirrorRig {
  RebuildingRig() {
    mirror.drop(1);
    scope.spawn(keep_rebuilding());
  }
  Task<> keep_rebuilding() {
    for (;;) {
      Task<bool> work = mirror.rebuild(1, megabytes_per_second(100), kibibytes(64));
      const bool done = co_await work;
      EXPECT_TRUE(done);
      mirror.drop(1);
    }
  }
  TaskScope scope;
};
using Rigs = testing::Types<MirrorRig, DegradedRig, RebuildingRig>;
INSTANTIATE_TYPED_TEST_SUITE_P(Mirrored, BlockVolumeContract, Rigs);

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
Ended serve(MirrorRig& rig, Direction direction, Bytes offset = {}, Bytes length = kBlock) {
  Ended ended;
  ended.io.direction = direction;
  ended.io.offset = offset;
  ended.io.length = length;
  TaskScope scope;
  scope.spawn(run(rig.clock, rig.mirror, ended));
  rig.clock.run_until(kNever);
  return ended;
}

TEST(MirroredVolume, is_as_large_as_its_smallest_member) {
  EXPECT_EQ(MirrorRig().mirror.size(), mebibytes(4));
}

TEST(MirroredVolume, a_write_goes_to_all_and_ends_with_the_slowest) {
  MirrorRig rig;
  const Ended e = serve(rig, Direction::write, kibibytes(64), kibibytes(32));
  EXPECT_EQ(e.at, kStart + microseconds(80));
  EXPECT_EQ(e.io.ledger.served(stage::kSsd), microseconds(80));
  for (const FakeVolume* v : {&rig.a, &rig.b, &rig.c}) {
    ASSERT_EQ(v->seen.size(), 1u);
    EXPECT_EQ(v->seen[0].offset, kibibytes(64));
    EXPECT_EQ(v->seen[0].length, kibibytes(32));
  }
}

TEST(MirroredVolume, reads_one_at_a_time_go_round) {
  MirrorRig rig;
  for (int i = 0; i < 6; ++i) serve(rig, Direction::read);
  for (const FakeVolume* v : {&rig.a, &rig.b, &rig.c}) EXPECT_EQ(v->seen.size(), 2u);
}

TEST(MirroredVolume, reads_at_once_go_where_fewest_are_under_way) {
  MirrorRig rig;
  std::vector<Ended> all(60);
  TaskScope scope;
  for (Ended& e : all) e.io.length = kBlock;
  for (Ended& e : all) scope.spawn(run(rig.clock, rig.mirror, e));
  for (const FakeVolume* v : {&rig.a, &rig.b, &rig.c}) EXPECT_EQ(v->seen.size(), 20u);
  // The fast member's are over: it gets what comes next.
  rig.clock.run_until(kStart + microseconds(30));
  std::vector<Ended> more(20);
  for (Ended& e : more) e.io.length = kBlock;
  for (Ended& e : more) scope.spawn(run(rig.clock, rig.mirror, e));
  EXPECT_EQ(rig.c.seen.size(), 40u);
  rig.clock.run_until(kNever);
}

TEST(MirroredVolume, a_member_that_fails_a_write_is_dropped_and_the_write_is_done) {
  MirrorRig rig;
  rig.b.fails = true;
  EXPECT_EQ(serve(rig, Direction::write).status, IoStatus::done);
  EXPECT_EQ(rig.mirror.state(1), MirroredVolume::State::dropped);
  EXPECT_TRUE(rig.mirror.is_degraded());
  EXPECT_EQ(rig.mirror.counters().dropped, 1);
  // It gets nothing any more.
  const Ended e = serve(rig, Direction::write);
  EXPECT_EQ(e.io.ledger.total(), microseconds(50));
  for (int i = 0; i < 4; ++i) serve(rig, Direction::read);
  EXPECT_EQ(rig.b.seen.size(), 1u);
}

TEST(MirroredVolume, the_last_member_in_sync_stays_and_its_failures_are_the_volumes) {
  MirrorRig rig;
  rig.a.fails = rig.b.fails = true;
  EXPECT_EQ(serve(rig, Direction::write).status, IoStatus::done);
  EXPECT_EQ(rig.mirror.in_sync(), 1u);
  rig.c.fails = true;
  EXPECT_EQ(serve(rig, Direction::write).status, IoStatus::failed);
  EXPECT_EQ(rig.mirror.in_sync(), 1u);
  EXPECT_FALSE(rig.mirror.drop(2));
  rig.c.fails = false;
  EXPECT_EQ(serve(rig, Direction::write).status, IoStatus::done);
}

TEST(MirroredVolume, a_write_that_nobody_took_fails_and_drops_nobody) {
  MirrorRig rig;
  rig.a.fails = rig.b.fails = rig.c.fails_at_once = true;
  EXPECT_EQ(serve(rig, Direction::write).status, IoStatus::failed);
  EXPECT_EQ(rig.mirror.in_sync(), 3u);
}

TEST(MirroredVolume, a_failed_read_is_tried_on_the_next_member) {
  MirrorRig rig;
  rig.a.fails = true;
  rig.b.fails = true;
  const Ended e = serve(rig, Direction::read);
  EXPECT_EQ(e.status, IoStatus::done);
  EXPECT_EQ(e.io.ledger.total(), microseconds(50 + 80 + 20));
  EXPECT_EQ(rig.mirror.counters().retried_reads, 2);
  EXPECT_EQ(rig.mirror.in_sync(), 3u);
  rig.c.fails = true;
  EXPECT_EQ(serve(rig, Direction::read).status, IoStatus::failed);
}

TEST(MirroredVolume, a_resize_is_all_or_nothing) {
  MirrorRig rig;
  EXPECT_TRUE(rig.mirror.resize(mebibytes(8)));
  for (const FakeVolume* v : {&rig.a, &rig.b, &rig.c}) EXPECT_EQ(v->size(), mebibytes(8));
  rig.c.size_limit = mebibytes(8);
  EXPECT_FALSE(rig.mirror.resize(mebibytes(16)));
  for (const FakeVolume* v : {&rig.a, &rig.b, &rig.c}) EXPECT_EQ(v->size(), mebibytes(8));
  EXPECT_EQ(rig.mirror.size(), mebibytes(8));
}

TEST(MirroredVolume, a_snapshot_is_taken_of_every_member_in_sync) {
  MirrorRig rig;
  rig.mirror.drop(0);
  EXPECT_TRUE(rig.mirror.snapshot("now"));
  EXPECT_TRUE(rig.a.snapshots.empty());
  EXPECT_EQ(rig.b.snapshots, std::vector<std::string>{"now"});
  EXPECT_EQ(rig.c.snapshots, std::vector<std::string>{"now"});
}

Task<> rebuild(MirroredVolume& mirror, std::size_t member, BitRate rate, Bytes window,
               std::optional<bool>& done) {
  Task<bool> work = mirror.rebuild(member, rate, window);
  done = co_await work;
}

TEST(MirroredVolume, a_rebuild_copies_everything_once_and_no_faster_than_its_rate) {
  MirrorRig rig;
  rig.mirror.drop(2);
  std::optional<bool> done;
  TaskScope scope;
  scope.spawn(rebuild(rig.mirror, 2, megabytes_per_second(100), kibibytes(256), done));
  EXPECT_EQ(rig.mirror.state(2), MirroredVolume::State::rebuilding);
  rig.clock.run_until(kStart + milliseconds(20));
  EXPECT_NEAR(static_cast<double>(rig.mirror.frontier().count()), 2e6, 256 * 1024);
  rig.clock.run_until(kNever);
  EXPECT_EQ(done, true);
  EXPECT_FALSE(rig.mirror.is_degraded());
  EXPECT_EQ(rig.mirror.counters().rebuilt, mebibytes(4));
  // The first window comes from the bucket, the copy of the last follows: between both it is the
  // rate.
  const double seconds = to_seconds(rig.clock.now() - kStart);
  EXPECT_NEAR(seconds, (4096.0 - 256) * 1024 / 100e6, 200e-6);
  Bytes written;
  for (const FakeVolume::Seen& seen : rig.c.seen)
    if (seen.direction == Direction::write) written += seen.length;
  EXPECT_EQ(written, mebibytes(4));
}

TEST(MirroredVolume, a_rebuild_ends_with_the_member_that_fails_it) {
  MirrorRig rig;
  rig.mirror.drop(2);
  rig.c.fails = true;
  std::optional<bool> done;
  TaskScope scope;
  scope.spawn(rebuild(rig.mirror, 2, BitRate{}, kibibytes(256), done));
  rig.clock.run_until(kNever);
  EXPECT_EQ(done, false);
  EXPECT_EQ(rig.mirror.state(2), MirroredVolume::State::dropped);
  EXPECT_EQ(serve(rig, Direction::write).status, IoStatus::done);
}

TEST(MirroredVolume, a_rebuild_that_is_given_up_leaves_the_member_dropped_and_no_write_waiting) {
  for (const int us : {1, 40, 60, 90, 700}) {
    MirrorRig rig;
    rig.mirror.drop(2);
    std::optional<bool> done;
    Ended ended;
    ended.io.direction = Direction::write;
    ended.io.length = mebibytes(4);
    TaskScope writer, rebuilder;
    rebuilder.spawn(rebuild(rig.mirror, 2, BitRate{}, kibibytes(256), done));
    writer.spawn(run(rig.clock, rig.mirror, ended));
    rig.clock.run_until(kStart + microseconds(us));
    rebuilder.clear();
    EXPECT_EQ(rig.mirror.state(2), MirroredVolume::State::dropped);
    rig.clock.run_until(kNever);
    EXPECT_GT(ended.at, kStart);
    EXPECT_EQ(ended.status, IoStatus::done);
  }
}

// Writers, each with blocks of its own, beside a rebuild: at its end the rebuilt member holds what
// was acknowledged last.
class Writers {
 public:
  Writers(Calendar& calendar, BlockVolume& volume, std::uint64_t seed)
      : calendar_(calendar),
        volume_(volume),
        random_(seed, "writers"),
        expected(static_cast<std::size_t>(blocks_of(volume.size()))) {}

  // Until `end`; one of `count` writers, each in a stripe of the blocks.
  Task<> write(std::int64_t index, std::int64_t count, TimePoint end) {
    const std::int64_t blocks = blocks_of(volume_.size()) / count;
    while (calendar_.now() < end) {
      const auto length = 1 + static_cast<std::int64_t>(random_.below(4));
      const auto first =
          index * blocks +
          static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(blocks - length)));
      Io io;
      io.direction = Direction::write;
      io.offset = kBlock * first;
      io.length = kBlock * length;
      io.stamp = ++stamp_;
      io.ledger = Ledger(calendar_.now());
      const std::uint64_t stamp = io.stamp;
      Task<IoStatus> work = volume_.submit(io);
      const IoStatus status = co_await work;
      EXPECT_EQ(status, IoStatus::done);
      EXPECT_EQ(io.ledger.total(), calendar_.now() - io.ledger.start());
      for (std::int64_t b = first; b < first + length; ++b)
        expected[static_cast<std::size_t>(b)] = stamp;
      co_await Delay(calendar_, random_.uniform(Duration{}, microseconds(50)));
    }
  }

 private:
  Calendar& calendar_;
  BlockVolume& volume_;
  RandomStream random_;
  std::uint64_t stamp_ = 0;

 public:
  std::vector<std::uint64_t> expected;  // what was acknowledged last, by block
};

RC_GTEST_PROP(MirroredVolume, a_rebuild_beside_writers_loses_no_acknowledged_write, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const Bytes window = kBlock * *rc::gen::inRange(5, 40);
  Calendar clock;
  RememberingVolume::Family family;
  std::vector<std::unique_ptr<RememberingVolume>> members;
  std::vector<BlockVolume*> volumes;
  for (const char* name : {"a", "b", "c"}) {
    members.push_back(std::make_unique<RememberingVolume>(clock, family, name, mebibytes(1),
                                                          microseconds(100), seed));
    volumes.push_back(members.back().get());
  }
  MirroredVolume mirror(clock, "mirror", volumes);
  members[0]->failing_reads = 0.2;
  Writers writers(clock, mirror, seed);
  TaskScope scope;
  for (int w = 0; w < 8; ++w) scope.spawn(writers.write(w, 8, kStart + milliseconds(20)));
  clock.run_until(kStart + milliseconds(1));
  mirror.drop(1);
  clock.run_until(kStart + milliseconds(2));
  std::optional<bool> done;
  scope.spawn(rebuild(mirror, 1, megabytes_per_second(100), window, done));
  // A second one is lost meanwhile and rebuilt after the first; what the last one fails to read
  // would be read nowhere.
  clock.run_until(kStart + milliseconds(4));
  members[0]->failing_reads = 0;
  clock.run_until(kStart + milliseconds(5));
  mirror.drop(2);
  clock.run_until(kStart + milliseconds(15));
  RC_ASSERT(done == true);
  done.reset();
  scope.spawn(rebuild(mirror, 2, BitRate{}, window, done));
  clock.run_until(kNever);
  RC_ASSERT(done == true);
  RC_ASSERT(scope.size() == 0u);
  for (const auto& member : members) RC_ASSERT(member->blocks == writers.expected);
  RC_ASSERT(mirror.counters().stalled_writes > 0);
}

}  // namespace mirrored_test
}  // namespace orrery
