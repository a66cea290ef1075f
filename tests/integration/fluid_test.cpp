// `network: fluid` held against packets: where they must agree, and where they cannot.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/integration/cluster.hpp"

namespace orrery {
namespace fluid_test {

// One port per NIC, so that ECMP cannot put two connections of one server on the same.
const Settings kOnePort = {"profiles.compute-25g.nic_ports=1", "profiles.storage-25g.nic_ports=1"};

const std::string kFourPairs = R"(
scenario: pairs
system: rpc
compute: {servers: 4}
storage: {servers: 4}
frontend: {stack: luna, agent: host}
workload:
  - {name: job, rw: randwrite, bs: 64k, iodepth: 16, ramp_time: 5ms, runtime: 40ms}
)";

const std::string kDisks = R"(
scenario: disks
system: ebs
compute: {servers: 2, guest: none}
storage: {servers: 6, racks: 6, ssds_per_server: 12}
frontend: {stack: luna}
backend: {stack: rdma}
volumes: {per_server: 4, size: 384GiB}
workload:
  - {name: job, rw: randread, bs: 64k, iodepth: 32, ramp_time: 10ms, runtime: 40ms}
)";

struct Both {
  Json packets, fluid;
};
Both both(const std::string& yaml, Settings set) {
  set.push_back("network=packets");
  const Scenario packets = scenario_of(yaml, set);
  set.back() = "network=fluid";
  auto summaries = run_all({packets, scenario_of(yaml, set)});
  for (const Json& summary : summaries) expect_sound(summary);
  return {summaries[0], summaries[1]};
}

Settings with(Settings set, const Settings& more) {
  set.insert(set.end(), more.begin(), more.end());
  return set;
}

double p99(const Json& summary) {
  return summary.at("jobs")
      .at(0)
      .at("write")
      .at("lat_ns")
      .at("percentile")
      .at("99.000000")
      .get<double>();
}

void expect_close(const Both& runs, const std::string& path, double share) {
  const double packets = figure(runs.packets, path);
  EXPECT_NEAR(figure(runs.fluid, path), packets, share * packets) << path;
}

// With a window of less than two bursts a stream of packets would slide where a flow stops and
// goes.
TEST(Fluid, saturates_links_as_packets_do) {
  for (const std::string stack : {"kernel_tcp", "luna", "rdma", "wire"})
    for (const std::string job : {"bs=64k", "bs=1m"}) {
      SCOPED_TRACE(stack + " " + job);
      expect_close(both(kFourPairs, with(kOnePort, {"frontend.stack=" + stack, "workload.0." + job,
                                                    "profiles={luna: {window: 128KiB}}"})),
                   "jobs.0.iops", 0.05);
    }
}

// HPCC aims at 95 % of a link; without it SOLAR's windows fill it.
TEST(Fluid, saturates_links_as_solar_without_hpcc_does) {
  expect_close(both(kFourPairs,
                    with(kOnePort, {"frontend={stack: solar}", "profiles.solar.congestion=none"})),
               "jobs.0.iops", 0.05);
}

TEST(Fluid, saturates_a_server_that_several_clients_share_as_packets_do) {
  const Both runs = both(kFourPairs, with(kOnePort, {"storage.servers=1", "workload.0.iodepth=4"}));
  expect_close(runs, "jobs.0.iops", 0.05);
  expect_close(runs, "resources.storage_link_utilisation", 0.05);
  EXPECT_GT(figure(runs.fluid, "resources.storage_link_utilisation"), 0.95);
}

TEST(Fluid, saturates_an_ebs_as_packets_do) {
  for (const std::string rw : {"randread", "randwrite"}) {
    SCOPED_TRACE(rw);
    // Writes are bound by the agents' cores and SSDs, reads by the compute servers' links.
    expect_close(both(kDisks, with(kOnePort, {"workload.0.rw=" + rw, "workload.0.iodepth=8"})),
                 "jobs.0.iops", 0.05);
  }
}

