// One scenario and seed, one summary, byte by byte; and arrivals that do not depend on what serves
// them.
#include <gtest/gtest.h>

#include "tests/integration/cluster.hpp"

namespace orrery {
namespace determinism_test {

const Settings kBusy = {"compute.guest=linux-guest", "profiles.ebs2.poll_interval=8us",
                        "workload.0={name: job, rw: randrw, bssplit: s22-production, rate_iops: "
                        "20000, rate_process: poisson, random_distribution: \"zipf:0.9\", "
                        "ramp_time: 2ms, runtime: 10ms}"};

Settings with(Settings set, const std::string& more) {
  set.push_back(more);
  return set;
}

class SameSeed : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Frontends, SameSeed, testing::ValuesIn(kFrontends),
                         [](const auto& info) { return info.param; });

TEST_P(SameSeed, gives_the_same_bytes_and_another_seed_others) {
  const Settings set = with(kBusy, "frontend.stack=" + GetParam());
  const auto texts = run_texts({scenario_of(kCluster, set), scenario_of(kCluster, set),
                                scenario_of(kCluster, with(set, "seed=2"))});
  EXPECT_GT(texts[0].size(), 10'000u);
  EXPECT_EQ(texts[0], texts[1]);
  const Json first = Json::parse(texts[0]), other = Json::parse(texts[2]);
  EXPECT_NE(first.at("jobs"), other.at("jobs"));
  EXPECT_NE(figure(first, "jobs.0.read.lat_ns.mean"), figure(other, "jobs.0.read.lat_ns.mean"));
}

TEST(SameSeedOf, rpcs_and_devices_gives_the_same_bytes) {
  const std::string device = R"(
scenario: device
system: device
storage: {servers: 1, ssds_per_server: 1}
workload:
  - {name: job, rw: randrw, bs: 4k, iodepth: 16, ramp_time: 1ms, runtime: 10ms}
)";
  for (const std::string& yaml : {kRpc, device}) {
    const auto texts = run_texts({scenario_of(yaml), scenario_of(yaml)});
    EXPECT_EQ(texts[0], texts[1]);
  }
}

TEST(SameSeedOf, a_resolved_scenario_gives_the_same_results) {
  const Scenario scenario = scenario_of(kCluster, kBusy);
  const Scenario again = scenario_of(to_yaml(resolved_scenario(scenario)));
  const auto summaries = run_all({scenario, again});
  EXPECT_EQ(summaries[0].at("jobs"), summaries[1].at("jobs"));
  EXPECT_EQ(summaries[0].at("stations"), summaries[1].at("stations"));
  EXPECT_EQ(text_at(summaries[0], "provenance.scenario_hash"),
            text_at(summaries[1], "provenance.scenario_hash"));
}

TEST(SameSeedOf, any_architecture_sees_the_same_arrivals) {
  std::vector<Scenario> scenarios;
  for (const std::string& stack : kFrontends)
    scenarios.push_back(scenario_of(kCluster, with(kBusy, "frontend.stack=" + stack)));
  const auto summaries = run_all(scenarios);
  for (const Json& summary : summaries) {
    EXPECT_EQ(figure(summary, "jobs.0.ios.arrived"), figure(summaries[0], "jobs.0.ios.arrived"));
    for (const char* side : {"jobs.0.read.lat_ns.N", "jobs.0.write.lat_ns.N"})
      EXPECT_NEAR(figure(summary, side), figure(summaries[0], side), 10) << side;  // the last ones
  }
}

TEST(SameSeedOf, another_job_moves_nothing_of_the_first) {
  // Each on a volume, an agent thread and servers of its own as far as arrivals go.
  const std::string first =
      "{name: a, filename: \"*/volume-0\", rw: randrw, bs: 4k, rate_iops: 1000, rate_process: "
      "poisson, ramp_time: 2ms, runtime: 20ms}";
  const std::string second =
      "{name: b, filename: \"*/volume-1\", rw: randrw, bs: 4k, rate_iops: 1000, rate_process: "
      "poisson, ramp_time: 2ms, runtime: 20ms}";
  const auto summaries =
      run_all({scenario_of(kCluster, {"workload=[" + first + "]"}),
               scenario_of(kCluster, {"workload=[" + first + ", " + second + "]"})});
  EXPECT_EQ(figure(summaries[0], "jobs.0.ios.arrived"), figure(summaries[1], "jobs.0.ios.arrived"));
  EXPECT_EQ(figure(summaries[0], "jobs.0.read.total_ios"),
            figure(summaries[1], "jobs.0.read.total_ios"));
}

}  // namespace determinism_test
}  // namespace orrery
