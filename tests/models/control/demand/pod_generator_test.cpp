// Arrivals and pods of generators, without a scenario around them.
#include "models/control/demand/pod_generator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace orrery::control {
namespace pod_generator_test {

constexpr std::int64_t kMost = 10'000;

std::vector<Duration> arrivals(const Arrivals& of, Duration runtime = seconds(86400)) {
  return draw_arrivals(of, RandomStream(1, "arrivals"), runtime, kMost);
}

std::vector<PodSpec> pods_of(GeneratorSpec spec, std::uint64_t seed = 1) {
  std::vector<PodSpec> pods;
  std::int64_t clusters = 0;
  PodGenerator generator(std::move(spec), seed, 0, seconds(86400), kMost);
  generator.generate([&clusters] { return clusters++; },
                     [&pods](PodSpec pod) { pods.push_back(std::move(pod)); });
  EXPECT_EQ(pods.size(), generator.pods());
  return pods;
}

TEST(Arrivals, in_a_span_are_as_many_as_were_asked_for_and_in_order) {
  const auto times = arrivals({.pods = 500, .at = seconds(10), .over = seconds(100)});
  EXPECT_EQ(times.size(), 500u);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  EXPECT_GE(times.front(), seconds(10));
  EXPECT_LE(times.back(), seconds(110));
}

// 8,640 expected; five standard deviations.
TEST(Arrivals, at_a_rate_come_until_the_run_ends) {
  const auto times = arrivals({.per_second = 0.1});
  EXPECT_NEAR(static_cast<double>(times.size()), 8640, 5 * 93);
  EXPECT_LE(times.back(), seconds(86400));
}

TEST(Arrivals, end_beyond_the_most_that_may_come) {
  EXPECT_EQ(std::ssize(arrivals({.per_second = 1000})), kMost);
  EXPECT_EQ(std::ssize(
                arrivals({.kind = Arrivals::Kind::deployments, .per_second = 1000, .app_size = 7})),
            kMost + 1);
}

TEST(Arrivals, of_an_app_follow_one_another_at_the_pace_of_the_trace) {
  const auto times = arrivals(
      {.kind = Arrivals::Kind::deployments, .pods = 180, .over = Duration{}, .app_size = 180});
  EXPECT_NEAR(to_seconds(times.back() - times.front()), 60, 1e-6);
}

TEST(PodGenerator, gives_replicas_of_one_cluster_the_same_size) {
  const auto pods = pods_of(
      {.name = "db", .arrivals = {.kind = Arrivals::Kind::at_once, .pods = 6}, .replicas = 3});
  EXPECT_EQ(pods[2].data_holder, "ob.cluster0.zone3");
  EXPECT_EQ(pods[3].data_holder, "ob.cluster1.zone1");
  for (const std::size_t i : {1u, 2u, 4u, 5u}) {
    EXPECT_EQ(pods[i].memory, pods[i - i % 3].memory);
    EXPECT_EQ(pods[i].claims[0].size, pods[i - i % 3].claims[0].size);
  }
}

TEST(PodGenerator, draws_the_same_sizes_whenever_they_come) {
  const auto early = pods_of({.name = "p", .arrivals = {.pods = 20, .over = seconds(10)}});
  const auto late =
      pods_of({.name = "p", .arrivals = {.pods = 20, .at = seconds(999), .over = seconds(10)}});
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(early[i].cpu_millis, late[i].cpu_millis);
    EXPECT_NE(early[i].created, late[i].created);
  }
}

TEST(PodGenerator, splits_disks_into_whole_mebibytes_and_makes_no_empty_claims) {
  PodSpec pod;
  split_disk(pod, mebibytes(10), 3, 0);
  ASSERT_EQ(pod.claims.size(), 3u);
  EXPECT_EQ(pod.claims[0].size, mebibytes(4));
  EXPECT_EQ(pod.claims[2].size, mebibytes(3));
  PodSpec small;
  split_disk(small, mebibytes(2), 3, 0);
  EXPECT_EQ(small.claims.size(), 2u);
}

}  // namespace pod_generator_test
}  // namespace orrery::control
