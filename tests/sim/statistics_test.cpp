#include "sim/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sim/random.hpp"

namespace orrery {
namespace statistics_test {

TEST(Statistics, student_t_is_the_tables) {
  EXPECT_NEAR(student_t(1), 12.706, 0.001);
  EXPECT_NEAR(student_t(9), 2.262, 0.001);
  EXPECT_NEAR(student_t(31), 2.040, 0.001);
  EXPECT_NEAR(student_t(1'000'000), 1.960, 0.001);
  EXPECT_NEAR(student_t(9, 0.99), 3.250, 0.001);
}

TEST(Statistics, an_interval_of_few_values_by_hand) {
  const std::vector<double> values{9, 10, 11, 10};
  const Interval i = interval_of(values);
  EXPECT_DOUBLE_EQ(i.value, 10);
  ASSERT_TRUE(i.half_width);
  EXPECT_NEAR(*i.half_width, 3.182 * std::sqrt(2.0 / 3 / 4), 0.001);
  EXPECT_FALSE(interval_of(std::vector<double>{5}).half_width);
  EXPECT_EQ(interval_of(std::vector<double>{}).samples, 0);
}

TEST(Statistics, intervals_of_independent_batches_cover_the_truth_as_often_as_they_say) {
  RandomStream r(5, "coverage");
  constexpr int kRuns = 2000;
  int covered = 0;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<double> batches(32);
    for (double& b : batches) b = r.normal(100, 15);
    covered += interval_of_batches(batches).contains(100);
  }
  // 95 % with four standard errors of 0.49 %; merging what chance makes look correlated costs a
  // little.
  EXPECT_GT(covered, kRuns * 0.93);
  EXPECT_LT(covered, kRuns * 0.98);
}

TEST(Statistics, correlated_batches_are_merged_and_their_interval_is_wider) {
  RandomStream r(6, "ar1");
  int covered = 0, covered_naively = 0;
  constexpr int kRuns = 1000;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<double> batches(32);
    double state = r.normal(0, 1 / std::sqrt(1 - 0.36));
    for (double& b : batches) {
      b = state;
      state = 0.6 * state + r.normal(0, 1);
    }
    covered += interval_of_batches(batches).contains(0);
    covered_naively += interval_of(batches).contains(0);
  }
  // Eight parts of four neighbours still correlate at 0.3: better than what they are made of, not
  // perfect.
  EXPECT_GT(covered, kRuns * 0.80);
  EXPECT_LT(covered_naively, kRuns * 0.75);
}

TEST(Statistics, a_ratio_weighs_batches_by_what_is_in_them) {
  const std::vector<double> sums{10, 0, 30, 60}, counts{1, 0, 3, 6};
  const Interval i = ratio_of_batches(sums, counts);
  EXPECT_DOUBLE_EQ(i.value, 10);
  EXPECT_NEAR(*i.half_width, 0, 1e-12);
  EXPECT_EQ(ratio_of_batches(std::vector<double>{0, 0}, std::vector<double>{0, 0}).samples, 0);
}

TEST(Statistics, warm_up_is_cut_where_the_transient_ends) {
  RandomStream r(7, "warm-up");
  std::vector<double> series;
  for (int i = 0; i < 160; ++i)
    series.push_back(100 + r.normal(0, 2) + (i < 40 ? 3.0 * (40 - i) : 0));
  const WarmUp w = mser(series);
  EXPECT_TRUE(w.settled);
  EXPECT_GE(w.dropped, 30u);
  EXPECT_LE(w.dropped, 60u);
  EXPECT_EQ(w.dropped % 5, 0u);
}

TEST(Statistics, nothing_is_cut_from_a_constant_and_a_trend_never_settles) {
  EXPECT_EQ(mser(std::vector<double>(160, 3.5)).dropped, 0u);
  EXPECT_TRUE(mser(std::vector<double>(160, 3.5)).settled);
  std::vector<double> falling;
  for (int i = 0; i < 160; ++i) falling.push_back(std::exp(-i / 5.0 + 30));
  const WarmUp w = mser(falling);
  EXPECT_FALSE(w.settled);
  EXPECT_EQ(w.dropped, 80u);
  EXPECT_EQ(mser(std::vector<double>{1, 2, 3}).dropped, 0u);
}

