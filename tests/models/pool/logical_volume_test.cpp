#include "models/pool/logical_volume.hpp"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "models/pool/volume_store.hpp"
#include "tests/models/pool/rig.hpp"
#include "tests/models/volume/block_volume_contract.hpp"

namespace orrery {
namespace logical_volume_test {

struct LinearRig : PoolRig {
  LogicalVolume& of = create({.name = "v", .size = mebibytes(16)});
  BlockVolume& volume() { return of; }
};
struct StripedRig : PoolRig {
  LogicalVolume& of = create({.name = "v", .size = mebibytes(18), .layout = Layout::striped});
  BlockVolume& volume() { return of; }
};
struct ThinRig : PoolRig {
  LogicalVolume& of = create({.name = "v", .size = mebibytes(16), .is_thin = true});
  BlockVolume& volume() { return of; }
};
struct WatchedRig : LinearRig {
  DirtyMap map{mebibytes(16), kibibytes(64)};
  BlockVolume& volume() {
    of.track_writes(&map);
    of.remember_contents();
    return of;
  }
};
template <class Origin>
struct CloneRig : Origin {
  LogicalVolume& snapshot = *this->store->snapshot(this->of, "s");
  LogicalVolume& clone = *this->store->clone(snapshot, "c");
  BlockVolume& volume() { return clone; }
};
using Rigs = testing::Types<LinearRig, StripedRig, ThinRig, WatchedRig, CloneRig<LinearRig>,
                            CloneRig<StripedRig>>;
INSTANTIATE_TYPED_TEST_SUITE_P(Logical, BlockVolumeContract, Rigs);

TEST(LogicalVolume, contiguous_clusters_are_one_command) {
  LinearRig rig;
  const auto& io = rig.write(rig.of, mebibytes(1), mebibytes(2));
  EXPECT_EQ(io.status, IoStatus::done);
  EXPECT_EQ(io.latency(), microseconds(12));
  EXPECT_EQ(rig.commands(), 1);
  EXPECT_EQ(rig.ssds[0]->seen.at(0).offset, mebibytes(1));
  EXPECT_EQ(rig.ssds[0]->seen.at(0).length, mebibytes(2));
}

TEST(LogicalVolume, an_io_across_devices_ends_with_the_slowest_and_takes_its_ledger) {
  PoolRig rig({mebibytes(4), mebibytes(4)});
  LogicalVolume& v = rig.create({.name = "v", .size = mebibytes(8)});
  rig.ssds[1]->write_time = microseconds(30);
  const auto& io = rig.write(v, mebibytes(3), mebibytes(2));
  EXPECT_EQ(io.latency(), microseconds(30));
  EXPECT_EQ(io.io.ledger.served(stage::kSsd), microseconds(30));
  EXPECT_EQ(rig.commands(), 2);
  rig.ssds[0]->fails = true;
  EXPECT_EQ(rig.write(v, mebibytes(3), mebibytes(2)).status, IoStatus::failed);
}

TEST(LogicalVolume, strips_go_round_the_devices_and_one_device_gets_one_command) {
  StripedRig rig;
  rig.write(rig.of, Bytes{}, kibibytes(128 * 6));
  for (const auto& ssd : rig.ssds) {
    ASSERT_EQ(ssd->seen.size(), 1u);
    EXPECT_EQ(ssd->seen[0].offset, Bytes{});
    EXPECT_EQ(ssd->seen[0].length, kibibytes(256));
  }
  rig.forget_seen();
  rig.write(rig.of, kibibytes(128 * 4) + kibibytes(8), kibibytes(4));
  ASSERT_EQ(rig.ssds[1]->seen.size(), 1u);
  EXPECT_EQ(rig.ssds[1]->seen[0].offset, kibibytes(128 + 8));
  // The second group of clusters: one on each device again.
  rig.forget_seen();
  rig.write(rig.of, mebibytes(6), kibibytes(4));
  ASSERT_EQ(rig.ssds[0]->seen.size(), 1u);
  EXPECT_EQ(rig.ssds[0]->seen[0].offset, mebibytes(2));
}

TEST(LogicalVolume, every_block_of_a_striped_volume_has_a_place_of_its_own) {
  StripedRig rig;
  std::set<std::pair<Ssd*, std::int64_t>> places;
  for (Bytes at{}; at < rig.of.size(); at += kBlock) {
    const auto place = rig.of.direct(Direction::write, at, kBlock);
    ASSERT_NE(place.ssd, nullptr);
    EXPECT_TRUE(places.emplace(place.ssd, place.offset.count()).second);
    EXPECT_LE(place.offset + kBlock, mebibytes(6));
  }
}

TEST(LogicalVolume, the_direct_way_is_the_one_that_submit_takes) {
  LinearRig rig;
  const auto way = rig.of.direct(Direction::read, mebibytes(5), kibibytes(256));
  rig.read(rig.of, mebibytes(5), kibibytes(256));
  EXPECT_EQ(way.ssd, rig.ssds[0].get());
  EXPECT_EQ(way.offset, rig.ssds[0]->seen.at(0).offset);
}

TEST(LogicalVolume, there_is_no_direct_way_over_strips_to_nothing_or_to_what_is_shared) {
  StripedRig striped;
  EXPECT_EQ(striped.of.direct(Direction::read, kibibytes(124), kibibytes(8)).ssd, nullptr);
  EXPECT_NE(striped.of.direct(Direction::read, kibibytes(120), kibibytes(8)).ssd, nullptr);
  ThinRig thin;
  EXPECT_EQ(thin.of.direct(Direction::read, Bytes{}, kBlock).ssd, nullptr);
  thin.write(thin.of, Bytes{}, kBlock);
  EXPECT_NE(thin.of.direct(Direction::read, Bytes{}, kBlock).ssd, nullptr);
  EXPECT_NE(thin.of.direct(Direction::write, Bytes{}, kBlock).ssd, nullptr);
  thin.of.snapshot("s");
  EXPECT_NE(thin.of.direct(Direction::read, Bytes{}, kBlock).ssd, nullptr);
  EXPECT_EQ(thin.of.direct(Direction::write, Bytes{}, kBlock).ssd, nullptr);
}

TEST(LogicalVolume, a_thin_volume_reads_zeros_without_a_device) {
  ThinRig rig;
  const auto& io = rig.read(rig.of, mebibytes(1), mebibytes(2));
  EXPECT_EQ(io.status, IoStatus::done);
  EXPECT_EQ(io.latency(), Duration{});
  EXPECT_EQ(rig.commands(), 0);
  // What is there is read, the rest is not.
  rig.write(rig.of, Bytes{}, kBlock);
  rig.forget_seen();
  rig.read(rig.of, mebibytes(1), mebibytes(2));
  EXPECT_EQ(rig.ssds[0]->bytes(Direction::read), mebibytes(1));
}

TEST(LogicalVolume, a_thin_volume_takes_clusters_as_it_is_written) {
  ThinRig rig;
  EXPECT_EQ(rig.store->used(), Bytes{});
  rig.write(rig.of, mebibytes(7), mebibytes(2));
  EXPECT_EQ(rig.of.allocated(), mebibytes(4));
  EXPECT_TRUE(rig.of.is_hole(Bytes{}, mebibytes(6)));
  EXPECT_FALSE(rig.of.is_hole(mebibytes(5), mebibytes(1) + kBlock));
  EXPECT_FALSE(rig.of.is_hole(mebibytes(6), mebibytes(6)));
  EXPECT_TRUE(rig.of.is_hole(mebibytes(10), mebibytes(6)));
  EXPECT_EQ(rig.store->used(), mebibytes(4));
  rig.write(rig.of, mebibytes(7), mebibytes(2));
  EXPECT_EQ(rig.store->used(), mebibytes(4));
}

TEST(LogicalVolume, a_thin_write_without_space_fails_and_is_counted) {
  PoolRig rig({mebibytes(4)});
  LogicalVolume& v = rig.create({.name = "v", .size = gibibytes(1), .is_thin = true});
  EXPECT_EQ(rig.write(v, Bytes{}, mebibytes(4)).status, IoStatus::done);
  EXPECT_EQ(rig.write(v, mebibytes(4), kBlock).status, IoStatus::failed);
  EXPECT_EQ(rig.store->out_of_space(), 1u);
  EXPECT_EQ(rig.write(v, mebibytes(3), kBlock).status, IoStatus::done);
  EXPECT_EQ(rig.read(v, mebibytes(4), kBlock).status, IoStatus::done);
}

TEST(LogicalVolume, only_the_first_write_to_a_shared_cluster_copies_it) {
  LinearRig rig;
  rig.of.snapshot("s");
  // All of it is read at once, then written, then comes the write itself.
  const auto& first = rig.write(rig.of, kibibytes(64), kBlock);
  EXPECT_EQ(first.latency(), microseconds(80 + 12 + 12));
  EXPECT_EQ(first.io.ledger.waited(stage::kSsd), microseconds(80 + 12));
  EXPECT_EQ(first.io.ledger.served(stage::kSsd), microseconds(12));
  EXPECT_EQ(rig.ssds[0]->bytes(Direction::read), mebibytes(2));
  EXPECT_EQ(rig.ssds[0]->count(Direction::read), 16);
  EXPECT_EQ(rig.ssds[0]->bytes(Direction::write), mebibytes(2) + kBlock);
  EXPECT_EQ(rig.store->clusters_copied(), 1u);
  EXPECT_EQ(rig.store->used(), mebibytes(18));
  // From where the snapshot has it to the first free place, and there the write goes as well.
  const auto& seen = rig.ssds[0]->seen;
  ASSERT_EQ(seen.size(), 33u);
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(seen[i].offset, kibibytes(128) * i);
    EXPECT_EQ(seen[16 + i].offset, mebibytes(16) + kibibytes(128) * i);
  }
  EXPECT_EQ(seen[32].offset, mebibytes(16) + kibibytes(64));

