// A cache in front of a slower volume: what it costs, beside theory what it catches, and that it
// loses nothing.
#include "models/pool/tiered_volume.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>

#include "models/host/local_volume.hpp"
#include "models/workload/zipf.hpp"
#include "sim/random.hpp"
#include "tests/models/ssd/rig.hpp"
#include "tests/models/volume/block_volume_contract.hpp"
#include "tests/models/volume/fake_volume.hpp"

namespace orrery {
namespace tiered_volume_test {

TierProfile tier_of(Bytes capacity) {
  TierProfile p;
  p.capacity = capacity;
  p.line_size = kibibytes(64);
  p.dirty_high = 0.5;
  p.dirty_low = 0.25;
  p.promote_after = 1;
  p.flush_run = kibibytes(256);
  p.flush_depth = 2;
  return p;
}

struct TierRig {
  explicit TierRig(TierProfile profile = tier_of(mebibytes(1)), Bytes size = mebibytes(16))
      : slow(clock, microseconds(100), size, FakeVolume::kUnlimited, "slow"),
        tier(clock, "tier", fast, slow, profile) {}
  Calendar clock;
  FakeVolume fast{clock, microseconds(10), gibibytes(1), FakeVolume::kUnlimited, "fast"};
  FakeVolume slow;
  TieredVolume tier;
  Calendar& calendar() { return clock; }
  BlockVolume& volume() { return tier; }
};
// Less cache than one large I/O takes.
struct SmallRig : TierRig {
  SmallRig() : TierRig(tier_of(kibibytes(256))) {}
};
struct OneLineRig : TierRig {
  OneLineRig() : TierRig(tier_of(kibibytes(64))) {}
};
struct SecondMissRig : TierRig {
  SecondMissRig() : TierRig(promoting_late()) {}
  static TierProfile promoting_late() {
    TierProfile p = tier_of(mebibytes(1));
    p.promote_after = 2;
    return p;
  }
};
// Whose last line is not whole.
struct RaggedRig : TierRig {
  RaggedRig() : TierRig(tier_of(mebibytes(1)), mebibytes(4) + kibibytes(20)) {}
};
using Rigs = testing::Types<TierRig, SmallRig, OneLineRig, SecondMissRig, RaggedRig>;
INSTANTIATE_TYPED_TEST_SUITE_P(Tiered, BlockVolumeContract, Rigs);

struct Ended {
  IoStatus status = IoStatus::failed;
  Duration took{};
  Io io;
};
Task<> run(Calendar& calendar, BlockVolume& volume, Ended& ended) {
  ended.io.ledger = Ledger(calendar.now());
  Task<IoStatus> work = volume.submit(ended.io);
  ended.status = co_await work;
  ended.took = calendar.now() - ended.io.ledger.start();
}
// To its end; what goes on behind it goes on.
Ended serve(TierRig& rig, Direction direction, Bytes offset, Bytes length = kBlock) {
  Ended ended;
  ended.io.direction = direction;
  ended.io.offset = offset;
  ended.io.length = length;
  TaskScope scope;
  scope.spawn(run(rig.clock, rig.tier, ended));
  while (scope.size() > 0) rig.clock.run_until(rig.clock.next_time());
  EXPECT_EQ(ended.io.ledger.total(), ended.took);
  return ended;
}
void settle(TierRig& rig) { rig.clock.run_until(kNever); }

constexpr Duration kFast = std::chrono::microseconds(10);
constexpr Duration kSlow = std::chrono::microseconds(100);

TEST(TieredVolume, a_read_takes_the_slow_volumes_time_first_and_the_fast_ones_then) {
  TierRig rig;
  EXPECT_EQ(serve(rig, Direction::read, kibibytes(8)).took, kSlow);
  settle(rig);
  // The whole line has been kept.
  EXPECT_EQ(serve(rig, Direction::read, kibibytes(8)).took, kFast);
  EXPECT_EQ(serve(rig, Direction::read, kibibytes(60)).took, kFast);
  EXPECT_EQ(serve(rig, Direction::read, kibibytes(64)).took, kSlow);
  const auto& c = rig.tier.counters();
  EXPECT_EQ(c.read_hits, 2);
  EXPECT_EQ(c.read_misses, 2);
  EXPECT_EQ(c.promotions, 2);
  EXPECT_EQ(rig.slow.seen[0].length, kibibytes(64));
}

TEST(TieredVolume, keeps_a_line_from_its_nth_miss_on) {
  for (const std::int64_t n : {1, 2, 5}) {
    TierProfile p = tier_of(mebibytes(1));
    p.promote_after = n;
    TierRig rig(p);
    for (std::int64_t i = 1; i <= n + 3; ++i) {
      EXPECT_EQ(serve(rig, Direction::read, kibibytes(640)).took, i <= n ? kSlow : kFast);
      settle(rig);
    }
  }
}

TEST(TieredVolume, a_write_takes_the_fast_volumes_time_and_can_be_read_back_from_there) {
  TierRig rig;
  EXPECT_EQ(serve(rig, Direction::write, kibibytes(8), kibibytes(8)).took, kFast);
  EXPECT_EQ(serve(rig, Direction::read, kibibytes(12)).took, kFast);
  EXPECT_TRUE(rig.slow.seen.empty());
  EXPECT_EQ(rig.tier.cache().dirty_lines(), 1);
  // What is partly there is put together.
  EXPECT_EQ(serve(rig, Direction::read, kibibytes(0), kibibytes(16)).took, kSlow);
  settle(rig);
  EXPECT_EQ(serve(rig, Direction::read, kibibytes(0), kibibytes(64)).took, kFast);
}

TEST(TieredVolume, a_write_of_a_part_of_a_block_fills_its_line_first) {
  TierRig rig;
  const Ended e = serve(rig, Direction::write, kibibytes(8) + Bytes{512}, Bytes{512});
  EXPECT_EQ(e.status, IoStatus::done);
  EXPECT_EQ(e.took, kSlow + kFast + kFast);
  EXPECT_EQ(e.io.ledger.waited(stage::kEngine), kFast);
  EXPECT_EQ(serve(rig, Direction::write, kibibytes(8) + Bytes{512}, Bytes{512}).took, kFast);
}

Task<> grow(TierRig& rig, Duration after, Bytes size) {
  co_await Delay(rig.clock, rig.clock.now() + after);
  EXPECT_TRUE(rig.tier.resize(size));
}

TEST(TieredVolume, a_line_that_grows_while_it_is_filled_is_filled_again) {
  TierRig rig(tier_of(mebibytes(1)), mebibytes(16) - kibibytes(32));  // half a line at the end
  const Bytes last = mebibytes(16) - kibibytes(64);
  TaskScope scope;
  scope.spawn(grow(rig, microseconds(50), mebibytes(16)));
  const Ended e = serve(rig, Direction::write, last + Bytes{512}, Bytes{512});
  EXPECT_EQ(e.status, IoStatus::done);
  EXPECT_EQ(e.took, kSlow + kFast + kFast);
  EXPECT_EQ(rig.tier.size(), mebibytes(16));
}

TEST(TieredVolume, flushes_whole_lines_in_order_of_address) {
  TierRig rig;  // 16 lines: flushing begins with the ninth dirty one and ends with the fourth
  for (const int line : {11, 3, 7, 2, 10, 6, 12, 5, 1}) {
    serve(rig, Direction::write, kibibytes(64) * line + kibibytes(4));
  }
  settle(rig);
  std::vector<std::pair<std::int64_t, std::int64_t>> writes;  // in lines
  for (const FakeVolume::Seen& seen : rig.slow.seen)
    if (seen.direction == Direction::write) {
      EXPECT_EQ(seen.offset % kibibytes(64), Bytes{});
      EXPECT_EQ(seen.length % kibibytes(64), Bytes{});
      writes.emplace_back(seen.offset / kibibytes(64), seen.length / kibibytes(64));
    }
  // The oldest with those next to it, at most four together.
  EXPECT_EQ(writes, (std::vector<std::pair<std::int64_t, std::int64_t>>{{10, 3}, {1, 3}}));
  EXPECT_EQ(rig.tier.cache().dirty_lines(), 3);
  EXPECT_EQ(rig.tier.counters().flushed, kibibytes(64) * 6);
}

TEST(TieredVolume, a_line_that_is_written_while_it_is_flushed_stays_dirty) {
  TierProfile p = tier_of(mebibytes(1));
  p.dirty_high = p.dirty_low = 0;
  for (const int us : {1, 5, 9, 11, 50, 109, 115, 140}) {
    TierRig rig(p);
    serve(rig, Direction::write, Bytes{}, kibibytes(64));
    rig.clock.run_until(rig.clock.now() + microseconds(us));
    serve(rig, Direction::write, kibibytes(4));
    const TimePoint written = rig.clock.now();
    settle(rig);
    EXPECT_EQ(rig.tier.cache().dirty_lines(), 0);
    // Whatever was read for the last flush was read after it.
    TimePoint last_read{};
    for (const FakeVolume::Seen& seen : rig.fast.seen)
      if (seen.direction == Direction::read) last_read = seen.submitted;
    EXPECT_GE(last_read, written) << us;
    EXPECT_EQ(rig.tier.counters().flushes, 2);
  }
}

TEST(TieredVolume, a_snapshot_is_of_a_clean_cache) {
  TierRig rig;
  serve(rig, Direction::write, Bytes{});
  EXPECT_FALSE(rig.tier.snapshot("now"));
  TaskScope scope;
  scope.spawn(rig.tier.clean());
  settle(rig);
  EXPECT_EQ(scope.size(), 0u);
  EXPECT_TRUE(rig.tier.snapshot("now"));
  EXPECT_EQ(rig.slow.snapshots, std::vector<std::string>{"now"});
}

TEST(TieredVolume, grows_with_the_slow_volume_and_does_not_shrink) {
  TierRig rig;
  EXPECT_TRUE(rig.tier.resize(mebibytes(32)));
  EXPECT_EQ(rig.slow.size(), mebibytes(32));
  EXPECT_EQ(serve(rig, Direction::write, mebibytes(32) - kBlock).status, IoStatus::done);
  EXPECT_FALSE(rig.tier.resize(mebibytes(16)));
  rig.slow.size_limit = mebibytes(32);
  EXPECT_FALSE(rig.tier.resize(mebibytes(64)));
  EXPECT_EQ(rig.tier.size(), mebibytes(32));
}

TEST(TieredVolume, a_failed_flush_is_tried_again_and_loses_nothing) {
  TierProfile p = tier_of(mebibytes(1));
  p.dirty_high = p.dirty_low = 0;
  for (const bool at_once : {false, true}) {
    TierRig rig(p);
    (at_once ? rig.slow.fails_at_once : rig.slow.fails) = true;
    serve(rig, Direction::write, Bytes{}, kibibytes(64));
    rig.clock.run_until(rig.clock.now() + milliseconds(5));
    EXPECT_EQ(rig.tier.cache().dirty_lines(), 1);
    EXPECT_EQ(serve(rig, Direction::read, Bytes{}).took, kFast);
    rig.slow.fails = rig.slow.fails_at_once = false;
    settle(rig);
    EXPECT_EQ(rig.tier.cache().dirty_lines(), 0);
    EXPECT_EQ(rig.tier.counters().flushed, kibibytes(64));
  }
}

TEST(TieredVolume, failures_of_either_volume_are_the_ios) {
  TierRig rig;
  rig.fast.fails = true;
  EXPECT_EQ(serve(rig, Direction::write, Bytes{}).status, IoStatus::failed);
  // What could not be kept is read from the slow volume for ever.
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(serve(rig, Direction::read, mebibytes(1)).status, IoStatus::done);
    settle(rig);
  }
  EXPECT_EQ(serve(rig, Direction::write, Bytes{512}, Bytes{512}).status, IoStatus::failed);
  rig.fast.fails = false;
  rig.slow.fails = true;
  EXPECT_EQ(serve(rig, Direction::read, mebibytes(2)).status, IoStatus::failed);
  EXPECT_EQ(serve(rig, Direction::write, mebibytes(2), kibibytes(4)).status, IoStatus::done);
}

// Closed loops of one thread over `draw`; the share of hits once the cache has warmed up.
template <class Draw>
double hit_ratio(TierRig& rig, std::int64_t warmup, std::int64_t reads, Draw draw) {
  rig.fast.records = rig.slow.records = false;
  for (std::int64_t i = 0; i < warmup; ++i) {
    serve(rig, Direction::read, draw());
    settle(rig);
  }
  const auto before = rig.tier.counters();
  for (std::int64_t i = 0; i < reads; ++i) {
    serve(rig, Direction::read, draw());
    settle(rig);
  }
  const auto& after = rig.tier.counters();
  EXPECT_EQ(after.read_hits + after.read_misses - before.read_hits - before.read_misses, reads);
  return static_cast<double>(after.read_hits - before.read_hits) / static_cast<double>(reads);
}

TEST(TieredVolume, half_of_the_uniform_reads_of_twice_its_size_hit) {
  TierRig rig(tier_of(mebibytes(64)), mebibytes(128));
  RandomStream random(1, "reads");
  const double ratio = hit_ratio(rig, 5'000, 20'000, [&] {
    return kBlock * static_cast<std::int64_t>(random.below(mebibytes(128) / kBlock));
  });
  EXPECT_NEAR(ratio, 0.5, 0.015);  // four standard deviations of 20,000 draws
}

// Che, Tung, Wang (IEEE JSAC 2002): under independent references an item of probability p is in an
// LRU cache of C items with 1 - exp(-p T), where T is such that these add up to C.
double che(const std::vector<double>& p, double capacity) {
  const auto held = [&](double t) {
    double sum = 0;
    for (const double q : p) sum += 1 - std::exp(-q * t);
    return sum;
  };
  double low = 0, high = 1;
  while (held(high) < capacity) high *= 2;
  for (int i = 0; i < 60; ++i) (held((low + high) / 2) < capacity ? low : high) = (low + high) / 2;
  double hits = 0;
  for (const double q : p) hits += q * (1 - std::exp(-q * low));
  return hits;
}

TEST(TieredVolume, zipf_reads_hit_as_often_as_ches_approximation_says) {
  constexpr std::int64_t kLines = 4096;
  for (const double theta : {0.7, 0.9, 1.2})
    for (const std::int64_t lines : {128, 1024}) {
      std::vector<double> p;
      double sum = 0;
      for (std::int64_t i = 1; i <= kLines; ++i) {
        p.push_back(std::pow(static_cast<double>(i), -theta));
        sum += p.back();
      }
      std::vector<double> upto;
      double so_far = 0;
      for (double& q : p) upto.push_back(so_far += q /= sum);
      TierRig rig(tier_of(kibibytes(64) * lines), kibibytes(64) * kLines);
      RandomStream random(1, "reads");
      const double ratio = hit_ratio(rig, 20'000, 30'000, [&] {
        const auto at = std::upper_bound(upto.begin(), upto.end() - 1, random.uniform());
        return kibibytes(64) * (at - upto.begin()) + kBlock;
      });
      EXPECT_NEAR(ratio, che(p, static_cast<double>(lines)), 0.03 * ratio) << theta << ' ' << lines;
    }
}

// Writes whole lines, one after the other, over addresses that are no neighbours.
Task<> write_on(Calendar& clock, BlockVolume& tier, std::int64_t& next, std::int64_t& written) {
  for (;;) {
    Io io;
    io.direction = Direction::write;
    io.length = kibibytes(64);
    io.offset = io.length * (next % (tier.size() / io.length));
    next += 7;
    io.ledger = Ledger(clock.now());
    Task<IoStatus> work = tier.submit(io);
    const IoStatus status = co_await work;
    EXPECT_EQ(status, IoStatus::done);
    EXPECT_EQ(io.ledger.total(), clock.now() - io.ledger.start());
    ++written;
  }
}

TEST(TieredVolume, absorbs_a_burst_and_then_runs_at_the_slow_volumes_rate) {
  TierRig rig(tier_of(mebibytes(64)), gibibytes(1));  // 1024 lines
  std::int64_t next = 0;
  std::int64_t written = 0;
  TaskScope scope;
  for (int i = 0; i < 8; ++i) scope.spawn(write_on(rig.clock, rig.tier, next, written));
  const auto written_until = [&](Duration time) {
    rig.clock.run_until(kStart + time);
    return static_cast<double>(written);
  };
  // 8 writers at 10 us each as long as there is room.
  EXPECT_NEAR(written_until(milliseconds(1)), 800, 8);
  EXPECT_EQ(rig.tier.counters().stalled_writes, 0);
  // Two flushers, each reads for 10 us and writes for 100 us.
  const double before = written_until(milliseconds(100));
  const double rate = (written_until(milliseconds(600)) - before) / 0.5;
  EXPECT_NEAR(rate, 2 / 110e-6, 2 / 110e-6 * 0.01);
  EXPECT_GT(rig.tier.counters().stalled_writes, 0);
  EXPECT_GE(rig.tier.cache().dirty_lines(), 1024 - 8);
  scope.clear();
  settle(rig);
  EXPECT_LE(rig.tier.cache().dirty_lines(), 256);
}

// Volumes that remember the stamp last written to each block. Requests of the tier's own carry no
// stamp: what they read of a block is what they write of it next, wherever. A read sees what is
// there when it is submitted, a write takes effect when it ends.
struct Memory {
  const TieredVolume* tier = nullptr;
  std::map<std::int64_t, std::uint64_t> carried;  // by block of the slow volume
};
constexpr std::uint64_t kUser =
    ~std::uint64_t{0};  // stamp of a user's read that has not been read yet

class MemoryVolume final : public BlockVolume {
 public:
  MemoryVolume(Calendar& calendar, Memory& memory, bool is_fast, Bytes size, Duration longest,
               std::uint64_t seed)
      : calendar_(calendar),
        memory_(memory),
        is_fast_(is_fast),
        name_(is_fast ? "fast" : "slow"),
        size_(size),
        longest_(longest),
        random_(seed, name_),
        stamps(static_cast<std::size_t>(blocks_of(size))) {}

