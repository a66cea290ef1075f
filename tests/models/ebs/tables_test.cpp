// The agent's tables: who serves an address and in how many RPCs, and how fast a volume may go.
#include "models/ebs/tables.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "sim/assert.hpp"
#include "tests/models/net/rig.hpp"

namespace orrery {
namespace tables_test {

constexpr std::uint64_t kFirstId = 100;

// Never followed: block servers told apart by number.
BlockServer* server(std::size_t number) { return reinterpret_cast<BlockServer*>(0x1000 + number); }

SegmentTable table_of(Bytes segment, Bytes sector, Bytes largest_rpc, std::size_t segments,
                      std::size_t servers = 3) {
  SegmentTable table(segment, sector, largest_rpc);
  for (std::size_t i = 0; i < segments; ++i) table.append({kFirstId + i, server(i % servers)});
  return table;
}
SegmentTable shipped_table(std::size_t segments) {
  const auto p = shipped<EbsProfile>("ebs2");
  return table_of(p.segment, p.sector, p.largest_rpc, segments);
}

TEST(SegmentTable, is_as_large_as_its_segments) {
  EXPECT_EQ(shipped_table(4).size(), gibibytes(128));
  EXPECT_EQ(shipped_table(0).size(), Bytes{});
}

RC_GTEST_PROP(SegmentTable, every_address_belongs_to_the_segment_it_lies_in, ()) {
  const SegmentTable table = shipped_table(8);
  const Bytes segment = shipped<EbsProfile>("ebs2").segment;
  const Bytes at{*rc::gen::inRange<std::int64_t>(0, table.size().count())};
  const SegmentRange range = table.first_part(at, Bytes{1});
  const auto index = static_cast<std::size_t>(at / segment);
  RC_ASSERT(range.segment == kFirstId + index);
  RC_ASSERT((range.server == server(index % 3)));
  RC_ASSERT(range.offset == at % segment);
  RC_ASSERT(range.length == Bytes{1});
}

TEST(SegmentTable, its_edges_belong_to_one_side) {
  const SegmentTable table = shipped_table(2);
  const Bytes segment = shipped<EbsProfile>("ebs2").segment;
  EXPECT_EQ(table.first_part(segment - Bytes{1}, Bytes{1}).segment, kFirstId);
  EXPECT_EQ(table.first_part(segment, Bytes{1}).segment, kFirstId + 1);
  EXPECT_EQ(table.first_part(segment, Bytes{1}).offset, Bytes{});
  EXPECT_EQ(table.first_part(segment - kBlock, kBlock * 2).length, kBlock);
  EXPECT_EQ(table.first_part(table.size() - kBlock, kBlock).length, kBlock);
  EXPECT_THROW(table.first_part(table.size(), Bytes{1}), InvariantError);
  EXPECT_THROW(table.parts_of(table.size() - kBlock, kBlock * 2), InvariantError);
}

// Whatever the sizes: parts follow each other without gap or overlap, and none crosses a boundary
// or is too long for an RPC. No part could be longer.
RC_GTEST_PROP(SegmentTable, parts_tile_a_range_and_are_as_long_as_they_may_be, ()) {
  const Bytes sector = kBlock * *rc::gen::inRange(1, 40);
  const Bytes segment = sector * *rc::gen::inRange(1, 20) + kBlock * *rc::gen::inRange(0, 3);
  const Bytes largest = kBlock * *rc::gen::inRange(1, 60);
  const SegmentTable table = table_of(segment, sector, largest, 10);
  const Bytes from{*rc::gen::inRange<std::int64_t>(0, table.size().count())};
  const Bytes length{*rc::gen::inRange<std::int64_t>(
      1, std::min<std::int64_t>(1 << 20, (table.size() - from).count()) + 1)};
  int parts = 0;
  for (Bytes done{}; done < length; ++parts) {
    const Bytes at = from + done;
    const SegmentRange part = table.first_part(at, length - done);
    const auto index = static_cast<std::size_t>(at / segment);
    RC_ASSERT(part.segment == kFirstId + index);
    RC_ASSERT((part.server == server(index % 3)));
    RC_ASSERT(part.offset == at % segment);
    RC_ASSERT(part.length > Bytes{});
    RC_ASSERT(part.length <= largest);
    RC_ASSERT(part.offset + part.length <= segment);
    RC_ASSERT(part.offset / sector == (part.offset + part.length - Bytes{1}) / sector);
    const Bytes end = part.offset + part.length;
    RC_ASSERT(done + part.length == length || part.length == largest || end == segment ||
              end % sector == Bytes{});
    done += part.length;
    RC_ASSERT(done <= length);
  }
  RC_ASSERT(table.parts_of(from, length) == parts);
}

TEST(SegmentTable, a_large_io_is_as_many_rpcs_as_the_largest_one_fits) {
  const SegmentTable table = shipped_table(2);
  const auto p = shipped<EbsProfile>("ebs2");
  EXPECT_EQ(table.parts_of(Bytes{}, kBlock), 1);
  EXPECT_EQ(table.parts_of(Bytes{}, p.largest_rpc), 1);
  EXPECT_EQ(table.parts_of(Bytes{}, p.largest_rpc + Bytes{1}), 2);
  EXPECT_EQ(table.parts_of(Bytes{}, mebibytes(1)), mebibytes(1) / p.largest_rpc);
  EXPECT_EQ(table.parts_of(kBlock, mebibytes(1)), mebibytes(1) / p.largest_rpc);
  // Across a boundary the pieces on either side are counted apart.
  const Bytes before = p.sector - kBlock;
  EXPECT_EQ(table.parts_of(before, kBlock * 2), 2);
  EXPECT_EQ(table.parts_of(p.segment - kBlock, p.largest_rpc), 2);
}

struct Admitted {
  TimePoint at{};
  Ledger ledger;
};

class QosRig {
 public:
  explicit QosRig(const QosLimits& limits) : qos(calendar, limits) {}
  void ask(Bytes length, TimePoint when = {}) { scope.spawn(asking(length, when)); }
  Task<> asking(Bytes length, TimePoint when) {
    co_await Delay(calendar, when);
    Io io;
    io.length = length;
    io.ledger = Ledger(calendar.now());
    Task<> admission = qos.admit(io);
    co_await admission;
    EXPECT_EQ(io.ledger.total(), calendar.now() - io.ledger.start());
    EXPECT_EQ(io.ledger.waited(stage::kQos), io.ledger.total());
    admitted.push_back({calendar.now(), io.ledger});
  }
  Calendar calendar;
  Qos qos;
  std::vector<Admitted> admitted;
  TaskScope scope;
};

// Each token's time is rounded to a picosecond once.
void expect_at(const Admitted& one, double seconds_after_start) {
  EXPECT_NEAR(to_seconds(one.at), std::max(0.0, seconds_after_start), 1e-9);
}

TEST(Qos, without_limits_lets_everything_pass) {
  QosRig rig({});
  EXPECT_FALSE(rig.qos.limited());
  for (int i = 0; i < 100; ++i) rig.ask(mebibytes(1));
  run_dry(rig.calendar);
  EXPECT_EQ(rig.calendar.now(), kStart);
}

TEST(Qos, an_iops_limit_lets_a_burst_pass_and_then_one_io_per_interval) {
  for (const double rate : {500.0, 12'345.0}) {
    const Duration burst = milliseconds(10);
    QosRig rig({Iops{rate}, std::nullopt, burst});
    EXPECT_TRUE(rig.qos.limited());
    for (int i = 0; i < 1000; ++i) rig.ask(mebibytes(1));
    run_dry(rig.calendar);
    for (int i = 0; i < 1000; ++i)
      expect_at(rig.admitted[static_cast<std::size_t>(i)],
                (i + 1 - rate * to_seconds(burst)) / rate);
  }
}

TEST(Qos, a_bandwidth_limit_counts_bytes) {
  const BitRate rate = megabytes_per_second(100);
  const Duration burst = milliseconds(5);
  QosRig rig({std::nullopt, rate, burst});
  double asked = 0;
  std::vector<double> expected;
  for (int i = 0; i < 300; ++i) {
    const Bytes length = kBlock * (1 + i % 20);
    rig.ask(length);
    asked += static_cast<double>(length.count());
    expected.push_back(asked / rate.bytes_per_second() - to_seconds(burst));
  }
  run_dry(rig.calendar);
  for (std::size_t i = 0; i < expected.size(); ++i) expect_at(rig.admitted[i], expected[i]);
}

TEST(Qos, of_two_limits_the_tighter_one_rules) {
  const Duration burst = milliseconds(1);
  const auto took = [burst](Bytes length) {
    QosRig rig({Iops{10'000}, megabytes_per_second(100), burst});
    for (int i = 0; i < 2000; ++i) rig.ask(length);
    run_dry(rig.calendar);
    return to_seconds(rig.calendar.now());
  };
  EXPECT_NEAR(took(Bytes{4096}), 2000 / 10'000.0 - to_seconds(burst), 1e-6);
  EXPECT_NEAR(took(Bytes{65536}), 2000 * 65536 / 100e6 - to_seconds(burst), 1e-3);
}

TEST(Qos, what_was_not_used_is_saved_up_to_the_burst) {
  constexpr double kRate = 1000;
  QosRig rig({Iops{kRate}, std::nullopt, milliseconds(20)});  // 20 tokens
  for (int i = 0; i < 20; ++i) rig.ask(kBlock);
  const TimePoint later = kStart + milliseconds(5);  // 5 of them are back
  for (int i = 0; i < 6; ++i) rig.ask(kBlock, later);
  const TimePoint much_later = kStart + seconds(10);
  for (int i = 0; i < 21; ++i) rig.ask(kBlock, much_later);
  run_dry(rig.calendar);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(rig.admitted[i].at, kStart);
  for (std::size_t i = 20; i < 25; ++i) EXPECT_EQ(rig.admitted[i].at, later);
  EXPECT_EQ(rig.admitted[25].at, later + milliseconds(1));
  for (std::size_t i = 26; i < 46; ++i) EXPECT_EQ(rig.admitted[i].at, much_later);
  EXPECT_EQ(rig.admitted[46].at, much_later + milliseconds(1));
}

TEST(Qos, without_a_burst_saves_one_io_and_no_more) {
  QosRig rig({Iops{1000}, std::nullopt, Duration{}});
  for (int i = 0; i < 5; ++i) rig.ask(kBlock, kStart + seconds(1));
  run_dry(rig.calendar);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(rig.admitted[static_cast<std::size_t>(i)].at, kStart + seconds(1) + milliseconds(i));
}

// The definition of a token bucket: in any window, no more than what flows in during it and the
// burst.
RC_GTEST_PROP(Qos, in_no_window_passes_more_than_rate_times_window_and_the_burst, ()) {
  const double iops = *rc::gen::inRange(100, 100'000);
  const double burst = std::max(1.0, iops * to_seconds(milliseconds(10)));
  QosRig rig({Iops{iops}, std::nullopt, milliseconds(10)});
  TimePoint when{};
  const int ios = *rc::gen::inRange(1, 200);
  for (int i = 0; i < ios; ++i) {
    when += Duration{*rc::gen::inRange<std::int64_t>(0, 2'000'000'000)};
    rig.ask(kBlock, when);
  }
  run_dry(rig.calendar);
  RC_ASSERT(rig.admitted.size() == static_cast<std::size_t>(ios));
  for (std::size_t i = 0; i < rig.admitted.size(); ++i) {
    RC_ASSERT(rig.admitted[i].at >= rig.admitted[i].ledger.start());
    for (std::size_t j = i; j < rig.admitted.size(); ++j) {
      RC_ASSERT(rig.admitted[j].at >= rig.admitted[i].at);  // in order of asking
      const double window = to_seconds(rig.admitted[j].at - rig.admitted[i].at);
      RC_ASSERT(static_cast<double>(j - i + 1) <= iops * window + burst + 1e-3);
    }
  }
}

}  // namespace tables_test
}  // namespace orrery
