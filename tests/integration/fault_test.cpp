// Faults in whole runs: what storage mends, what fails for good, and that all books hold whatever
// breaks.
#include "models/faults/fault.hpp"

#include <gmock/gmock.h>

#include "tests/integration/cluster.hpp"

namespace orrery {
namespace fault_test {

const std::string kBreakable = R"(
scenario: breakable
system: ebs
compute: {servers: 2, guest: none}
storage: {servers: 6, racks: 6, ssds_per_server: 2}
frontend: {stack: luna}
volumes: {per_server: 3, size: 64GiB}
workload:
  - {name: job, rw: randrw, rwmixread: 30, bs: 8k, iodepth: 4, rate_iops: 2000, rate_process: poisson, ramp_time: 50ms, runtime: 450ms}
)";

Settings with_fault(const std::string& fault, Settings set = {}) {
  set.push_back("faults=[{" + fault + ", at: 100ms}]");
  return set;
}

TEST(Faults, of_every_kind_keep_all_books) {
  const std::map<std::string, std::string> targets = {
      {"link_down", "target: frontend/compute-0--tor-0a"},
      {"port_down", "target: frontend/tor-0a->compute-0"},
      {"switch_down", "target: frontend/tor-0a"},
      {"switch_reboot", "target: frontend/spine-0, for: 100ms"},
      {"switch_isolation", "target: frontend/tor-0b"},
      {"blackhole", "target: frontend/spine-1, fraction: 0.5"},
      {"loss", "target: 'backend/tor-*', rate: 0.02"},
      {"corruption", "target: 'frontend/spine-*', rate: 0.05"},
      {"slow_link", "target: 'backend/storage-*--tor-*', speed: 1Gbps"},
      {"server_down", "target: storage-2, for: 200ms"},
      {"slow_ssd", "target: storage-1/ssd-0, factor: 20"},
      {"nic_flap", "target: compute-1, for: 200ms, period: 40ms"}};
  std::vector<Scenario> scenarios;
  std::vector<std::string> names;
  for (const FaultKind& kind : fault_kinds()) {
    if (kind.name == "engine_down") continue;  // of a pool: pool_availability_test.cpp
    for (const std::string stack : {"kernel_tcp", "luna", "solar", "rdma"}) {
      const std::string name(kind.name);
      names.push_back(name + " " + stack);
      scenarios.push_back(scenario_of(
          kBreakable, with_fault("kind: " + name + ", " + targets.at(name),
                                 {"frontend={stack: " + stack + "}", "workload.0.runtime=250ms"})));
    }
  }
  const auto summaries = run_all(scenarios);
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    SCOPED_TRACE(names[i]);
    expect_sound(summaries[i]);
    EXPECT_GE(figure(summaries[i], "fault_count"), 1);
    EXPECT_EQ(figure(summaries[i], "jobs.0.ios.failed"), 0);
  }
}

TEST(Faults, leave_no_trace_where_there_are_none) {
  const Json summary = run(scenario_of(kBreakable, {"workload.0.runtime=50ms"}));
  EXPECT_FALSE(summary.contains("faults"));
  EXPECT_EQ(figure(summary, "hangs.over_1s"), 0);
  EXPECT_EQ(figure(summary, "repairs.rpcs_retried"), 0);
  EXPECT_EQ(figure(summary, "network.frontend.packets_resent"), 0);
}

TEST(Faults, a_server_that_is_gone_for_good_ends_in_failed_ios_or_in_others_taking_over) {
  const std::string fault = "kind: server_down, target: storage-0";
  const auto summaries = run_all(
      {scenario_of(
           kBreakable,
           with_fault(fault,
                      {"profiles={ebs2: {rpc_timeout: 50ms, retry_delay: "
                       "10ms, io_timeout: 150ms, segment_takeover: 1h}, rdma: {give_up: 40ms}}"})),
       scenario_of(kBreakable,
                   with_fault(fault, {"profiles={ebs2: {rpc_timeout: 50ms, retry_delay: "
                                      "10ms, segment_takeover: 100ms}, rdma: {give_up: 40ms}}"}))});
  const Json& gone = summaries[0];
  expect_sound(gone);
  EXPECT_GT(figure(gone, "jobs.0.ios.failed"), 0);
  EXPECT_GT(figure(gone, "faults.0.failed"), 0);
  EXPECT_GT(figure(gone, "repairs.rpcs_retried"), 0);
  EXPECT_GT(figure(gone, "repairs.replicas_replaced"), 0);
  EXPECT_LT(figure(gone, "faults.0.worst_latency_ns"), 250e6);
  const Json& mended = summaries[1];
  expect_sound(mended);
  EXPECT_EQ(figure(mended, "jobs.0.ios.failed"), 0);
  EXPECT_GT(figure(mended, "repairs.segments_moved"), 0);
  // After the takeover nothing waits any more.
  EXPECT_LT(figure(mended, "faults.0.last_hit_after_s"), 0.35);
  EXPECT_LT(figure(mended, "jobs.0.ios.in_flight"), 20);
}

TEST(Faults, hang_single_path_stacks_and_not_solar) {
  const Settings longer = {"workload.0.runtime=1.8s"};
  std::vector<Scenario> scenarios;
  for (const std::string stack : {"luna", "solar"}) {
    Settings set = with_fault("kind: blackhole, fraction: 0.5, target: frontend/tor-0a", longer);
    set.push_back("frontend={stack: " + stack + "}");
    scenarios.push_back(scenario_of(kBreakable, set));
  }
  const auto summaries = run_all(scenarios);
  for (const Json& summary : summaries) expect_sound(summary);
  EXPECT_GT(figure(summaries[0], "hangs.over_1s"), 0);
  EXPECT_EQ(figure(summaries[1], "hangs.over_1s"), 0);
  EXPECT_GT(figure(summaries[1], "faults.0.ios_hit"), 0);
  const Json& list = summaries[0].at("hangs").at("list");
  EXPECT_EQ(list.size(), figure(summaries[0], "hangs.over_1s"));
  for (const Json& hang : list) {
    EXPECT_GE(hang.at("latency_s").get<double>(), 1);
    EXPECT_THAT(hang.at("volume").get<std::string>(), testing::StartsWith("compute-"));
  }
}

TEST(Faults, come_at_the_same_picosecond_for_a_seed) {
  const Scenario scenario = scenario_of(
      kBreakable, {"faults=[{kind: link_down, target: random, mtbf: 20ms, mttr: 5ms}, {kind: loss, "
                   "target: 'frontend/*--spine-*', rate: 0.01, at: 60ms}]",
                   "workload.0.runtime=150ms"});
  const auto texts = run_texts({scenario, scenario});
  EXPECT_EQ(texts[0], texts[1]);
  EXPECT_GT(figure(Json::parse(texts[0]), "fault_count"), 3);
}

}  // namespace fault_test
}  // namespace orrery
