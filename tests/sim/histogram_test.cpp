#include "sim/histogram.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace orrery {
namespace histogram_test {

// plat_val_to_idx and plat_idx_to_val as they stand in fio's stat.c.
constexpr unsigned FIO_IO_U_PLAT_BITS = 6, FIO_IO_U_PLAT_VAL = 64, FIO_IO_U_PLAT_NR = 29 * 64;
unsigned plat_val_to_idx(unsigned long long val) {
  unsigned msb = val == 0 ? 0 : 63 - static_cast<unsigned>(__builtin_clzll(val));
  if (msb <= FIO_IO_U_PLAT_BITS) return static_cast<unsigned>(val);
  const unsigned error_bits = msb - FIO_IO_U_PLAT_BITS;
  const unsigned base = (error_bits + 1) << FIO_IO_U_PLAT_BITS;
  const unsigned offset = (FIO_IO_U_PLAT_VAL - 1) & static_cast<unsigned>(val >> error_bits);
  return base + offset < FIO_IO_U_PLAT_NR - 1 ? base + offset : FIO_IO_U_PLAT_NR - 1;
}
unsigned long long plat_idx_to_val(unsigned idx) {
  if (idx < FIO_IO_U_PLAT_VAL << 1) return idx;
  const unsigned error_bits = (idx >> FIO_IO_U_PLAT_BITS) - 1;
  const unsigned long long base = 1ull << (error_bits + FIO_IO_U_PLAT_BITS);
  const unsigned k = idx % FIO_IO_U_PLAT_VAL;
  return base + static_cast<unsigned long long>((k + 0.5) * static_cast<double>(1u << error_bits));
}

Histogram of(const std::vector<std::int64_t>& picoseconds) {
  Histogram h;
  for (const std::int64_t ps : picoseconds) h.add(Duration{ps});
  return h;
}

TEST(Histogram, every_bucket_is_fios) {
  for (unsigned i = 0; i < Histogram::kBuckets; ++i) {
    ASSERT_EQ(Histogram::bucket_value(i), plat_idx_to_val(i)) << i;
    ASSERT_EQ(Histogram::bucket_of(Histogram::bucket_value(i)), i);
    ASSERT_EQ(Histogram::bucket_of(Histogram::bucket_value(i) + Histogram::bucket_width(i)),
              std::min(i + 1, Histogram::kBuckets - 1));
  }
}

TEST(Histogram, a_bucket_ends_where_the_next_one_begins) {
  for (unsigned i = 0; i + 1 < Histogram::kBuckets; ++i) {
    ASSERT_EQ(Histogram::bucket_of(Histogram::bucket_end(i) - 1), i);
    ASSERT_EQ(Histogram::bucket_of(Histogram::bucket_end(i)), i + 1);
  }
  EXPECT_EQ(Histogram::bucket_end(Histogram::kBuckets - 1), std::uint64_t{1} << 34);
}

RC_GTEST_PROP(Histogram, every_value_falls_where_fio_puts_it, ()) {
  const int bits = *rc::gen::inRange(0, 64);
  const auto value = *rc::gen::arbitrary<std::uint64_t>() >> bits;
  RC_ASSERT(Histogram::bucket_of(value) == plat_val_to_idx(value));
}

RC_GTEST_PROP(Histogram, a_bucket_is_off_by_at_most_one_in_128, ()) {
  const auto value = *rc::gen::inRange<std::uint64_t>(1, 1ull << 34);
  const auto middle = static_cast<double>(Histogram::bucket_value(Histogram::bucket_of(value)));
  RC_ASSERT(std::abs(middle - static_cast<double>(value)) <= static_cast<double>(value) / 128);
}

TEST(Histogram, percentiles_are_numbers_that_fio_prints) {
  // 69120, 87552 and 112128 ns are bucket means seen in published fio outputs.
  for (const std::uint64_t ns : {69'120u, 87'552u, 112'128u})
    EXPECT_EQ(Histogram::bucket_value(Histogram::bucket_of(ns)), ns);
  Histogram h;
  h.add(nanoseconds(69'000), 99);
  h.add(nanoseconds(1'000'000), 1);
  EXPECT_EQ(h.percentile_ns(50), 69'120.0);
  EXPECT_EQ(h.percentile_ns(99), 69'120.0);
  EXPECT_EQ(h.percentile_ns(99.9), 1'000'000.0);  // the last value: exact
}

TEST(Histogram, is_empty_at_first_and_after_clear) {
  Histogram h;
  EXPECT_FALSE(h.percentile_ns(50));
  EXPECT_FALSE(h.supports(50));
  EXPECT_EQ(h.mean_ns(), 0);
  h.add(seconds(2));
  h.clear();
  EXPECT_EQ(h.count(), 0u);
  EXPECT_EQ(h.hangs_1s(), 0u);
  EXPECT_EQ(h.in_bucket(Histogram::bucket_of(2'000'000'000)), 0u);
  EXPECT_FALSE(h.percentile_ns(99));
}

TEST(Histogram, counts_hangs_and_the_maximum_beyond_fios_bins) {
  Histogram h;
  h.add(milliseconds(999.999));
  h.add(seconds(1));
  h.add(seconds(59));
  h.add(seconds(60));
  h.add(seconds(5000));
  EXPECT_EQ(h.hangs_1s(), 4u);
  EXPECT_EQ(h.hangs_60s(), 2u);
  EXPECT_EQ(h.max(), seconds(5000));
  EXPECT_EQ(h.percentile_ns(100), 5e12);
}

TEST(Histogram, supports_a_percentile_with_ten_values_above_it) {
  Histogram h;
  h.add(microseconds(1), 10'000);
  EXPECT_TRUE(h.supports(99.9));
  EXPECT_FALSE(h.supports(99.91));
  EXPECT_FALSE(h.supports(99.99));
  h.add(microseconds(1), 90'000);
  EXPECT_TRUE(h.supports(99.99));
}

TEST(Histogram, deviation_of_a_constant_is_zero) {
  Histogram h;
  for (int i = 0; i < 100'000; ++i) h.add(picoseconds(123'456'789));
  EXPECT_EQ(h.stddev_ns(), 0);
  EXPECT_DOUBLE_EQ(h.mean_ns(), 123'456.789);
}

RC_GTEST_PROP(Histogram, merging_parts_gives_the_whole, ()) {
  const auto gen = rc::gen::container<std::vector<std::int64_t>>(
      rc::gen::inRange<std::int64_t>(0, 40'000'000'000'000));
  const auto a = *gen, b = *gen;
  auto both = a;
  both.insert(both.end(), b.begin(), b.end());
  Histogram merged = of(a);
  merged.merge(of(b));
  const Histogram whole = of(both);
  RC_ASSERT(merged.count() == whole.count());
  RC_ASSERT(merged.mean_ns() == whole.mean_ns());
  RC_ASSERT(merged.max() == whole.max());
  RC_ASSERT(merged.min() == whole.min());
  RC_ASSERT(merged.hangs_1s() == whole.hangs_1s());
  for (const double p : {0.0, 10.0, 50.0, 99.0, 100.0})
    RC_ASSERT(merged.percentile_ns(p) == whole.percentile_ns(p));
}

RC_GTEST_PROP(Histogram, a_percentile_is_the_bucket_of_the_ordered_value, ()) {
  auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(
      rc::gen::inRange<std::int64_t>(0, 17'000'000'000'000)));
  const int percent = *rc::gen::inRange(1, 100);
  const Histogram h = of(values);
  std::sort(values.begin(), values.end());
  const std::size_t rank = (values.size() * static_cast<std::size_t>(percent) + 99) / 100;
  const auto ps = static_cast<std::uint64_t>(values[rank - 1]);
  const double expected =
      rank == values.size()
          ? static_cast<double>(ps) * 1e-3
          : std::clamp(
                static_cast<double>(Histogram::bucket_value(Histogram::bucket_of(ps / 1000))),
                to_nanoseconds(h.min()), to_nanoseconds(h.max()));
  RC_ASSERT(h.percentile_ns(percent) == expected);
}

RC_GTEST_PROP(Histogram, percentiles_rise_from_minimum_to_maximum, ()) {
  // Close together, so that many fall into one bucket; some beyond fio's last one.
  const auto base = *rc::gen::inRange<std::int64_t>(0, 90'000'000'000'000);
  auto values = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 900'000)));
  for (std::int64_t& value : values) value += base;
  const Histogram h = of(values);
  double last = to_nanoseconds(h.min());
  for (const double percent : {0.0, 0.1, 1.0, 5.0, 25.0, 50.0, 75.0, 99.0, 99.9, 100.0}) {
    RC_ASSERT(*h.percentile_ns(percent) >= last);
    last = *h.percentile_ns(percent);
  }
  RC_ASSERT(last == to_nanoseconds(h.max()));
}

TEST(Histogram, of_values_alike_has_them_as_its_percentiles) {
  Histogram h;
  h.add(nanoseconds(77'000), 30);  // its bucket's middle is 77,312
  for (const double percent : {1.0, 50.0, 90.0}) EXPECT_EQ(h.percentile_ns(percent), 77'000.0);
  h.add(nanoseconds(900'000), 1);
  EXPECT_EQ(h.percentile_ns(50), 77'312.0);
  h.clear();
  h.add(nanoseconds(77'700), 30);
  h.add(nanoseconds(900'000), 1);
  EXPECT_EQ(h.percentile_ns(50), 77'700.0);  // the middle lies below the minimum
}

TEST(Histogram, copies_and_moves_keep_the_values) {
  Histogram h = of({1000, 2'000'000, 3'000'000'000});
  Histogram copy = h;
  Histogram moved = std::move(h);
  EXPECT_EQ(copy.count(), 3u);
  EXPECT_EQ(moved.percentile_ns(50), copy.percentile_ns(50));
  copy.add(seconds(1));
  EXPECT_EQ(moved.count(), 3u);
}

}  // namespace histogram_test
}  // namespace orrery
