// More of what helps never harms, more of what costs never helps. Runs of one test see the same
// arrivals.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/cluster.hpp"

namespace orrery {
namespace monotony_test {

std::vector<double> figures(const std::string& yaml, const Settings& set, const std::string& key,
                            const std::vector<std::string>& values, const std::string& path) {
  std::vector<Scenario> scenarios;
  for (const std::string& value : values) {
    Settings one = set;
    one.push_back(key + "=" + value);
    scenarios.push_back(scenario_of(yaml, one));
  }
  std::vector<double> out;
  for (const Json& summary : run_all(scenarios)) {
    expect_sound(summary);
    out.push_back(figure(summary, path));
  }
  return out;
}

// `slack`: what may be lost to where a span cuts I/Os off.
void expect_rising(const std::vector<double>& values, double slack = 0) {
  for (std::size_t i = 1; i < values.size(); ++i)
    EXPECT_GE(values[i], values[i - 1] * (1 - slack)) << "step " << i;
  EXPECT_GT(values.back(), values.front());
}

const Settings kReads = {"volumes.per_server=8", "volumes.size=256GiB", "storage.servers=8",
                         "storage.racks=8"};

class MoreCores : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Frontends, MoreCores, testing::ValuesIn(kFrontends),
                         [](const auto& info) { return info.param; });

TEST_P(MoreCores, of_the_dpu_never_give_fewer_iops) {
  Settings set = kReads;
  for (const std::string more : {"frontend.agent=dpu", "workload.0.rw=randread",
                                 "workload.0.iodepth=32", "workload.0.runtime=15ms"})
    set.push_back(more);
  set.push_back("frontend.stack=" + GetParam());
  expect_rising(figures(kCluster, set, "profiles.ali-dpu.cores", {"1", "2", "3", "4", "6"},
                        "jobs.0.read.iops"),
                0.005);
}

// The ramp is long enough for every log of a chunk server to be known to its disk as a stream at
// the lowest rate.
std::string offered(double rate) {
  return fmt::format(
      "{{name: job, rw: randrw, bs: 4k, rate_iops: {}, rate_process: poisson, "
      "ramp_time: 60ms, runtime: 60ms}}",
      rate);
}

class MoreLoad : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Frontends, MoreLoad, testing::ValuesIn(kFrontends),
                         [](const auto& info) { return info.param; });

TEST_P(MoreLoad, never_lowers_the_mean_latency) {
  for (const char* side : {"read", "write"})
    expect_rising(
        figures(kCluster, {"frontend.stack=" + GetParam(), "volumes.size=256GiB"}, "workload.0",
                {offered(2000), offered(8000), offered(20'000), offered(40'000)},
                fmt::format("jobs.0.{}.lat_ns.mean", side)),
        0.001);
}

TEST_P(MoreLoad, in_a_closed_loop_gives_more_iops_and_longer_latencies) {
  const Settings set = {"frontend.stack=" + GetParam(), "volumes.size=256GiB"};
  const std::vector<std::string> depths = {"1", "2", "8", "32"};
  expect_rising(figures(kCluster, set, "workload.0.iodepth", depths, "jobs.0.write.iops"), 0.005);
  expect_rising(figures(kCluster, set, "workload.0.iodepth", depths, "jobs.0.write.lat_ns.mean"),
                0.001);
}

TEST(More, bytes_take_longer_and_move_more_data) {
  for (const std::string rw : {"randread", "randwrite"}) {
    const std::string side = rw == "randread" ? "read" : "write";
    const std::vector<std::string> sizes = {"4k", "8k", "16k", "64k", "128k", "256k", "1m"};
    for (const std::string& stack : kFrontends) {
      const Settings set = {"frontend.stack=" + stack, "workload.0.rw=" + rw};
      expect_rising(
          figures(kCluster, set, "workload.0.bs", sizes, "jobs.0." + side + ".lat_ns.mean"));
      expect_rising(figures(kCluster, set, "workload.0.bs", sizes, "jobs.0." + side + ".bw_bytes"),
                    0.005);
    }
  }
}

TEST(More, acknowledgements_take_longer) {
  expect_rising(figures(kCluster, {"workload.0.iodepth=8"}, "ebs.quorum", {"1", "2", "3"},
                        "jobs.0.write.lat_ns.mean"));
}

TEST(More, replicas_to_wait_for_take_longer) {
  Settings set;
  const auto with = [](const std::string& n) { return "{replicas: " + n + ", quorum: " + n + "}"; };
  expect_rising(
      figures(kCluster, set, "ebs", {with("1"), with("2"), with("3")}, "jobs.0.write.lat_ns.mean"));
}

// One I/O at a time: where several wait, a faster link may well bring them to a queue in a worse
// order.
TEST(More, bandwidth_and_faster_cores_never_take_longer) {
  const std::string path = "jobs.0.write.lat_ns.mean";
  const std::vector<std::string> rates = {"100Gbps", "50Gbps", "25Gbps", "10Gbps"};
  const std::vector<std::string> slowness = {"0.5", "1", "2"};
  for (const std::string& stack : kFrontends) {
    const Settings set = {"frontend.stack=" + stack, "volumes.per_server=1", "workload.0.bs=64k"};
    for (const std::string node : {"compute-25g", "storage-25g"}) {
      expect_rising(figures(kCluster, set, "profiles." + node + ".nic_rate", rates, path));
      if (!stack.starts_with("solar") || node == "storage-25g")  // else the agent is on the DPU
        expect_rising(figures(kCluster, set, "profiles." + node + ".slowness", slowness, path));
    }
    Settings on_dpu = set;
    on_dpu.push_back("frontend.agent=dpu");
    expect_rising(figures(kCluster, on_dpu, "profiles.ali-dpu.slowness", slowness, path));
  }
}

}  // namespace monotony_test
}  // namespace orrery
