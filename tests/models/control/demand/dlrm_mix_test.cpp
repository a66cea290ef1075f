// The published marginals of the trace's mix.
#include "models/control/demand/dlrm_mix.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace orrery::control {
namespace dlrm_mix_test {

constexpr int kDraws = 200'000;

struct Marginal {
  std::vector<double> sorted;
  explicit Marginal(std::vector<double> values) : sorted(std::move(values)) {
    std::sort(sorted.begin(), sorted.end());
  }
  double at(double p) const {
    return sorted[static_cast<std::size_t>(p * static_cast<double>(sorted.size() - 1))];
  }
};

// p50 and p90 are values of common tuples, so that a sample hits them exactly. The extremes are the
// ends of a thin tail: half a step of rounding at the bottom, and 2 % at the top, where 200,000
// draws leave some 100 beyond.
TEST(DlrmMix, keeps_the_published_marginals) {
  RandomStream random(7, "test");
  std::vector<double> cores, memory, disk;
  for (int i = 0; i < kDraws; ++i) {
    const dlrm::PodSize size = dlrm::draw_size(random);
    cores.push_back(static_cast<double>(size.cores));
    memory.push_back(static_cast<double>(size.memory_gib));
    disk.push_back(static_cast<double>(size.disk_gib));
  }
  const std::pair<Marginal, std::array<double, 4>> all[] = {
      {Marginal(cores), {2, 64, 96, 192}},
      {Marginal(memory), {16, 320, 480, 1000}},
      {Marginal(disk), {80, 255, 680, 996}}};
  for (const auto& [marginal, expected] : all) {
    EXPECT_EQ(marginal.at(0), expected[0]);
    EXPECT_EQ(marginal.at(0.5), expected[1]);
    EXPECT_EQ(marginal.at(0.9), expected[2]);
    EXPECT_NEAR(marginal.at(1), expected[3], 0.02 * expected[3]);
    EXPECT_LE(marginal.at(1), expected[3]);
  }
}

// Four standard errors of a share of 16 to 27 %.
TEST(DlrmMix, has_the_commonest_tuples_in_their_shares) {
  RandomStream random(8, "test");
  std::array<int, 4> found{};
  const std::array<std::array<std::int64_t, 4>, 4> common = {
      {{64, 320, 255, 4371}, {96, 480, 255, 2675}, {48, 200, 680, 1292}, {48, 240, 255, 1162}}};
  for (int i = 0; i < kDraws; ++i) {
    const dlrm::PodSize size = dlrm::draw_size(random);
    for (std::size_t k = 0; k < common.size(); ++k)
      if (size.cores == common[k][0] && size.memory_gib == common[k][1] &&
          size.disk_gib == common[k][2])
        ++found[k];
  }
  for (std::size_t k = 0; k < common.size(); ++k)
    EXPECT_NEAR(found[k] / double{kDraws}, static_cast<double>(common[k][3]) / 16485, 0.004) << k;
}

// The quantiles of a sample of 200,000: within 8 % where the density is a decade per tenth of the
// probability.
TEST(DlrmMix, draws_lifetimes_with_the_published_quantiles) {
  RandomStream random(9, "test");
  std::vector<double> lifetimes;
  for (int i = 0; i < kDraws; ++i) lifetimes.push_back(to_seconds(dlrm::draw_lifetime(random)));
  const Marginal marginal(std::move(lifetimes));
  EXPECT_NEAR(marginal.at(0.1), 128, 0.08 * 128);
  EXPECT_NEAR(marginal.at(0.5), 8410, 0.08 * 8410);
  EXPECT_NEAR(marginal.at(0.9), 287349, 0.08 * 287349);
  EXPECT_LE(marginal.at(1), 2462429);
}

}  // namespace dlrm_mix_test
}  // namespace orrery::control