  const std::string& name() const override { return name_; }
  Bytes size() const override { return size_; }
  Task<IoStatus> submit(Io& io) override {
    const std::int64_t first = io.offset / kBlock;
    const std::int64_t end = blocks_of(io.offset + io.length);
    const bool is_own = io.stamp == 0;
    std::vector<std::uint64_t> content;
    for (std::int64_t b = first; b < end; ++b) {
      const std::uint64_t here = stamps[static_cast<std::size_t>(b)];
      const auto logical = logical_of(b);
      if (io.direction == Direction::read) {
        content.push_back(here);
        if (is_own && logical && is_valid(*logical) == is_fast_) memory_.carried[*logical] = here;
      } else {
        content.push_back(is_own ? memory_.carried.at(logical.value()) : io.stamp);
      }
    }
    co_await Delay(calendar_, random_.uniform(microseconds(1), longest_));
    io.ledger.charge_service(stage::kSsd, calendar_.now());
    if (io.direction == Direction::read) io.stamp = content.front();
    else
      for (std::int64_t b = first; b < end; ++b)
        stamps[static_cast<std::size_t>(b)] = content[static_cast<std::size_t>(b - first)];
    co_return IoStatus::done;
  }
  bool resize(Bytes) override { return false; }
  bool snapshot(const std::string&) override { return false; }

