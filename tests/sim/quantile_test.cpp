#include "sim/quantile.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace orrery {
namespace quantile_test {

// 1, 2, ... n: a value is its rank.
std::vector<int> ranks(int n) {
  std::vector<int> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 1);
  return values;
}

TEST(Quantile, nearest_rank_is_the_least_that_covers_its_share) {
  EXPECT_EQ(nearest_rank(0.5, 4), 2u);
  EXPECT_EQ(nearest_rank(0.5, 5), 3u);
  EXPECT_EQ(nearest_rank(0.99, 10), 10u);
  EXPECT_EQ(nearest_rank(0.99, 100), 99u);
  EXPECT_EQ(nearest_rank(0.99, 101), 100u);
  EXPECT_EQ(nearest_rank(0, 7), 1u);
  EXPECT_EQ(nearest_rank(1, 7), 7u);
}

TEST(Quantile, nearest_rank_takes_no_step_for_what_rounding_has_added) {
  for (std::uint64_t percent = 1; percent <= 100; ++percent)
    EXPECT_EQ(nearest_rank(static_cast<double>(percent) / 100, 1000), percent * 10) << percent;
}

TEST(Quantile, by_position_the_ends_are_the_extremes_and_the_middle_of_an_odd_sample_its_median) {
  for (const int n : {1, 2, 9, 10, 101}) {
    EXPECT_EQ(lower_quantile(ranks(n), 0), 1);
    EXPECT_EQ(upper_quantile(ranks(n), 0), 1);
    EXPECT_EQ(lower_quantile(ranks(n), 1), n);
    EXPECT_EQ(upper_quantile(ranks(n), 1), n);
  }
  EXPECT_EQ(lower_quantile(ranks(9), 0.5), 5);
  EXPECT_EQ(upper_quantile(ranks(9), 0.5), 5);
}

TEST(Quantile, by_position_between_two_values_it_is_the_one_that_was_asked_for) {
  EXPECT_EQ(lower_quantile(ranks(10), 0.5), 5);
  EXPECT_EQ(upper_quantile(ranks(10), 0.5), 6);
  EXPECT_EQ(lower_quantile(ranks(10), 0.99), 9);
  EXPECT_EQ(upper_quantile(ranks(10), 0.99), 10);
  EXPECT_EQ(lower_quantile(ranks(101), 0.99), 100);
}

RC_GTEST_PROP(Quantile, nearest_rank_is_what_counting_says, ()) {
  const auto percent = *rc::gen::inRange<std::uint64_t>(1, 101);
  const auto count = *rc::gen::inRange<std::uint64_t>(1, 100'000);
  std::uint64_t least = 1;
  // The least k with k / count >= percent / 100.
  while (least * 100 < percent * count) ++least;
  RC_ASSERT(nearest_rank(static_cast<double>(percent) / 100, count) == least);
}

TEST(Quantile, of_a_distribution_lies_on_a_straight_line_of_logarithms) {
  constexpr std::array<std::pair<double, double>, 3> kPoints = {{{0, 1}, {0.5, 100}, {1, 10'000}}};
  EXPECT_DOUBLE_EQ(log_linear_quantile(kPoints, 0), 1);
  EXPECT_DOUBLE_EQ(log_linear_quantile(kPoints, 0.25), 10);
  EXPECT_DOUBLE_EQ(log_linear_quantile(kPoints, 0.5), 100);
  EXPECT_DOUBLE_EQ(log_linear_quantile(kPoints, 0.75), 1'000);
  EXPECT_DOUBLE_EQ(log_linear_quantile(kPoints, 1), 10'000);
}

}  // namespace quantile_test
}  // namespace orrery
