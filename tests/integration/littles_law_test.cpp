// L = lambda W: the books of stations, the ledgers of I/Os and the counts of jobs say the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "models/ebs/profile.hpp"
#include "models/host/node.hpp"
#include "models/net/luna.hpp"
#include "models/ssd/nand_ssd.hpp"
#include "tests/integration/cluster.hpp"

namespace orrery {
namespace littles_law_test {

// The sum of a figure over the stations whose names begin and end so.
double sum_over_stations(const Json& summary, const std::string& begin, const std::string& end,
                         const std::string& what) {
  double sum = 0;
  for (const Json& station : summary.at("stations")) {
    const auto name = station.at("name").get<std::string>();
    if (name.starts_with(begin) && name.find(end) != std::string::npos)
      sum += station.at(what).get<double>();
  }
  return sum;
}

TEST(LittlesLaw, the_queue_of_every_station_is_its_rate_times_its_wait) {
  constexpr int kDepth = 64;
  std::vector<Scenario> scenarios;
  for (const std::string& stack : kFrontends)
    scenarios.push_back(scenario_of(
        kCluster, {"frontend.stack=" + stack, "workload.0.iodepth=" + std::to_string(kDepth),
                   "workload.0.rw=randrw", "profiles.ebs2.poll_interval=8us"}));
  for (const Json& summary : run_all(scenarios)) {
    expect_sound(summary);
    const double span_us = figure(summary, "jobs.0.job_runtime") * 1e3;
    const double in_flight = kDepth * figure(summary, "jobs.0.volumes");
    int loaded = 0;
    for (const Json& station : summary.at("stations")) {
      const double served = figure(station, "served");
      const double queue = figure(station, "mean_queue");
      // Up to what came before the span or is there at its end: no more than is in flight, three
      // replicas each.
      EXPECT_NEAR(queue, served / span_us * figure(station, "mean_wait_us"),
                  queue * 3 * in_flight / std::max(served, 1.0) + 1e-3)
          << station.at("name");
      EXPECT_NEAR(figure(station, "utilisation"),
                  figure(station, "mean_busy") / figure(station, "servers"), 1e-12);
      loaded += queue > 0.01 && served > 10 * in_flight;
    }
    EXPECT_GT(loaded, 3);
  }
}

// A closed loop is as long as its depth; an open one as its rate times its latency.
TEST(LittlesLaw, the_ios_in_flight_of_a_job_are_its_rate_times_its_latency) {
  for (const std::string& yaml : {kCluster, kRpc}) {
    const Json closed = run(scenario_of(yaml, {"workload.0.iodepth=16"}));
    const double volumes = figure(closed, "jobs.0.volumes");
    EXPECT_NEAR(figure(closed, "jobs.0.write.iops") * figure(closed, "jobs.0.write.lat_ns.mean"),
                volumes * 16 * 1e9, 0.01 * volumes * 16 * 1e9);
    for (const Json& point : closed.at("timeline"))
      EXPECT_EQ(figure(point, "in_flight"), volumes * 16);
    EXPECT_EQ(figure(closed, "jobs.0.ios.in_flight"), volumes * 16);

    const Json open =
        run(scenario_of(yaml, {"workload.0={name: job, rw: randwrite, bs: 4k, rate_iops: 80000, "
                               "rate_process: poisson, ramp_time: 2ms, runtime: 50ms}"}));
    double in_flight = 0;
    int points = 0;
    for (const Json& point : open.at("timeline")) {
      if (figure(point, "time_ms") < 2) continue;
      in_flight += figure(point, "in_flight");
      ++points;
    }
    ASSERT_GT(points, 80);
    const double expected =
        figure(open, "jobs.0.write.iops") * figure(open, "jobs.0.write.lat_ns.mean") * 1e-9;
    // The mean of about a hundred nearly independent Poisson counts.
    EXPECT_NEAR(in_flight / points, expected, 4.5 * std::sqrt(expected / points));
  }
}

// Writes on a device whose buffer does not fill are in its controller or on its link, and nowhere
// else.
TEST(LittlesLaw, a_devices_stations_hold_all_of_a_closed_loop) {
  const Json summary = run(scenario_of(R"(
scenario: device
system: device
storage: {servers: 1, ssds_per_server: 1}
workload:
  - {name: job, rw: randwrite, bs: 4k, iodepth: 64, ramp_time: 1ms, runtime: 9ms}
)"));
  double in_system = 0;
  for (const std::string part : {"controller", "link_write"})
    for (const std::string what : {"mean_busy", "mean_queue"})
      in_system += sum_over_stations(summary, "storage-0/ssd-0", part, what);
  EXPECT_NEAR(in_system, 64, 1e-6);
  // And of their time the I/Os' ledgers say the same.
  const double iops = figure(summary, "jobs.0.write.iops");
  const double busy = sum_over_stations(summary, "storage-0/ssd-0", "controller", "mean_busy") +
                      sum_over_stations(summary, "storage-0/ssd-0", "link_write", "mean_busy");
  EXPECT_NEAR(iops * figure(summary, "jobs.0.write.stages.ssd.service_ns.mean") * 1e-9, busy,
              0.02 * busy);
}

// The agent's cores: what I/Os waited and worked by their ledgers is what the cores' books hold.
TEST(LittlesLaw, the_agents_cores_hold_what_ios_say_they_waited_and_worked_there) {
  const Scenario scenario = scenario_of(
      kCluster, {"profiles.ebs2.queue_pairs=1", "volumes.per_server=1", "volumes.size=2TiB",
                 "workload.0={name: job, rw: randwrite, bs: 4k, rate_iops: 150000, "
                 "rate_process: poisson, ramp_time: 5ms, runtime: 100ms}"});
  const Json summary = run(scenario);
  const double iops = figure(summary, "jobs.0.write.iops");
  const auto luna = profile_in<LunaProfile>(scenario, "luna");
  const double agent_us = figure(summary, "jobs.0.write.stages.sa.service_ns.mean") * 1e-3;
  const double transport_us = to_microseconds(luna.transport_per_block);
  EXPECT_NEAR(sum_over_stations(summary, "compute-0/", "core-", "mean_busy"),
              iops * (agent_us + transport_us) * 1e-6, 1e-3);
  // The answer's visit is the agent's first, as the submission's.
  const double waited = iops * figure(summary, "jobs.0.write.stages.sa.wait_ns.mean") * 1e-9;
  EXPECT_GT(waited, 0.1);
  EXPECT_NEAR(sum_over_stations(summary, "compute-0/", "core-", "mean_queue"), waited,
              0.01 * waited);
}

// U = X S for every machine, S from the profiles.
TEST(UtilisationLaw, cores_are_busy_for_the_work_of_the_profiles_per_io) {
  for (const bool write : {true, false}) {
    const Scenario scenario =
        scenario_of(kCluster, {std::string("workload.0.rw=") + (write ? "randwrite" : "randread"),
                               "workload.0.iodepth=16", "workload.0.runtime=50ms"});
    const Json summary = run(scenario);
    const auto ebs = profile_in<EbsProfile>(scenario, "ebs2");
    const auto luna = profile_in<LunaProfile>(scenario, "luna");
    const std::string side = write ? "jobs.0.write" : "jobs.0.read";
    const double iops = figure(summary, side + ".iops");
    const Duration agent = ebs.agent_submit_per_io + ebs.agent_tables_per_io +
                           ebs.agent_work_per_block + ebs.agent_complete_per_io +
                           luna.transport_per_block;
    const Duration servers = (write ? ebs.block_server_write + ebs.chunk_server_write * 3
                                    : ebs.block_server_read + ebs.chunk_server_read) +
                             luna.transport_per_block;
    const double compute_cores = figure(summary, "resources.compute_cores_used");
    const double storage_cores = figure(summary, "resources.storage_cores_used") *
                                 static_cast<double>(scenario.storage.servers);
    EXPECT_NEAR(compute_cores, iops * to_seconds(agent), 0.01 * compute_cores);
    EXPECT_NEAR(storage_cores, iops * to_seconds(servers), 0.01 * storage_cores);
  }
}

TEST(UtilisationLaw, links_carry_the_bytes_of_the_ios) {
  const Scenario scenario =
      scenario_of(kCluster, {"frontend.agent=dpu", "workload.0.bs=64k", "workload.0.iodepth=8"});
  const Json summary = run(scenario);
  const auto dpu = profile_in<DpuProfile>(scenario, "ali-dpu");
  const double rate = figure(summary, "jobs.0.write.bw_bytes");
  // Writes over LUNA: up the host link, down the internal one and up it again.
  for (const std::string way : {"down", "up"})
    EXPECT_NEAR(sum_over_stations(summary, "compute-0/dpu/internal_pcie", way, "mean_busy"),
                rate / dpu.internal_pcie_goodput.bytes_per_second(), 0.01);
  EXPECT_NEAR(sum_over_stations(summary, "compute-0/dpu/host_pcie", "up", "mean_busy"),
              rate / dpu.host_pcie_goodput.bytes_per_second(), 0.01);
}

}  // namespace littles_law_test
}  // namespace orrery