TEST(Statistics, a_rise_is_that_of_the_line) {
  EXPECT_DOUBLE_EQ(rise_of(std::vector<double>{1, 3, 5, 7}), 6);
  EXPECT_DOUBLE_EQ(rise_of(std::vector<double>{4, 4, 4}), 0);
  EXPECT_DOUBLE_EQ(rise_of(std::vector<double>{4}), 0);
}

std::vector<Histogram> exponential_batches(int batches, int each) {
  RandomStream r(8, "percentiles");
  std::vector<Histogram> out(static_cast<std::size_t>(batches));
  for (Histogram& h : out)
    for (int i = 0; i < each; ++i) h.add(r.exponential(microseconds(100)));
  return out;
}

TEST(Statistics, a_percentile_comes_with_an_interval_that_holds_the_truth) {
  const auto batches = exponential_batches(32, 20'000);
  const Percentile p = percentile_of(99, batches);
  ASSERT_TRUE(p.ns && p.half_width && p.supported);
  const double truth = 100'000 * std::log(100.0);
  EXPECT_NEAR(*p.ns, truth, *p.half_width);
  EXPECT_LT(*p.half_width, truth * 0.02);
}

TEST(Statistics, a_percentile_is_never_finer_than_its_bucket) {
  Histogram same;
  same.add(microseconds(155.3), 1000);
  same.add(microseconds(160), 11);
  const Percentile p = percentile_of(50, std::vector<Histogram>(8, same));
  ASSERT_TRUE(p.half_width);
  EXPECT_NEAR(*p.ns, 155'300, *p.half_width);
  EXPECT_DOUBLE_EQ(*p.half_width, 1024);  // buckets of 2048 ns from 131 to 262 us
}

TEST(Statistics, a_percentile_that_the_sample_cannot_show_is_called_unsupported) {
  const auto batches = exponential_batches(32, 100);
  const Percentile far = percentile_of(99.99, batches);
  EXPECT_TRUE(far.ns);
  EXPECT_FALSE(far.supported);
  EXPECT_FALSE(far.half_width);
  const Percentile near =
      percentile_of(99.5, batches);  // 16 of 3200 above: enough for a value, not for an interval
  EXPECT_TRUE(near.supported);
  EXPECT_FALSE(near.half_width);
  EXPECT_FALSE(percentile_of(50, std::vector<Histogram>(4)).ns);
}

// A queue with random arrivals and services, sampled 160 times.
std::vector<double> walk(double arrivals_per_service, int steps, std::uint64_t seed) {
  RandomStream r(seed, "walk");
  std::vector<double> samples;
  double present = 0;
  const double up = arrivals_per_service / (1 + arrivals_per_service);
  for (int i = 0; i < steps; ++i) {
    if (r.chance(up)) ++present;
    else if (present > 0) --present;
    if ((i + 1) % (steps / 160) == 0) samples.push_back(present);
  }
  return samples;
}

TEST(Statistics, a_backlog_that_outgrows_chance_is_saturation_and_a_busy_queue_is_not) {
  int stable_called_saturated = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    stable_called_saturated += grows_without_bound(walk(0.95, 160'000, seed), 80'000);
    EXPECT_TRUE(grows_without_bound(walk(1.10, 160'000, seed), 80'000)) << seed;
  }
  EXPECT_EQ(stable_called_saturated, 0);
}

TEST(Statistics, filling_the_pipe_once_is_not_saturation) {
  std::vector<double> step(160, 100.0);
  for (std::size_t i = 0; i < 10; ++i) step[i] = static_cast<double>(10 * i);
  EXPECT_FALSE(grows_without_bound(step, 100));
}

}  // namespace statistics_test
}  // namespace orrery
