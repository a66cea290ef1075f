// SOLAR's failover over the sweep of scenarios/library/solar-failover.yaml: what an I/O waits for
// is timeouts.
#include <fmt/format.h>

#include <algorithm>

#include "tests/integration/runs.hpp"

namespace orrery {
namespace failover_test {

Scenario failover(int dead_after, double timeout_ms) {
  return library_scenario(
      "solar-failover",
      {fmt::format("profiles.solar.dead_after={}", dead_after),
       fmt::format("profiles.solar.timeout={}ms", timeout_ms), "workload.0.runtime=250ms"});
}

TEST(SolarFailover, stays_below_a_second_and_grows_with_timeout_times_attempts) {
  struct Point {
    int dead_after;
    double timeout_ms;
  };
  const std::vector<Point> points = {{2, 0.5}, {2, 10}, {4, 2.5}, {4, 10}};
  std::vector<Scenario> scenarios;
  for (const Point& point : points)
    scenarios.push_back(failover(point.dead_after, point.timeout_ms));
  const std::vector<Json> summaries = run_all(scenarios);
  std::vector<double> worst;
  for (std::size_t i = 0; i < points.size(); ++i) {
    expect_sound(summaries[i]);
    const Json& fault = summaries[i].at("faults").at(0);
    EXPECT_GT(figure(fault, "ios_hit"), 0);
    EXPECT_EQ(figure(fault, "failed"), 0);
    EXPECT_EQ(figure(fault, "hangs_1s"), 0);
    EXPECT_EQ(figure(summaries[i], "hangs.over_1s"), 0);
    worst.push_back(figure(fault, "worst_latency_ns") / 1e6);
    const double k_timeouts = points[i].dead_after * points[i].timeout_ms;
    // One path is given up at least. One spine of four is on a quarter of the paths of either
    // direction, so that an I/O meets few.
    EXPECT_GE(worst.back(), k_timeouts) << i;
    EXPECT_LE(worst.back(), 2 * 4 * k_timeouts) << i;
    EXPECT_LT(worst.back(), 1'000);
  }
  // Equal products take about the same time, whatever their factors.
  EXPECT_NEAR(worst[3] / worst[1], 2, 1);
  EXPECT_NEAR(worst[3] / worst[2], 4, 2);
}

}  // namespace failover_test
}  // namespace orrery
