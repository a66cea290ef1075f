// An I/O alone: twice a latency or a piece of work in a profile makes it longer by exactly as much
// as the path meets it.
#include <gtest/gtest.h>

#include "models/host/dpu.hpp"
#include "scenarios/text/value_text.hpp"
#include "tests/integration/cluster.hpp"

namespace orrery {
namespace idle_io_test {

// How often the path of an I/O meets a duration of a profile, in the time of the reference host.
struct Met {
  std::string profile;
  std::string parameter;
  double write;
  double read;
};

// One replica in another rack, one I/O at a time. The networks have fabrics of their own, so that
// each is changed alone.
const Settings kAlone = {
    "ebs.replicas=1",           "ebs.quorum=1",
    "backend.fabric=clos-100g", "compute.guest=linux-guest",
    "volumes.per_server=1",     "workload.0.bs=4k",
    "workload.0.runtime=5ms",
};

Duration value_of(const Scenario& scenario, const Met& met) {
  for (const auto& [name, parameter] : scenario.profile(met.profile).parameters)
    if (name == met.parameter) return std::get<Duration>(parameter.value);
  ADD_FAILURE() << "no parameter " << met.parameter;
  return {};
}

// The shortest latencies: those of writes that continue a stream on the device, and of any read.
void expect_met(const std::string& yaml, const Settings& set, const std::vector<Met>& all) {
  for (const std::string side : {"write", "read"}) {
    Settings base = set;
    base.push_back(std::string("workload.0.rw=rand") + side);
    std::vector<Scenario> scenarios = {scenario_of(yaml, base)};
    for (const Met& met : all) {
      Settings twice = base;
      const Duration value = value_of(scenarios[0], met);
      EXPECT_GT(value, Duration{}) << met.parameter;
      twice.push_back("profiles." + met.profile + "." + met.parameter + "=" +
                      format_value(Quantity::duration, Value{value * 2}));
      scenarios.push_back(scenario_of(yaml, twice));
    }
    const auto summaries = run_all(scenarios);
    const std::string path = "jobs.0." + side + ".lat_ns.min";
    const double alone = figure(summaries[0], path);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Duration value = value_of(scenarios[0], all[i]);
      const double times = side == "write" ? all[i].write : all[i].read;
      // Work is scaled to a core's speed and rounded to a picosecond, each piece for itself.
      EXPECT_NEAR(figure(summaries[i + 1], path) - alone, to_nanoseconds(value) * times, 0.003)
          << all[i].profile << "." << all[i].parameter << ", " << side;
    }
  }
}

Settings alone_with(const Settings& more) {
  Settings set = kAlone;
  set.insert(set.end(), more.begin(), more.end());
  return set;
}

// Each way: two NICs, two cables to servers and two to spines, three switches.
const std::vector<Met> kNetworks = {
    {"clos-25g", "nic_latency", 4, 4},        {"clos-25g", "server_propagation", 4, 4},
    {"clos-25g", "spine_propagation", 4, 4},  {"clos-25g", "switch_latency", 6, 6},
    {"clos-100g", "nic_latency", 4, 4},       {"clos-100g", "server_propagation", 4, 4},
    {"clos-100g", "spine_propagation", 4, 4}, {"clos-100g", "switch_latency", 6, 6},
};
const std::vector<Met> kServers = {
    {"ebs2", "block_server_write", 1, 0},
    {"ebs2", "block_server_read", 0, 1},
    {"ebs2", "chunk_server_write", 1, 0},
    {"ebs2", "chunk_server_read", 0, 1},
    {"p4510-4tb", "sequential_write_command", 1, 0},
    {"p4510-4tb", "random_read_command", 0, 1},
    {"p4510-4tb", "read_time", 0, 1},
    {"linux-guest", "submit", 1, 1},
    {"linux-guest", "interrupt", 1, 1},
    {"linux-guest", "complete", 1, 1},
};

TEST(IdleIo, meets_the_networks_and_the_servers_as_often_as_its_path_says) {
  expect_met(kCluster, alone_with({"frontend.stack=luna"}), kNetworks);
  expect_met(kCluster, alone_with({"frontend.stack=luna"}), kServers);
}

TEST(IdleIo, over_luna_on_the_host_meets_agent_transport_and_dma) {
  expect_met(kCluster, alone_with({"frontend.stack=luna"}),
             {{"ebs2", "agent_submit_per_io", 1, 1},
              {"ebs2", "agent_tables_per_io", 1, 1},
              {"ebs2", "agent_work_per_block", 1, 1},
              {"ebs2", "agent_complete_per_io", 1, 1},
              {"luna", "transport_per_block", 2, 2},
              {"compute-25g", "nic_dma", 2, 2},
              {"storage-25g", "nic_dma", 6, 6}});
}

TEST(IdleIo, over_luna_on_the_dpu_takes_the_cards_cores_and_no_host_dma) {
  const Settings set = alone_with({"frontend.stack=luna", "frontend.agent=dpu"});
  const double slow = profile_in<DpuProfile>(scenario_of(kCluster, set), "ali-dpu").slowness;
  expect_met(kCluster, set,
             {{"ebs2", "agent_submit_per_io", slow, slow},
              {"ebs2", "agent_tables_per_io", slow, slow},
              {"ebs2", "agent_work_per_block", slow, slow},
              {"ebs2", "agent_complete_per_io", slow, slow},
              {"luna", "transport_per_block", slow + 1, slow + 1},
              {"compute-25g", "nic_dma", 0, 0},
              {"storage-25g", "nic_dma", 6, 6},
              {"ali-dpu", "fpga_dma", 0, 0}});
}

TEST(IdleIo, over_solar_meets_the_fpgas_stages_and_two_pieces_of_agent_work) {
  const Settings set = alone_with({"frontend.stack=solar"});
  const double slow = profile_in<DpuProfile>(scenario_of(kCluster, set), "ali-dpu").slowness;
  const std::vector<Met> met = {{"ebs2", "agent_submit_per_io", slow, slow},
                                {"ebs2", "agent_complete_per_io", slow, slow},
                                {"ebs2", "agent_tables_per_io", 0, 0},
                                {"ebs2", "agent_work_per_block", 0, 0},
                                {"solar", "packet_work", 1, slow},
                                {"ali-dpu", "fpga_qos", 1, 1},
                                {"ali-dpu", "fpga_block_table", 1, 1},
                                {"ali-dpu", "fpga_dma", 1, 1},
                                {"ali-dpu", "fpga_crc", 1, 1},
                                {"ali-dpu", "fpga_sec", 0, 0},
                                {"ali-dpu", "fpga_pktgen", 1, 0},
                                {"ali-dpu", "fpga_addr_table", 0, 1}};
  expect_met(kCluster, set, met);
  Settings encrypted = set;
  encrypted.push_back("volumes.encrypted=true");
  expect_met(kCluster, encrypted,
             {{"ali-dpu", "fpga_sec", 1, 1}, {"ebs2", "encryption_per_block", 0, 0}});
}

TEST(IdleIo, over_kernel_tcp_meets_every_wait_once_per_message) {
  expect_met(kCluster, alone_with({"frontend.stack=kernel_tcp"}),
             {{"kernel_tcp", "syscall", 4, 4},
              {"kernel_tcp", "transmit_per_block", 1, 1},
              {"kernel_tcp", "softirq_per_block", 1, 1},
              {"kernel_tcp", "interrupt_moderation", 2, 2},
              {"kernel_tcp", "wake_up", 2, 2},
              {"compute-25g", "nic_dma", 2, 2}});
}

TEST(IdleIo, is_encrypted_once_per_block_in_software) {
  expect_met(kCluster, alone_with({"frontend.stack=luna", "volumes.encrypted=true"}),
             {{"ebs2", "encryption_per_block", 1, 1}});
  expect_met(kCluster, alone_with({"frontend.stack=luna"}),
             {{"ebs2", "encryption_per_block", 0, 0}});
}

TEST(IdleIo, as_an_rpc_is_one_round_trip) {
  expect_met(kRpc, {"frontend.stack=luna"},
             {{"clos-25g", "nic_latency", 4, 4},
              {"clos-25g", "server_propagation", 4, 4},
              {"clos-25g", "spine_propagation", 4, 4},
              {"clos-25g", "switch_latency", 6, 6},
              {"luna", "transport_per_block", 2, 2}});
  expect_met(kRpc, {"frontend.stack=wire"}, {{"clos-25g", "switch_latency", 6, 6}});
}

// 4 KiB: what crosses a link or a wire takes its bytes over its rate.
TEST(IdleIo, crosses_each_link_of_the_dpu_in_its_bytes_over_the_goodput) {
  const Settings set = alone_with({"frontend.stack=luna", "frontend.agent=dpu"});
  const auto dpu = profile_in<DpuProfile>(scenario_of(kCluster, set), "ali-dpu");
  const auto with = [&](const std::string& parameter, BitRate rate) {
    Settings half = set;
    half.push_back("profiles.ali-dpu." + parameter + "=" +
                   format_value(Quantity::bit_rate, Value{BitRate{rate.bits_per_second() / 2}}));
    return scenario_of(kCluster, half);
  };
  const auto summaries =
      run_all({scenario_of(kCluster, set), with("internal_pcie_goodput", dpu.internal_pcie_goodput),
               with("host_pcie_goodput", dpu.host_pcie_goodput)});
  const std::string path = "jobs.0.write.lat_ns.min";
  const double alone = figure(summaries[0], path);
  EXPECT_NEAR(figure(summaries[1], path) - alone,
              to_nanoseconds(kBlock / dpu.internal_pcie_goodput) * 2, 0.003);
  EXPECT_NEAR(figure(summaries[2], path) - alone, to_nanoseconds(kBlock / dpu.host_pcie_goodput),
              0.003);
}

}  // namespace idle_io_test
}  // namespace orrery
