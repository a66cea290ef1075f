// What holds in every run of every system: I/Os, packets and time are conserved.
#include <gmock/gmock.h>

#include "models/net/registry.hpp"
#include "tests/integration/cluster.hpp"

namespace orrery {
namespace conservation_test {

// A closed loop and an open one, both directions, sizes up to 1 MiB, so that I/Os wait and are
// split.
const std::string kJobs =
    "workload=[{name: closed, rw: randrw, bs: 4k, iodepth: 8, ramp_time: 2ms, runtime: 15ms}, "
    "{name: open, rw: randrw, rwmixread: 30, bssplit: s22-production, rate_iops: 4000, "
    "rate_process: poisson, ramp_time: 2ms, runtime: 15ms}]";

struct Case {
  std::string frontend, backend, agent;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.frontend << " on the " << c.agent << " over " << c.backend;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::string& frontend : kFrontends)
    for (const std::string backend : {"rdma", "luna", "kernel_tcp", "solar_star"})
      for (const std::string agent : {"host", "dpu"})
        if (frontend != "solar" || agent == "dpu") all.push_back({frontend, backend, agent});
  return all;
}

class Conservation : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Ebs, Conservation, testing::ValuesIn(cases()), [](const auto& info) {
  return info.param.frontend + "_" + info.param.agent + "_" + info.param.backend;
});

TEST_P(Conservation, ios_packets_and_stage_times_add_up) {
  const auto& [frontend, backend, agent] = GetParam();
  const Json summary = run(scenario_of(
      kCluster, {kJobs, "frontend.stack=" + frontend, "frontend.agent=" + agent,
                 "backend.stack=" + backend, "compute.guest=linux-guest", "volumes.encrypted=true",
                 "profiles.ebs2.poll_interval=8us", "ebs.quorum=2"}));
  expect_sound(summary);
  EXPECT_EQ(text_at(summary, "agent"), frontend == "solar" ? "dpu, offloaded" : agent);
  EXPECT_EQ(figure(summary, "resources.packets_dropped"), 0);
  for (const Json& job : summary.at("jobs")) {
    EXPECT_EQ(figure(job, "ios.failed"), 0);
    EXPECT_GT(figure(job, "ios.done"), 50);
    EXPECT_FALSE(job.at("saturated").get<bool>());
    for (const char* direction : {"read", "write"})
      for (const char* stage : {"guest", "sa", "fn", "block_server", "bn", "chunk_server", "ssd"})
        EXPECT_GT(figure(job, std::string(direction) + ".stages." + stage + ".total_ns.mean"), 0);
  }
  // The mean I/O of the tail attribution's whole sample is the mean I/O.
  for (const JobSide& side : sides_of(summary)) {
    const Json& all = side.side->at("slowest").at("0.000000");
    EXPECT_NEAR(figure(all, "mean_ns"), figure(*side.side, "lat_ns.mean"), 1e-6);
    EXPECT_EQ(figure(all, "ios"), figure(*side.side, "lat_ns.N"));
    double sum = 0;
    for (const auto& [name, times] : all.at("stages").items())
      sum += figure(times, "wait_ns") + figure(times, "service_ns");
    EXPECT_NEAR(sum, figure(all, "mean_ns"), 1e-6 * sum);
  }
}

class RpcConservation : public testing::TestWithParam<std::string> {};
std::vector<std::string> all_stack_names() {
  std::vector<std::string> names;
  for (const StackEntry& entry : all_stacks()) names.emplace_back(entry.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Rpc, RpcConservation, testing::ValuesIn(all_stack_names()),
                         [](const auto& info) { return info.param; });

TEST_P(RpcConservation, ios_packets_and_stage_times_add_up) {
  std::vector<Scenario> both;
  for (const std::string agent : {"host", "dpu"})
    if (GetParam() != "solar" || agent == "dpu")
      both.push_back(scenario_of(kRpc, {"frontend.stack=" + GetParam(), "frontend.agent=" + agent,
                                        "volumes.per_server=3", kJobs}));
  for (const Json& summary : run_all(both)) {
    expect_sound(summary);
    EXPECT_GT(figure(summary, "jobs.0.ios.done"), 100);
    EXPECT_EQ(figure(summary, "resources.packets_dropped"), 0);
  }
}

TEST(DeviceConservation, ios_and_stage_times_add_up) {
  const std::string device = R"(
scenario: device
system: device
storage: {servers: 2, ssds_per_server: 3}
workload: []
)";
  const Json summary = run(scenario_of(device, {kJobs}));
  expect_sound(summary);
  EXPECT_EQ(figure(summary, "jobs.0.volumes"), 6);
  EXPECT_GT(figure(summary, "jobs.1.ios.done"), 100);
}

// Buffers of a few frames: packets are lost and sent again, no I/O fails, and nothing is lost count
// of.
TEST(LossConservation, lost_packets_are_sent_again_and_counted) {
  for (const std::string stack : {"luna", "solar"}) {
    const Json summary =
        run(scenario_of(kCluster, {"frontend.stack=" + stack, "profiles.clos-25g.port_buffer=16KiB",
                                   "profiles.clos-25g.spine_rate=5Gbps", "workload.0.bs=64k",
                                   "workload.0.iodepth=64"}));
    expect_sound(summary);
    EXPECT_GT(figure(summary, "network.frontend.packets_dropped") +
                  figure(summary, "network.frontend.frames_lost_of_bursts"),
              0);
    EXPECT_EQ(figure(summary, "jobs.0.ios.failed"), 0);
    EXPECT_GT(figure(summary, "network.frontend.packets_resent"), 0);
    EXPECT_THAT(summary.at("notes").dump(), testing::HasSubstr("packets were dropped"));
  }
}

}  // namespace conservation_test
}  // namespace orrery