 private:
  static constexpr std::int64_t kInLine = 16;
  // The slow volume's block that a block of this one stands for.
  std::optional<std::int64_t> logical_of(std::int64_t block) const {
    if (!is_fast_) return block;
    const auto slot = static_cast<LineCache::Index>(block / kInLine);
    const std::int64_t line = memory_.tier->cache()[slot].line;
    if (line < 0) return std::nullopt;
    return line * kInLine + block % kInLine;
  }
  bool is_valid(std::int64_t logical) const {
    const auto slot = memory_.tier->cache().find(logical / kInLine);
    return slot != LineCache::kNone &&
           (memory_.tier->cache()[slot].valid >> logical % kInLine & 1) != 0;
  }

  Calendar& calendar_;
  Memory& memory_;
  bool is_fast_;
  std::string name_;
  Bytes size_;
  Duration longest_;
  RandomStream random_;

 public:
  std::vector<std::uint64_t> stamps;
};

// Each writes and reads blocks that nobody else does, interleaved with the others' in the same
// lines.
struct Owner {
  Calendar& calendar;
  BlockVolume& volume;
  RandomStream& random;
  std::vector<std::uint64_t>& expected;
  std::int64_t index, count;

  Task<> work(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      const std::int64_t block =
          index + count * static_cast<std::int64_t>(random.below(
                              static_cast<std::uint64_t>(blocks_of(volume.size()) / count)));
      auto& known = expected[static_cast<std::size_t>(block)];
      Io io;
      io.direction = random.chance(0.5) ? Direction::read : Direction::write;
      io.offset = kBlock * block;
      io.length = kBlock;
      const std::uint64_t stamp = 1 + (random.bits() >> 1);
      io.stamp = io.direction == Direction::read ? kUser : stamp;
      io.ledger = Ledger(calendar.now());
      Task<IoStatus> work = volume.submit(io);
      const IoStatus status = co_await work;
      EXPECT_EQ(status, IoStatus::done);
      if (io.direction == Direction::write) known = stamp;
      // A read that fetched its line, or was put together, does not say what the block held.
      const bool is_told = io.stamp != kUser;
      EXPECT_TRUE(!is_told || io.stamp == known) << block;
      co_await Delay(calendar, random.uniform(Duration{}, microseconds(30)));
    }
  }
};