  const auto& second = rig.write(rig.of, kibibytes(512), kBlock);
  EXPECT_EQ(second.latency(), microseconds(12));
  EXPECT_EQ(rig.store->clusters_copied(), 1u);
}

TEST(LogicalVolume, writes_to_a_cluster_wait_for_its_copy_and_reads_do_not) {
  LinearRig rig;
  rig.of.snapshot("s");
  const auto& first = rig.start(rig.of, Direction::write, Bytes{}, kBlock);
  rig.clock.run_until(kStart + microseconds(50));
  rig.clock.advance_to(kStart + microseconds(50));
  const auto& second = rig.start(rig.of, Direction::write, mebibytes(1), kBlock);
  const auto& reader = rig.start(rig.of, Direction::read, mebibytes(1), kBlock);
  const auto& elsewhere = rig.start(rig.of, Direction::write, mebibytes(2), kBlock);
  rig.clock.run_until(kNever);
  EXPECT_EQ(first.latency(), microseconds(104));
  EXPECT_EQ(second.latency(), microseconds(54));
  EXPECT_EQ(second.io.ledger.waited(stage::kSsd), microseconds(42));
  EXPECT_EQ(reader.latency(), microseconds(80));
  EXPECT_EQ(elsewhere.latency(), microseconds(104));
  EXPECT_EQ(rig.store->clusters_copied(), 2u);
}

TEST(LogicalVolume, a_write_over_several_shared_clusters_copies_them_at_once) {
  LinearRig rig;
  rig.of.snapshot("s");
  const auto& io = rig.write(rig.of, mebibytes(1), mebibytes(2));
  EXPECT_EQ(io.latency(), microseconds(104));
  EXPECT_EQ(rig.store->clusters_copied(), 2u);
}

TEST(LogicalVolume, a_write_over_a_whole_cluster_copies_nothing) {
  LinearRig linear;
  linear.of.snapshot("s");
  EXPECT_EQ(linear.write(linear.of, mebibytes(2), mebibytes(2)).latency(), microseconds(12));
  EXPECT_EQ(linear.store->clusters_copied(), 0u);
  EXPECT_EQ(linear.store->used(), mebibytes(18));

  StripedRig striped;
  striped.of.snapshot("s");
  EXPECT_EQ(striped.write(striped.of, mebibytes(6), mebibytes(6)).latency(), microseconds(12));
  EXPECT_EQ(striped.store->clusters_copied(), 0u);
  // All but the first strip: the first device's cluster is copied, the others are not.
  striped.write(striped.of, kibibytes(128), mebibytes(6) - kibibytes(128));
  EXPECT_EQ(striped.store->clusters_copied(), 1u);
}

TEST(LogicalVolume, a_striped_volume_stays_on_its_devices_when_copied) {
  StripedRig rig;
  rig.of.snapshot("s");
  rig.write(rig.of, kibibytes(128), kBlock);
  EXPECT_EQ(rig.of.direct(Direction::write, kibibytes(128), kBlock).ssd, rig.ssds[1].get());
  EXPECT_EQ(rig.ssds[0]->count(Direction::read), 0);
}

// One command after the other, each as long as its bytes take.
class SerialSsd final : public Ssd {
 public:
  SerialSsd(Calendar& calendar, BitRate read, BitRate write)
      : calendar_(calendar), read_(read), write_(write) {}
  const std::string& name() const override { return name_; }
  Bytes capacity() const override { return gibibytes(1); }
  Task<IoStatus> submit(Direction direction, Bytes, Bytes length, Ledger& ledger) override {
    const TimePoint begin = std::max(calendar_.now(), busy_until_);
    busy_until_ = after(begin, length / (direction == Direction::read ? read_ : write_));
    co_await Delay(calendar_, begin);
    ledger.charge_wait(stage::kSsd, calendar_.now());
    co_await Delay(calendar_, busy_until_);
    ledger.charge_service(stage::kSsd, calendar_.now());
    co_return IoStatus::done;
  }
  void collect_stations(std::vector<Station*>&) override {}

