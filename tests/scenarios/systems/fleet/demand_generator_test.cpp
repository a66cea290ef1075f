// Pods that are drawn: the published marginals, arrivals, lifetimes, groups.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <set>

#include "scenarios/systems/fleet/dlrm_mix.hpp"
#include "sim/quantile.hpp"
#include "tests/scenarios/systems/fleet/demand_cases.hpp"

namespace orrery {
namespace demand_generator_test {

constexpr int kDraws = 200'000;

std::vector<control::PodSpec> pods_of(const std::string& source) {
  return demand_of(kTwoNodes + "demand: [{" + source + "}]\n").demand.pods;
}

struct Marginal {
  std::vector<double> sorted;
  explicit Marginal(std::vector<double> values) : sorted(std::move(values)) {
    std::sort(sorted.begin(), sorted.end());
  }
  double at(double p) const { return lower_quantile(sorted, p); }
};

// p50 and p90 are values of common tuples, so that a sample hits them exactly. The extremes are the
// ends of a thin tail: half a step of rounding at the bottom, and 2 % at the top, where 200,000
// draws leave some 100 beyond.
TEST(DlrmGenerator, keeps_the_published_marginals) {
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
TEST(DlrmGenerator, has_the_commonest_tuples_in_their_shares) {
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
TEST(DlrmGenerator, draws_lifetimes_with_the_published_quantiles) {
  RandomStream random(9, "test");
  std::vector<double> lifetimes;
  for (int i = 0; i < kDraws; ++i) lifetimes.push_back(to_seconds(dlrm::draw_lifetime(random)));
  const Marginal marginal(std::move(lifetimes));
  EXPECT_NEAR(marginal.at(0.1), 128, 0.08 * 128);
  EXPECT_NEAR(marginal.at(0.5), 8410, 0.08 * 8410);
  EXPECT_NEAR(marginal.at(0.9), 287349, 0.08 * 287349);
  EXPECT_LE(marginal.at(1), 2462429);
}

TEST(DlrmGenerator, scales_disks_and_splits_them_into_claims_of_whole_mebibytes) {
  const auto plain = pods_of("generator: dlrm, pods: 50");
  const auto scaled = pods_of("generator: dlrm, pods: 50, disk_scale: 2.5, volumes_per_pod: 3");
  for (std::size_t i = 0; i < plain.size(); ++i) {
    ASSERT_EQ(plain[i].claims.size(), 1u);
    ASSERT_EQ(scaled[i].claims.size(), 3u);
    EXPECT_EQ(scaled[i].created, plain[i].created);
    std::int64_t sum = 0;
    for (const control::ClaimSpec& claim : scaled[i].claims) {
      EXPECT_EQ(claim.size % mebibytes(1), Bytes{});
      sum += claim.size.count();
    }
    EXPECT_EQ(sum * 2, plain[i].claims[0].size.count() * 5);
  }
  EXPECT_TRUE(pods_of("generator: dlrm, pods: 1, disk_scale: 0")[0].claims.empty());
}

TEST(DlrmGenerator, makes_replicas_of_a_cluster_alike_and_data_holders) {
  const auto pods = pods_of(
      "generator: dlrm, pods: 9, replicas: 3, arrival: at_once, app_size: 4, "
      "max_per_node: 1}, {generator: uniform, cpu: 1, memory: 1GiB, pods: 1, replicas: 1, "
      "arrival: at_once, at: 1s");
  EXPECT_EQ(pods[0].name, "dlrm/dlrm-0");
  EXPECT_EQ(pods[0].data_holder, "ob.cluster0.zone1");
  EXPECT_EQ(pods[5].data_holder, "ob.cluster1.zone3");
  EXPECT_EQ(pods[9].data_holder, "ob.cluster3.zone1");
  EXPECT_EQ(pods[5].app, "dlrm-app-1");
  EXPECT_EQ(pods[5].max_per_node, 1);
  for (std::size_t i = 0; i < 9; i += 3)
    for (std::size_t k = 1; k < 3; ++k) {
      EXPECT_EQ(pods[i + k].cpu_millis, pods[i].cpu_millis);
      EXPECT_EQ(pods[i + k].claims[0].size, pods[i].claims[0].size);
    }
}

// 3,600 expected; five standard deviations.
TEST(UniformGenerator, brings_as_many_pods_as_its_rate_says_until_the_run_ends) {
  const auto pods = pods_of("generator: uniform, cpu: 1, memory: 1GiB, per_hour: 5");
  EXPECT_NEAR(static_cast<double>(pods.size()), 3600, 300);
  EXPECT_LE(pods.back().created, seconds(30 * 86400));
  EXPECT_TRUE(pods[0].claims.empty());
  const auto counted =
      pods_of("generator: uniform, cpu: 1, memory: 1GiB, per_second: 100, pods: 2000, at: 1h");
  EXPECT_EQ(counted.size(), 2000u);
  EXPECT_GE(counted.front().created, seconds(3600));
  EXPECT_NEAR(to_seconds(counted.back().created), 3620, 3);
}

TEST(UniformGenerator, spreads_its_pods_over_a_span_or_brings_them_at_once) {
  const std::string pod = "generator: uniform, cpu: 0.5, memory: 1GiB, disk: 3GiB, pods: 1000";
  const auto spread = pods_of(pod + ", over: 7d, lifetime: 8h");
  EXPECT_EQ(spread.size(), 1000u);
  EXPECT_LE(spread.back().created, seconds(7 * 86400));
  EXPECT_GT(spread.back().created, seconds(6.9 * 86400));
  EXPECT_EQ(spread[3].lifetime, seconds(8 * 3600));
  EXPECT_EQ(spread[3].cpu_millis, 500);
  for (const control::PodSpec& each : pods_of(pod + ", arrival: at_once, at: 5s"))
    EXPECT_EQ(each.created, seconds(5));
}

// In the trace: at most 179 creations in one minute, 22.3 an hour on average (here 105 apps of 153
// in 30 days; 4 deviations).
TEST(DlrmGenerator, deploys_apps_at_the_pace_of_the_trace) {
  const auto pods = pods_of("generator: dlrm, arrival: deployments");
  EXPECT_NEAR(static_cast<double>(pods.size()), 22.3 * 720, 4 * 153 * 10.3);
  const auto single = pods_of("generator: dlrm, arrival: deployments, pods: 400, app_size: 400");
  std::size_t most = 0;
  for (std::size_t i = 0, j = 0; i < single.size(); ++i) {
    while (single[i].created - single[j].created >= seconds(60)) ++j;
    most = std::max(most, i - j + 1);
  }
  EXPECT_NEAR(static_cast<double>(most), 179, 1);
}

TEST(Generators, draw_the_same_pods_for_the_same_seed_and_others_for_another) {
  const TextNode root = parse_document(
      kTwoNodes + "demand: [{generator: dlrm, pods: 20, lifetime: trace}]\n", "/d/s.yaml");
  const auto with = [&](std::uint64_t seed) {
    return text_of(load_demand(root, reader_of({}), seed, seconds(86400)).demand);
  };
  EXPECT_EQ(with(3), with(3));
  EXPECT_NE(with(3), with(4));
}

}  // namespace demand_generator_test
}  // namespace orrery