RC_GTEST_PROP(TieredVolume, no_acknowledged_write_is_lost_and_none_is_read_stale, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  TierProfile p = tier_of(kibibytes(64) * *rc::gen::inRange(2, 12));
  p.dirty_high = *rc::gen::element(0.0, 0.5, 1.0);
  p.dirty_low = p.dirty_high / 2;
  p.flush_run = kibibytes(64) * *rc::gen::inRange(1, 5);
  p.promote_after = *rc::gen::inRange(1, 3);
  Calendar clock;
  Memory memory;
  MemoryVolume fast(clock, memory, true, mebibytes(1), microseconds(30), seed);
  MemoryVolume slow(clock, memory, false, mebibytes(1), microseconds(100), seed);
  TieredVolume tier(clock, "tier", fast, slow, p);
  memory.tier = &tier;
  std::vector<std::uint64_t> expected(slow.stamps.size());
  RandomStream random(seed, "owners");
  std::vector<Owner> owners;
  for (std::int64_t i = 0; i < 16; ++i) owners.push_back({clock, tier, random, expected, i, 16});
  {
    TaskScope scope;
    for (Owner& owner : owners) scope.spawn(owner.work(100));
    clock.run_until(kNever);
    RC_ASSERT(scope.size() == 0u);
    scope.spawn(tier.clean());
    clock.run_until(kNever);
    RC_ASSERT(scope.size() == 0u);
  }
  RC_ASSERT(tier.cache().dirty_lines() == 0);
  RC_ASSERT(slow.stamps == expected);
}

