// Pods that are drawn, as `demand` asks for them: arrivals, lifetimes, groups.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/scenarios/systems/fleet/demand_cases.hpp"

namespace orrery {
namespace demand_generator_test {

std::vector<control::PodSpec> pods_of(const std::string& source) {
  return demand_of(kTwoNodes + "demand: [{" + source + "}]\n").demand.pods;
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
