#include "sim/station_stats.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/assert.hpp"
#include "sim/ledger.hpp"

namespace orrery {
namespace station_stats_test {

TimePoint at(std::int64_t ns) { return kStart + nanoseconds(static_cast<double>(ns)); }

TEST(StationStats, say_of_a_span_what_happened_in_it) {
  StationStats books;
  books.arrive_and_start(at(0));
  books.arrive(at(2));
  books.finish(at(4), at(0));
  books.start(at(4));
  const auto middle = books.snapshot(at(4));
  books.finish(at(8), at(2));
  const auto whole = books.snapshot(at(10));

  const BookFigures first = figures_between({}, middle, 1);
  EXPECT_DOUBLE_EQ(first.utilisation, 1.0);
  EXPECT_DOUBLE_EQ(first.mean_queue, 0.5);
  EXPECT_EQ(first.served, 1);
  const BookFigures second = figures_between(middle, whole, 2);
  EXPECT_DOUBLE_EQ(second.mean_busy, 4.0 / 6);
  EXPECT_DOUBLE_EQ(second.utilisation, 2.0 / 6);
  EXPECT_EQ(second.served, 1);
  EXPECT_TRUE(littles_law_holds(middle));
  EXPECT_TRUE(littles_law_holds(whole));
}

TEST(StationStats, count_the_refused_as_left_without_time) {
  StationStats books;
  books.refuse();
  const auto all = books.snapshot(at(5));
  EXPECT_EQ(all.arrived, 1);
  EXPECT_EQ(all.left, 1);
  EXPECT_TRUE(all.in_system == 0);
}

TEST(StationStats, stay_exact_over_a_hundred_days_of_a_million_jobs_each) {
  StationStats books;
  const std::int64_t day = 86'400'000'000'000;
  for (int i = 0; i < 1'000'000; ++i) books.arrive(at(i));
  const auto late = books.snapshot(at(100 * day) + Duration{1});
  EXPECT_TRUE(littles_law_holds(late));
}

TEST(Ledger, adds_up_to_the_time_that_has_passed) {
  Ledger ledger(at(10));
  ledger.charge_wait(1, at(13));
  ledger.charge_service(2, at(20));
  ledger.charge(3, at(30), nanoseconds(4));
  ledger.move_service(3, 4, nanoseconds(5));
  EXPECT_EQ(ledger.waited(1), nanoseconds(3));
  EXPECT_EQ(ledger.served(2), nanoseconds(7));
  EXPECT_EQ(ledger.waited(3), nanoseconds(4));
  EXPECT_EQ(ledger.served(3), nanoseconds(1));
  EXPECT_EQ(ledger.served(4), nanoseconds(5));
  EXPECT_EQ(ledger.total(), nanoseconds(20));
  EXPECT_EQ(ledger.elapsed(), nanoseconds(20));
}

TEST(Ledger, refuses_more_waiting_than_time_has_passed) {
  Ledger ledger(at(0));
  EXPECT_THROW(ledger.charge(1, at(3), nanoseconds(4)), InvariantError);
}

TEST(Ledger, refuses_to_move_more_service_than_there_is) {
  Ledger ledger(at(0));
  ledger.charge_service(1, at(3));
  EXPECT_THROW(ledger.move_service(1, 2, nanoseconds(4)), InvariantError);
}

RC_GTEST_PROP(Ledger, adds_up_whatever_is_charged, (std::vector<std::uint16_t> charges)) {
  Ledger ledger(at(1));
  TimePoint now = at(1);
  for (const std::uint16_t charge : charges) {
    const auto stage = static_cast<StageId>(charge % kStageLimit);
    const Duration passed{charge / 7};
    now += passed;
    switch (charge % 3) {
      case 0: ledger.charge_wait(stage, now); break;
      case 1: ledger.charge_service(stage, now); break;
      default: ledger.charge(stage, now, passed / 3);
    }
    RC_ASSERT(ledger.total() == now - at(1));
    RC_ASSERT(ledger.elapsed() == now - at(1));
  }
}

}  // namespace station_stats_test
}  // namespace orrery