TEST(TieredVolume, lets_a_qlc_drive_program_whole_units_only) {
  Calendar clock;
  const auto ssd = ssd_maker(ssd_profile("d5-p5316"))(clock, "ssd", 1);
  LocalVolume slow(*ssd);
  FakeVolume fast(clock, microseconds(10));
  TieredVolume tier(clock, "tier", fast, slow, tier_of(mebibytes(64)));
  RandomStream random(1, "writes");
  TaskScope scope;
  std::vector<Ended> all(4000);
  for (Ended& e : all) {
    e.io.direction = Direction::write;
    e.io.offset = kBlock * static_cast<std::int64_t>(random.below(gibibytes(64) / kBlock));
    e.io.length = kBlock;
    scope.spawn(run(clock, tier, e));
  }
  clock.run_until(kNever);
  EXPECT_EQ(scope.size(), 0u);
  EXPECT_GT(tier.counters().stalled_writes, 0);
  std::vector<Station*> stations;
  ssd->collect_stations(stations);
  for (Station* s : stations)
    if (s->name() == "ssd/drain") {
      const Duration busy{s->books().snapshot(clock.now()).busy};
      EXPECT_NEAR(to_seconds(busy), static_cast<double>(tier.counters().flushed.count()) / 491.5e6,
                  0.01);
    }
}

}  // namespace tiered_volume_test
}  // namespace orrery
