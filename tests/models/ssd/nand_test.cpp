// The mechanisms of the NAND drive, each on its own. Times are sums of profile parameters, exact to
// the picosecond.
#include "models/ssd/nand_ssd.hpp"
#include "tests/models/ssd/rig.hpp"

namespace orrery {
namespace nand_test {

class NandSsdTest : public testing::Test {
 protected:
  Profile profile = ssd_profile("p4510-4tb");
  NandSsdProfile p = bind<NandSsdProfile>(profile);

  // Two requests of 4 KiB submitted at once; when each has ended.
  std::pair<Duration, Duration> pair_of_reads(SsdRig& rig, Bytes a, Bytes b) {
    Ledger ledgers[2];
    Duration ends[2];
    TaskScope scope;
    scope.spawn(timed(rig, a, &ledgers[0], &ends[0]));
    scope.spawn(timed(rig, b, &ledgers[1], &ends[1]));
    while (scope.size() > 0) rig.calendar().run_until(rig.calendar().next_time());
    return {ends[0], ends[1]};
  }
  Task<> timed(SsdRig& rig, Bytes offset, Ledger* ledger, Duration* end) {
    auto task = rig.ssd().submit(Direction::read, offset, kBlock, *ledger);
    co_await task;
    *end = rig.calendar().now() - kStart;
  }
};

TEST_F(NandSsdTest, a_random_read_is_command_sensing_channel_and_link) {
  for (const Bytes n : {kBlock, kibibytes(8), kibibytes(16)}) {
    SsdRig rig(profile);
    EXPECT_EQ(rig.once(Direction::read, gibibytes(3), n),
              p.random_read_command + p.read_time + n / p.channel_rate + n / p.link_read);
  }
}

TEST_F(NandSsdTest, a_write_is_command_and_link_as_long_as_the_buffer_has_space) {
  SsdRig rig(profile);
  for (int i = 0; i < 16; ++i) {
    const Duration command =
        i + 1 < p.stream_trigger ? p.random_write_command : p.sequential_write_command;
    EXPECT_EQ(rig.once(Direction::write, kibibytes(64) * i, kibibytes(64)),
              command + kibibytes(64) / p.link_write);
  }
}

TEST_F(NandSsdTest, sequential_reads_fail_with_the_channel_that_read_ahead_needs) {
  SsdRig rig(profile);
  for (int i = 0; i < p.stream_trigger; ++i) rig.once(Direction::read, kBlock * i, kBlock);
  for (int c = 0; c < p.channels; ++c) rig.station("channel" + std::to_string(c)).fail();
  int failed = 0;
  for (int i = p.stream_trigger; i < 600; ++i) {
    Ledger ledger(rig.calendar().now());
    IoStatus status = IoStatus::done;
    TaskScope scope;
    scope.spawn(rig.submit(Direction::read, kBlock * i, kBlock, &ledger, &status));
    while (scope.size() > 0) rig.calendar().run_until(rig.calendar().next_time());
    failed += status == IoStatus::failed;
  }
  EXPECT_GT(failed, 0);
}

TEST_F(NandSsdTest, a_larger_read_finds_a_die_and_a_channel_for_each_stripe_unit) {
  // Its units arrive together and then share the link.
  for (const std::int64_t units : {2, 4, 8}) {
    SsdRig rig(profile);
    EXPECT_EQ(rig.once(Direction::read, gibibytes(3), p.stripe_unit * units),
              p.random_read_command + p.read_time + p.stripe_unit / p.channel_rate +
                  p.stripe_unit / p.link_read * units);
  }
}

TEST_F(NandSsdTest, reads_of_one_die_follow_each_other) {
  SsdRig rig(profile);
  const auto [first, second] = pair_of_reads(rig, Bytes{0}, kBlock * 2);
  EXPECT_EQ(second - first, p.read_time + kBlock / p.channel_rate);
}

TEST_F(NandSsdTest, reads_of_dies_on_one_channel_share_it) {
  SsdRig rig(profile);
  const auto [first, second] = pair_of_reads(rig, Bytes{0}, p.stripe_unit * p.channels);
  EXPECT_EQ(second - first, kBlock / p.channel_rate);
}

TEST_F(NandSsdTest, a_die_waiting_for_its_channel_stays_occupied) {
  // With a channel slower than sensing, dies add nothing: all of them hold their pages and wait.
  Profile slow =
      with(with(profile, "channels", std::int64_t{1}), "channel_rate", megabytes_per_second(20));
  SsdRig rig(slow);
  const SsdOutcome out = rig.run({.reads = 1, .depth = 256}, milliseconds(50), milliseconds(200));
  EXPECT_NEAR(out.gigabytes_per_second, 0.020, 0.0002);
  const auto books = rig.station("dies").books().snapshot(rig.calendar().now());
  EXPECT_GT(figures_between({}, books, 1).mean_busy, 80);
}

TEST_F(NandSsdTest, addresses_spread_evenly_over_the_dies) {
  Calendar calendar;
  FlashArray flash(calendar, "flash", p, 42);
  std::vector<int> hits(static_cast<std::size_t>(p.dies));
  RandomStream random(1, "addresses");
  constexpr int kDraws = 144'000;
  for (int i = 0; i < kDraws; ++i)
    ++hits[static_cast<std::size_t>(
        flash.die_of(kBlock * static_cast<std::int64_t>(random.below(p.capacity / kBlock))))];
  // Poisson with mean 1000: five standard deviations for the extremes of 144 dies.
  for (const int n : hits) EXPECT_NEAR(n, kDraws / p.dies, 160);
  // Neighbouring units of one stripe never share a die.
  for (int unit = 1; unit < p.dies; ++unit)
    EXPECT_NE(flash.die_of(p.stripe_unit * unit), flash.die_of(p.stripe_unit * (unit - 1)));
}

TEST_F(NandSsdTest, random_reads_are_limited_by_the_controller_and_then_by_the_link) {
  const double controller = p.command_slots / to_seconds(p.random_read_command);
  for (const std::int64_t kib : {4, 8, 16, 64, 128}) {
    SsdRig rig(profile);
    const SsdOutcome out = rig.run({.reads = 1, .block = kibibytes(kib), .depth = 256},
                                   milliseconds(100), milliseconds(100));
    const double link = p.link_read.bytes_per_second() / static_cast<double>(kib << 10);
    const double limit = std::min(controller, link);
    // At the limit; requests begun before the span and ended in it are at most the 256 in flight.
    EXPECT_LE(static_cast<double>(out.count), limit * 0.1 + 256) << kib;
    EXPECT_GE(out.iops, limit * 0.995) << kib;
  }
}

TEST_F(NandSsdTest, with_few_dies_random_reads_are_limited_by_collisions) {
  const int dies = 16;
  SsdRig rig(with(profile, "dies", std::int64_t{dies}));
  const SsdOutcome out = rig.run({.reads = 1, .depth = 32}, milliseconds(50), milliseconds(200));
  const double all_busy = dies / to_seconds(p.read_time + kBlock / p.channel_rate);
  EXPECT_LT(out.iops, all_busy);
  // Exponential service would give N / (N + M - 1) of it; fixed service times collide less.
  EXPECT_GT(out.iops, all_busy * 32 / (32 + dies - 1));
  EXPECT_GT(out.p99_us, 2 * out.p50_us);
}

TEST_F(NandSsdTest, the_buffer_absorbs_a_burst_of_writes_at_controller_speed) {
  SsdRig rig(profile);
  const SsdOutcome out = rig.run({.reads = 0, .depth = 5}, Duration{}, milliseconds(10));
  EXPECT_NEAR(out.mean_us, 18, 3);
  EXPECT_GT(out.iops, 2 * p.random_drain.bytes_per_second() / 4096);
}

TEST_F(NandSsdTest, writes_queue_linearly_once_the_buffer_is_full) {
  const double limit = p.random_drain.bytes_per_second() / 4096;
  for (const int depth : {4, 8, 16, 64, 256}) {
    SsdRig rig(profile);
    const SsdOutcome out =
        rig.run({.reads = 0, .depth = depth}, milliseconds(200), milliseconds(100));
    EXPECT_NEAR(out.iops, limit, limit * 0.001) << depth;
    EXPECT_NEAR(out.mean_us, depth / limit * 1e6, depth / limit * 1e4) << depth;
  }
}

TEST_F(NandSsdTest, a_read_of_buffered_data_is_served_from_the_buffer) {
  SsdRig rig(profile);
  rig.once(Direction::write, gibibytes(1), kBlock);
  EXPECT_EQ(rig.once(Direction::read, gibibytes(1), kBlock),
            p.random_read_command + kBlock / p.link_read);
  // Its neighbour on the same page is not in the buffer; and later the flash has it.
  EXPECT_GT(rig.once(Direction::read, gibibytes(1) + kBlock, kBlock), p.read_time);
  EXPECT_GT(rig.once(Direction::read, gibibytes(1), kBlock), p.read_time);
}

TEST_F(NandSsdTest, by_the_other_policy_it_waits_until_the_data_is_programmed) {
  SsdRig rig(with(profile, "buffered_read", std::string("wait")));
  for (int i = 0; i < 10; ++i) rig.once(Direction::write, gibibytes(1 + i), kibibytes(128));
  const Duration backlog = kibibytes(1280) / p.random_drain - (rig.calendar().now() - kStart);
  EXPECT_GT(rig.once(Direction::read, gibibytes(10), kBlock), backlog + p.read_time);
}

TEST_F(NandSsdTest, a_write_larger_than_the_buffer_passes_through_it) {
  SsdRig rig(with(profile, "write_buffer", kibibytes(64)));
  EXPECT_LT(rig.once(Direction::write, Bytes{0}, mebibytes(1)),
            mebibytes(1) / p.random_drain + milliseconds(1));
}

TEST_F(NandSsdTest, unaligned_data_is_programmed_in_whole_blocks) {
  SsdRig rig(profile);
  rig.once(Direction::write, gibibytes(1) + Bytes{4095}, Bytes{2});
  auto& drain = rig.station("drain");
  const TimePoint acknowledged = rig.calendar().now();
  while (drain.busy() > 0) rig.calendar().run_until(rig.calendar().next_time());
  EXPECT_EQ(rig.calendar().now() - acknowledged, kBlock * 2 / p.random_drain);
}

TEST_F(NandSsdTest, sequential_reads_come_from_read_ahead_and_still_load_the_dies) {
  SsdRig rig(profile);
  const SsdOutcome out =
      rig.run({.reads = 1, .sequential = true, .depth = 4}, milliseconds(10), milliseconds(50));
  EXPECT_LT(out.max_us, to_microseconds(p.read_time));
  const auto dies = rig.station("dies").books().snapshot(rig.calendar().now());
  const auto link = rig.station("link_read").books().snapshot(rig.calendar().now());
  // One page for every four blocks, and what is read ahead.
  EXPECT_NEAR(static_cast<double>(dies.served), static_cast<double>(link.served) / 4,
              static_cast<double>(p.read_ahead / p.stripe_unit) + 4);
}

TEST_F(NandSsdTest, read_ahead_is_not_faster_than_the_dies) {
  SsdRig rig(with(profile, "dies", std::int64_t{4}));
  const SsdOutcome out =
      rig.run({.reads = 1, .sequential = true, .block = kibibytes(128), .depth = 16},
              milliseconds(50), milliseconds(200));
  const double limit = 4 * 16384 / to_seconds(p.read_time + p.stripe_unit / p.channel_rate) * 1e-9;
  EXPECT_LE(out.gigabytes_per_second, limit * 1.01);
  EXPECT_GE(out.gigabytes_per_second, limit * 0.97);
}

TEST_F(NandSsdTest, mixed_reads_and_writes_stay_below_every_limit) {
  for (const int depth : {1, 16, 256}) {
    SsdRig rig(profile);
    rig.run({.reads = 0.5, .depth = depth}, Duration{}, milliseconds(200));
    for (Station* s : rig.stations()) {
      const auto books = s->books().snapshot(rig.calendar().now());
      EXPECT_TRUE(littles_law_holds(books)) << s->name();
      EXPECT_LE(figures_between({}, books, s->servers()).utilisation, 1.0) << s->name();
    }
  }
}

TEST_F(NandSsdTest, a_random_read_of_4_kib_is_four_events_and_a_write_three) {
  SsdRig reads(profile), writes(profile);
  EXPECT_NEAR(reads.run({.reads = 1, .depth = 64}, milliseconds(10), milliseconds(50)).events, 4.0,
              0.01);
  EXPECT_NEAR(writes.run({.reads = 0, .depth = 2}, milliseconds(10), milliseconds(50)).events, 3.0,
              0.01);
}

// A drive that maps more than 4 KiB at a time.
class IndirectionUnitTest : public NandSsdTest {
 protected:
  Profile with_unit(Bytes unit) { return with(profile, "indirection_unit", unit); }
  static std::int64_t served(SsdRig& rig, const std::string& station) {
    return rig.station(station).books().snapshot(rig.calendar().now()).served;
  }
  // How long the drain works for one write after all else.
  static Duration drain_time(SsdRig& rig, Bytes offset, Bytes length) {
    rig.once(Direction::write, offset, length);
    Station& drain = rig.station("drain");
    while (!rig.calendar().empty()) rig.calendar().run_until(rig.calendar().next_time());
    return Duration{drain.books().snapshot(rig.calendar().now()).busy};
  }
};

TEST_F(IndirectionUnitTest, a_partly_written_unit_is_read_and_programmed_whole) {
  const struct {
    Bytes offset, length;
    std::int64_t pages, units;  // read, programmed
  } writes[] = {{gibibytes(1), kBlock, 4, 1},
                {gibibytes(1) + kibibytes(16), kibibytes(16), 3, 1},  // one stripe unit is covered
                {gibibytes(1) - kBlock, kBlock * 2, 8, 2},
                {gibibytes(1) + kibibytes(48), kibibytes(96), 6, 3},  // the middle one is whole
                {gibibytes(1), kibibytes(64), 0, 1},
                {gibibytes(1), kibibytes(128), 0, 2},
                {gibibytes(1), Bytes{1}, 4, 1}};
  for (const auto& w : writes) {
    SsdRig rig(with_unit(kibibytes(64)));
    EXPECT_EQ(drain_time(rig, w.offset, w.length), kibibytes(64) * w.units / p.random_drain);
    EXPECT_EQ(served(rig, "dies"), w.pages) << w.length.count();
  }
}

TEST_F(IndirectionUnitTest, the_writer_does_not_wait_for_the_reading) {
  for (const Bytes unit : {kBlock, kibibytes(16), kibibytes(64)}) {
    SsdRig rig(with_unit(unit));
    EXPECT_EQ(rig.once(Direction::write, gibibytes(1), kBlock),
              p.random_write_command + kBlock / p.link_write);
  }
}

TEST_F(IndirectionUnitTest, random_writes_run_at_the_rate_of_the_units_they_touch) {
  const double unit_rate = p.random_drain.bytes_per_second() / (64 << 10);
  for (const std::int64_t kib : {4, 16, 64, 128}) {
    SsdRig rig(with_unit(kibibytes(64)));
    const SsdOutcome out = rig.run({.reads = 0, .block = kibibytes(kib), .depth = 64},
                                   std::chrono::seconds(3), std::chrono::seconds(1));
    const double expected = kib <= 64 ? unit_rate : unit_rate / 2;
    EXPECT_NEAR(out.iops, expected, expected * 0.005) << kib;
    EXPECT_EQ(served(rig, "dies") > 0, kib < 64);
  }
}

TEST_F(IndirectionUnitTest, small_writes_of_a_stream_fill_units_in_the_buffer) {
  SsdRig rig(with_unit(kibibytes(64)));
  const SsdOutcome out =
      rig.run({.reads = 0, .sequential = true, .depth = 64}, milliseconds(200), milliseconds(100));
  const double controller = p.command_slots / to_seconds(p.sequential_write_command);
  EXPECT_NEAR(out.iops, controller, controller * 0.01);
  // Only what came before the stream was recognised, by one unit each.
  EXPECT_LE(served(rig, "dies"), 4 * p.stream_trigger);
}

TEST_F(IndirectionUnitTest, data_that_waits_for_the_rest_of_its_unit_can_be_read_back) {
  SsdRig rig(with_unit(kibibytes(64)));
  rig.once(Direction::write, gibibytes(1), kBlock);
  EXPECT_EQ(rig.once(Direction::read, gibibytes(1), kBlock),
            p.random_read_command + kBlock / p.link_read);
  SsdRig waiting(with(with_unit(kibibytes(64)), "buffered_read", std::string("wait")));
  waiting.once(Direction::write, gibibytes(1), kBlock);
  EXPECT_GT(waiting.once(Direction::read, gibibytes(1), kBlock),
            p.read_time + kibibytes(64) / p.random_drain + p.read_time);
}

TEST_F(IndirectionUnitTest, whatever_is_written_drains_and_the_books_balance) {
  SsdRig rig(with_unit(kibibytes(16)));
  rig.run({.reads = 0.3, .block = kibibytes(12), .depth = 64}, Duration{}, milliseconds(200));
  while (!rig.calendar().empty()) rig.calendar().run_until(rig.calendar().next_time());
  for (Station* s : rig.stations()) {
    EXPECT_EQ(s->queued() + s->busy(), 0) << s->name();
    EXPECT_TRUE(littles_law_holds(s->books().snapshot(rig.calendar().now()))) << s->name();
  }
}

TEST_F(IndirectionUnitTest, the_qlc_drive_takes_aligned_random_writes_and_slows_down_with_others) {
  const Profile qlc = ssd_profile("d5-p5316");
  const auto at = [&](SsdLoad load) {
    SsdRig rig(qlc);
    return rig.run(load, std::chrono::seconds(3), milliseconds(500));
  };
  EXPECT_NEAR(at({.reads = 0, .block = kibibytes(64), .depth = 64}).iops, 7500, 75);
  EXPECT_NEAR(at({.reads = 0, .block = kBlock, .depth = 64}).iops, 7500, 75);
  SsdRig reads(qlc);
  EXPECT_NEAR(reads.run({.reads = 1}, milliseconds(10), milliseconds(50)).mean_us, 120, 1);
  EXPECT_NEAR(reads.run({.reads = 1, .depth = 512}, milliseconds(20), milliseconds(50)).iops, 8e5,
              8e5 * 0.05);
}

TEST(DieArrayTest, a_page_that_is_destroyed_in_any_state_gives_way_to_the_next) {
  Calendar calendar;
  DieArray dies(calendar, "dies", 1);
  struct Reader {
    static Task<> read(DieArray& dies, Calendar& calendar, Duration hold, int* ended) {
      auto page = dies.sense(0, microseconds(10), {});
      co_await page;
      co_await Delay(calendar, hold);
      page.release();
      ++*ended;
    }
  };
  // Destroyed while it waits, while it is sensed, and while it is held for the channel.
  for (const double cancel_us : {1.0, 5.0, 15.0}) {
    int ended = 0;
    const TimePoint start = calendar.now();
    TaskScope holder, victim, waiter;
    (cancel_us > 1 ? victim : holder).spawn(Reader::read(dies, calendar, microseconds(10), &ended));
    if (cancel_us == 1.0) victim.spawn(Reader::read(dies, calendar, microseconds(10), &ended));
    waiter.spawn(Reader::read(dies, calendar, microseconds(10), &ended));
    calendar.run_until(start + microseconds(cancel_us));
    calendar.advance_to(start + microseconds(cancel_us));
    victim.clear();
    while (!calendar.empty()) calendar.run_until(calendar.next_time());
    EXPECT_EQ(ended, cancel_us == 1.0 ? 2 : 1);
    EXPECT_EQ(calendar.now() - start,
              cancel_us == 1.0 ? microseconds(40) : microseconds(cancel_us + 20));
    const auto books = dies.station().books().snapshot(calendar.now());
    EXPECT_EQ(books.arrived, books.served + books.left);
    EXPECT_TRUE(littles_law_holds(books));
  }
}

}  // namespace nand_test
}  // namespace orrery
