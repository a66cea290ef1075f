#include "sim/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace orrery {
namespace random_test {

TEST(RandomStream, the_same_seed_and_name_give_the_same_numbers) {
  RandomStream a(7, "job/0/offsets"), b(7, "job/0/offsets");
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(a.bits(), b.bits());
}

TEST(RandomStream, another_name_or_another_seed_gives_other_numbers) {
  std::set<std::uint64_t> first;
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    for (const char* name : {"a", "b", "ab", "ba", ""})
      first.insert(RandomStream(seed, name).bits());
  EXPECT_EQ(first.size(), 250u);
}

TEST(RandomStream, numbers_do_not_change_from_one_version_to_the_next) {
  // What the streams gave when results were first published; a change here changes every result.
  EXPECT_EQ(mix(0), 0xe220a8397b1dcdafu);  // first output of SplitMix64 seeded with 0
  EXPECT_EQ(RandomStream(1, "golden").bits(), 0xa7285537221a7890u);
  EXPECT_EQ(RandomStream(1, "golden").exponential(microseconds(100)).count(), 96459613);
}

TEST(RandomStream, uniform_stays_below_one_and_has_its_moments) {
  RandomStream r(1, "uniform");
  constexpr int kDraws = 200'000;
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = r.uniform();
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    sum += u;
    squares += u * u;
  }
  // Four standard errors: sqrt(1/12/n) and sqrt(4/45/n).
  EXPECT_NEAR(sum / kDraws, 0.5, 4 * std::sqrt(1.0 / 12 / kDraws));
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, 4 * std::sqrt(4.0 / 45 / kDraws));
}

TEST(RandomStream, exponential_times_have_mean_and_variance_of_their_law) {
  RandomStream r(2, "exponential");
  constexpr int kDraws = 200'000;
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double us = to_microseconds(r.exponential(microseconds(50)));
    ASSERT_GE(us, 0);
    sum += us;
    squares += us * us;
  }
  const double mean = sum / kDraws;
  EXPECT_NEAR(mean, 50, 4 * 50 / std::sqrt(kDraws));
  // The variance of a squared exponential is 20 mean^4; relative error of the second moment
  // sqrt(5/n).
  EXPECT_NEAR(squares / kDraws, 2 * 50 * 50, 4 * 5000 * std::sqrt(5.0 / kDraws));
}

TEST(RandomStream, below_reaches_every_value_and_no_other) {
  RandomStream r(3, "below");
  std::vector<int> seen(7);
  for (int i = 0; i < 70'000; ++i) ++seen.at(r.below(7));
  for (const int n : seen) EXPECT_NEAR(n, 10'000, 4 * std::sqrt(70'000.0 * 6 / 49));
  EXPECT_EQ(r.below(1), 0u);
}

TEST(RandomStream, normal_and_lognormal_have_their_medians) {
  RandomStream r(4, "normal");
  int above = 0, above_log = 0;
  constexpr int kDraws = 40'000;
  for (int i = 0; i < kDraws; ++i) {
    above += r.normal(10, 3) > 10;
    above_log += r.lognormal(2, 0.7) > std::exp(2.0);
  }
  EXPECT_NEAR(above, kDraws / 2, 4 * std::sqrt(kDraws / 4.0));
  EXPECT_NEAR(above_log, kDraws / 2, 4 * std::sqrt(kDraws / 4.0));
}

}  // namespace random_test
}  // namespace orrery