TEST(Fluid, takes_as_long_for_long_messages) {
  for (const std::string stack : {"kernel_tcp", "luna", "rdma"}) {
    SCOPED_TRACE(stack);
    expect_close(both(kFourPairs, {"frontend.stack=" + stack, "workload.0.bs=64m",
                                   "workload.0.iodepth=1", "workload.0.runtime=1s"}),
                 "jobs.0.write.lat_ns.mean", 0.05);
  }
}

TEST(Fluid, takes_as_long_for_one_block_alone) {
  for (const std::string stack : {"kernel_tcp", "luna", "rdma", "solar_star", "solar", "wire"}) {
    SCOPED_TRACE(stack);
    const std::string agent = stack.starts_with("solar") ? "auto" : "host";
    expect_close(both(kRpc, {"frontend={stack: " + stack + ", agent: " + agent + "}"}),
                 "jobs.0.write.lat_ns.mean", 0.01);
  }
  // A write's three replicas leave by two ports: packets by ECMP's choice, flows by both.
  for (const std::string rw : {"randread", "randwrite"})
    expect_close(both(kCluster, {"workload.0.rw=" + rw}), "jobs.0.iops", 0.04);
}

const std::string kTails = R"(
scenario: tails
system: rpc
compute: {servers: 8}
storage: {servers: 1}
frontend: {stack: luna, agent: host}
workload:
  - {name: job, rw: randwrite, bs: 4k, rate_iops: 60k, rate_process: poisson, ramp_time: 5ms,
     runtime: 60ms}
)";

// Which connections meet on a port of the server is ECMP's luck; flows have both ports' bandwidth
// to share.
TEST(Fluid, has_shorter_tails_where_ecmp_collides) {
  const Both runs = both(kTails, {"workload.0.rate_iops=120k"});
  expect_close(runs, "jobs.0.iops", 0.03);
  EXPECT_GT(p99(runs.packets), 1.2 * p99(runs.fluid));
}

// Equal messages that share a link all end late; in a queue only the last does: M/D/1 waits half as
// long as processor sharing.
TEST(Fluid, has_longer_tails_where_a_queue_serves_equals_in_turn) {
  const Both runs = both(kTails, kOnePort);
  expect_close(runs, "jobs.0.iops", 0.03);
  EXPECT_LT(p99(runs.packets), p99(runs.fluid));
}

TEST(Fluid, repeats_itself_byte_by_byte) {
  const Scenario disks = scenario_of(kDisks, {"network=fluid", "workload.0.rw=randwrite"});
  const Scenario pairs = scenario_of(kFourPairs, {"network=fluid", "frontend.stack=kernel_tcp"});
  const auto texts = run_texts({disks, pairs, disks, pairs});
  EXPECT_EQ(texts[0], texts[2]);
  EXPECT_EQ(texts[1], texts[3]);
}

TEST(Fluid, says_what_it_is_and_what_it_leaves_out) {
  const Json fluid = run(scenario_of(kFourPairs, {"network=fluid"}));
  EXPECT_EQ(fluid.at("network model"), "fluid");
  EXPECT_THAT(fluid.at("notes").dump(), testing::HasSubstr("not modelled"));
  EXPECT_FALSE(fluid.at("resources").contains("packets_dropped"));
  const Json& frontend = fluid.at("network").at("frontend");
  EXPECT_GT(figure(frontend, "flows"), 1000);
  EXPECT_GT(figure(frontend, "messages_without_payload"), 1000);
  EXPECT_EQ(figure(frontend, "flows_broken"), 0);
  for (const Json& port : fluid.at("ports")) EXPECT_LE(figure(port, "utilisation"), 1.0 + 1e-6);
}

TEST(Fluid, without_a_network_changes_nothing_and_says_so) {
  const Scenario device = scenario_of(
      "scenario: d\nsystem: device\nnetwork: fluid\nworkload:\n"
      "  - {name: j, rw: randread, bs: 4k}\n");
  EXPECT_THAT(device.notes,
              testing::Contains(testing::HasSubstr("test.yaml:3:1: `network` changes nothing")));
}

}  // namespace fluid_test
}  // namespace orrery
