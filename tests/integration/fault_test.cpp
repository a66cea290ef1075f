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

// I/Os that were sent again or waited for some that were: each counts for the latest fault.
double ios_hit(const Json& summary) {
  double hit = 0;
  for (const Json& fault : summary.at("faults")) hit += fault.at("ios_hit").get<double>();
  return hit;
}
double worst_latency_ns(const Json& summary) {
  double worst = 0;
  for (const Json& fault : summary.at("faults"))
    if (fault.at("worst_latency_ns").is_number())
      worst = std::max(worst, fault.at("worst_latency_ns").get<double>());
  return worst;
}

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
  std::map<std::string, std::size_t> healthy;
  for (const std::string stack : {"kernel_tcp", "luna", "solar", "rdma"}) {
    healthy[stack] = scenarios.size();
    scenarios.push_back(
        scenario_of(kBreakable, {"frontend={stack: " + stack + "}", "workload.0.runtime=250ms"}));
  }
  const auto summaries = run_all(scenarios);
  const auto mean = [](const Json& summary) { return figure(summary, "jobs.0.read.lat_ns.mean"); };
  for (std::size_t i = 0; i < names.size(); ++i) {
    SCOPED_TRACE(names[i]);
    expect_sound(summaries[i]);
    EXPECT_GE(figure(summaries[i], "fault_count"), 1);
    EXPECT_EQ(figure(summaries[i], "jobs.0.ios.failed"), 0);
    // Each is felt: by I/Os that were sent again or packets that nobody got, or as slowness.
    if (names[i].starts_with("slow_"))
      EXPECT_GT(mean(summaries[i]),
                1.1 * mean(summaries[healthy.at(names[i].substr(names[i].find(' ') + 1))]));
    else
      EXPECT_GT(ios_hit(summaries[i]) + figure(summaries[i], "network.frontend.packets_dropped") +
                    figure(summaries[i], "network.backend.packets_dropped"),
                0);
  }
}

// A read's request and a write's answer carry no payload, and are missed as soon as the rest.
TEST(Faults, a_lost_frame_costs_a_round_trip_whatever_it_carried) {
  const std::string text = R"(
scenario: lossy
system: rpc
compute: {servers: 1}
storage: {servers: 1}
volumes: {per_server: 1, size: 16GiB}
workload:
  - {name: job, bs: 4k, rate_iops: 50k, rate_process: poisson, ramp_time: 5ms, runtime: 95ms}
)";
  std::vector<Scenario> scenarios;
  std::vector<std::string> names;
  for (const std::string stack : {"kernel_tcp", "luna", "rdma"})
    for (const std::string rw : {"randread", "randwrite"})
      for (const std::string port : {"compute-0", "storage-0"}) {
        names.push_back(stack + " " + rw + " " + port);
        scenarios.push_back(scenario_of(
            text, {"frontend={stack: " + stack + ", agent: host}", "workload.0.rw=" + rw,
                   "faults=[{kind: loss, target: 'frontend/" + port +
                       "/port-*', at: 20ms, for: 60ms, rate: 0.003}]"}));
      }
  const auto summaries = run_all(scenarios);
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    SCOPED_TRACE(names[i]);
    expect_sound(summaries[i]);
    EXPECT_GT(ios_hit(summaries[i]), 3);
    EXPECT_LT(ios_hit(summaries[i]), 300);
    EXPECT_LT(worst_latency_ns(summaries[i]), 1e6);
  }
}

TEST(Faults, a_slow_ssd_is_mended_when_the_last_of_its_faults_is) {
  const std::string text = R"(
scenario: slow
system: device
storage: {servers: 1, ssds_per_server: 1}
workload:
  - {name: job, rw: randread, bs: 4k, iodepth: 1, ramp_time: 10ms, runtime: 190ms}
)";
  const std::string one =
      "{kind: slow_ssd, target: storage-0/ssd-0, at: 20ms, for: 160ms, factor: 20}";
  const std::string two =
      ", {kind: slow_ssd, target: random, among: storage-0/ssd-0, at: 40ms, for: 10ms, factor: 2}";
  const auto summaries = run_all({scenario_of(text, {"faults=[" + one + "]"}),
                                  scenario_of(text, {"faults=[" + one + two + "]"})});
  EXPECT_NEAR(figure(summaries[1], "jobs.0.read.lat_ns.mean"),
              figure(summaries[0], "jobs.0.read.lat_ns.mean"),
              0.02 * figure(summaries[0], "jobs.0.read.lat_ns.mean"));
}

TEST(Faults, rdma_beyond_the_nics_cache_counts_what_was_disturbed_all_the_same) {
  std::vector<Scenario> scenarios;
  for (const std::string cached : {"5000", "1"})
    scenarios.push_back(scenario_of(
        kBreakable, with_fault("kind: loss, target: 'frontend/tor-*', rate: 0.05",
                               {"frontend={stack: rdma}", "workload.0.runtime=250ms",
                                "profiles={rdma: {cached_connections: " + cached + "}}"})));
  const auto summaries = run_all(scenarios);
  EXPECT_GT(ios_hit(summaries[0]), 50);
  EXPECT_NEAR(ios_hit(summaries[1]), ios_hit(summaries[0]), 0.5 * ios_hit(summaries[0]));
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
  EXPECT_GT(ios_hit(summaries[1]), 0);
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