 private:
  Calendar& calendar_;
  std::string name_ = "serial";
  BitRate read_, write_;
  TimePoint busy_until_{};
};

TEST(LogicalVolume, copying_a_cluster_takes_its_bytes_over_the_rates_of_the_device) {
  PoolRig rig;
  const BitRate read = megabytes_per_second(3200);
  const BitRate write = megabytes_per_second(2000);
  SerialSsd ssd(rig.clock, read, write);
  VolumeStore store(rig.clock, "serial", {&ssd}, VolumeStoreProfile{});
  LogicalVolume* v = store.create({.name = "v", .size = mebibytes(4)});
  ASSERT_TRUE(v->snapshot("s"));
  const auto& io = rig.write(*v, Bytes{}, kBlock);
  const Duration copy = mebibytes(2) / read + mebibytes(2) / write;
  EXPECT_NEAR(to_microseconds(copy), 1704, 1);
  EXPECT_NEAR(to_microseconds(io.latency()), to_microseconds(copy + kBlock / write), 0.001);
  EXPECT_NEAR(to_microseconds(io.io.ledger.waited(stage::kSsd)), to_microseconds(copy), 0.001);
}

TEST(LogicalVolume, a_copy_goes_on_when_its_writer_has_been_abandoned) {
  LinearRig rig;
  rig.of.snapshot("s");
  PoolRig::Ended abandoned;
  abandoned.io.direction = Direction::write;
  abandoned.io.length = kBlock;
  {
    TaskScope scope;
    scope.spawn(PoolRig::run(rig.clock, rig.of, abandoned));
    rig.clock.run_until(kStart + microseconds(10));
  }
  const auto& next = rig.write(rig.of, Bytes{}, kBlock);
  EXPECT_FALSE(abandoned.status);
  EXPECT_EQ(next.at, kStart + microseconds(104));
  EXPECT_EQ(rig.store->clusters_copied(), 1u);
  EXPECT_TRUE(rig.store->is_consistent());
}

TEST(LogicalVolume, writes_fail_with_the_copy_they_wait_for_and_the_next_one_tries_again) {
  LinearRig rig;
  rig.of.snapshot("s");
  rig.ssds[0]->fails = true;
  const auto& one = rig.start(rig.of, Direction::write, Bytes{}, kBlock);
  const auto& two = rig.start(rig.of, Direction::write, kBlock, kBlock);
  rig.clock.run_until(kNever);
  EXPECT_EQ(one.status, IoStatus::failed);
  EXPECT_EQ(two.status, IoStatus::failed);
  EXPECT_EQ(one.io.ledger.total(), one.latency());
  EXPECT_EQ(rig.store->used(), mebibytes(16));
  EXPECT_TRUE(rig.store->is_consistent());
  rig.ssds[0]->fails = false;
  EXPECT_EQ(rig.write(rig.of, Bytes{}, kBlock).status, IoStatus::done);
}

TEST(LogicalVolume, a_copy_without_space_fails_the_write) {
  PoolRig rig({mebibytes(4)});
  LogicalVolume& v = rig.create({.name = "v", .size = mebibytes(4)});
  ASSERT_TRUE(v.snapshot("s"));
  EXPECT_EQ(rig.write(v, Bytes{}, kBlock).status, IoStatus::failed);
  EXPECT_EQ(rig.store->out_of_space(), 1u);
  // Without the snapshot nothing needs to be copied.
  ASSERT_TRUE(rig.store->remove(*rig.store->find("v/s")));
  const auto& io = rig.write(v, Bytes{}, kBlock);
  EXPECT_EQ(io.status, IoStatus::done);
  EXPECT_EQ(io.latency(), microseconds(12));
  EXPECT_NE(v.direct(Direction::write, Bytes{}, kBlock).ssd, nullptr);
}

TEST(LogicalVolume, a_read_finds_what_the_last_completed_write_wrote) {
  LinearRig rig;
  rig.of.remember_contents();
  EXPECT_EQ(rig.read(rig.of, Bytes{}, kBlock).io.stamp, 0u);
  rig.write(rig.of, Bytes{}, kibibytes(16), 7);
  rig.write(rig.of, kibibytes(8), kBlock, 8);
  EXPECT_EQ(rig.read(rig.of, kibibytes(4), kBlock).io.stamp, 7u);
  EXPECT_EQ(rig.read(rig.of, kibibytes(8), kBlock).io.stamp, 8u);
  // A write that is on its way is not there yet, and one that failed never was.
  rig.ssds[0]->write_time = microseconds(100);
  rig.start(rig.of, Direction::write, Bytes{}, kBlock, 9);
  const auto& early = rig.start(rig.of, Direction::read, Bytes{}, kBlock);
  rig.clock.run_until(kNever);
  EXPECT_EQ(early.io.stamp, 7u);
  EXPECT_EQ(rig.read(rig.of, Bytes{}, kBlock).io.stamp, 9u);
  rig.ssds[0]->fails = true;
  rig.write(rig.of, Bytes{}, kBlock, 10);
  rig.ssds[0]->fails = false;
  EXPECT_EQ(rig.read(rig.of, Bytes{}, kBlock).io.stamp, 9u);
}

TEST(LogicalVolume, snapshots_and_clones_hold_what_was_there_when_they_were_made) {
  ThinRig rig;
  rig.of.remember_contents();
  rig.write(rig.of, Bytes{}, kibibytes(8), 1);
  LogicalVolume& s = *rig.store->snapshot(rig.of, "s");
  rig.write(rig.of, Bytes{}, kBlock, 2);
  LogicalVolume& c = *rig.store->clone(s, "c");
  rig.write(c, kibibytes(4), kBlock, 3);
  EXPECT_EQ(rig.write(s, Bytes{}, kBlock, 4).status, IoStatus::failed);
  const auto stamps = [&rig](LogicalVolume& v) {
    return std::pair{rig.read(v, Bytes{}, kBlock).io.stamp,
                     rig.read(v, kibibytes(4), kBlock).io.stamp};
  };
  EXPECT_EQ(stamps(rig.of), std::pair(std::uint64_t{2}, std::uint64_t{1}));
  EXPECT_EQ(stamps(s), std::pair(std::uint64_t{1}, std::uint64_t{1}));
  EXPECT_EQ(stamps(c), std::pair(std::uint64_t{1}, std::uint64_t{3}));
}

TEST(LogicalVolume, every_write_that_ends_is_marked_whether_it_failed_or_not) {
  LinearRig rig;
  DirtyMap map(rig.of.size(), kibibytes(64));
  rig.of.track_writes(&map);
  rig.write(rig.of, kibibytes(60), kibibytes(8));
  EXPECT_EQ(map.count(), 2);
  rig.read(rig.of, mebibytes(4), kBlock);
  EXPECT_EQ(map.count(), 2);
  rig.ssds[0]->fails = true;
  rig.write(rig.of, mebibytes(8), kBlock);
  EXPECT_EQ(map.count(), 3);
  // Who goes the direct way reports by himself.
  rig.of.wrote(mebibytes(9), kBlock, 1);
  EXPECT_EQ(map.count(), 4);
  EXPECT_FALSE(rig.of.resize(mebibytes(32)));
  rig.of.track_writes(nullptr);
  rig.of.wrote(mebibytes(10), kBlock, 1);
  EXPECT_EQ(map.count(), 4);
  EXPECT_TRUE(rig.of.resize(mebibytes(32)));
}

}  // namespace logical_volume_test
}  // namespace orrery
