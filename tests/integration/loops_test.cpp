// Closed and open loops: what rate a system reaches, and that one which cannot keep up says so.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "models/ebs/profile.hpp"
#include "models/host/dpu.hpp"
#include "models/net/fabric.hpp"
#include "models/net/luna.hpp"
#include "models/net/solar.hpp"
#include "models/ssd/nand_ssd.hpp"
#include "tests/integration/cluster.hpp"

namespace orrery {
namespace loops_test {

const std::string kDevice = R"(
scenario: device
system: device
storage: {servers: 1, ssds_per_server: 1}
workload:
  - {name: job, rw: randread, bs: 4k, iodepth: 1, ramp_time: 2ms, runtime: 20ms}
)";

TEST(ClosedLoop, obeys_iops_is_iodepth_over_latency) {
  struct Case {
    std::string yaml;
    Settings set;
  };
  std::vector<Scenario> scenarios;
  std::vector<double> depths;
  for (const int depth : {1, 4, 32, 128}) {
    const std::string set = "workload.0.iodepth=" + std::to_string(depth);
    for (const Case& c : {Case{kCluster, {"frontend.stack=luna", set}},
                          Case{kCluster, {"frontend.stack=solar", set}},
                          Case{kCluster, {"workload.0.rw=randread", "workload.0.numjobs=3", set}},
                          Case{kRpc, {"volumes.per_server=2", set}}, Case{kDevice, {set}}}) {
      Settings settled = c.set;
      settled.insert(settled.end(), {"workload.0.ramp_time=20ms", "workload.0.runtime=60ms"});
      const Scenario scenario = scenario_of(c.yaml, settled);
      const auto volumes = static_cast<double>(scenario.volume_names().size());
      depths.push_back(depth * volumes * static_cast<double>(scenario.workload[0].numjobs));
      scenarios.push_back(scenario);
    }
  }
  const auto summaries = run_all(scenarios);
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    expect_sound(summaries[i]);
    double in_flight = 0;
    for (const JobSide& side : sides_of(summaries[i]))
      in_flight += figure(*side.side, "iops") * figure(*side.side, "lat_ns.mean") * 1e-9;
    // Exact but for I/Os that are under way at either end of the span.
    EXPECT_NEAR(in_flight, depths[i], 0.02 * depths[i]) << scenarios[i].head.scenario << " " << i;
    EXPECT_FALSE(summaries[i].at("jobs").at(0).at("saturated").get<bool>());
  }
}

TEST(OpenLoop, below_saturation_reaches_its_rate) {
  const auto job = [](double rate, const std::string& process) {
    return fmt::format(
        "workload.0={{name: job, rw: randread, bs: 4k, rate_iops: {}, "
        "rate_process: {}, ramp_time: 2ms, runtime: 50ms}}",
        rate, process);
  };
  struct Case {
    std::string yaml;
    double rate;
  };
  for (const std::string process : {"linear", "poisson"})
    for (const Case& c : {Case{kCluster, 30'000}, Case{kRpc, 200'000}, Case{kDevice, 300'000}}) {
      const Json summary = run(scenario_of(c.yaml, {job(c.rate, process)}));
      expect_sound(summary);
      const double offered = c.rate * figure(summary, "jobs.0.volumes");
      EXPECT_EQ(figure(summary, "jobs.0.read.offered_iops"), offered);
      EXPECT_FALSE(summary.at("jobs").at(0).at("saturated").get<bool>()) << c.yaml;
      const double expected = offered * 0.05;  // I/Os in the span
      const double deviation = process == "linear" ? 1 : std::sqrt(expected);
      EXPECT_NEAR(figure(summary, "jobs.0.read.total_ios"), expected, 4.5 * deviation + 20);
    }
}

// Capacities by closed form, and loops that offer a quarter more.
struct Bound {
  std::string name;
  std::string yaml;
  Settings set;
  std::function<double(const Scenario&)> iops;
};
void PrintTo(const Bound& bound, std::ostream* out) { *out << bound.name; }

double per_second(Duration time) { return 1 / to_seconds(time); }

std::vector<Bound> bounds() {
  return {
      {"device_controller",
       kDevice,
       {},
       [](const Scenario& s) {
         const auto p = profile_in<NandSsdProfile>(s, "p4510-4tb");
         return p.command_slots * per_second(p.random_read_command);
       }},
      {"luna_agent_core",
       kCluster,
       {"volumes.per_server=1", "volumes.size=2TiB", "profiles.ebs2.queue_pairs=1",
        "storage.servers=8", "storage.racks=8"},
       [](const Scenario& s) {
         const auto p = profile_in<EbsProfile>(s, "ebs2");
         return per_second(p.agent_submit_per_io + p.agent_tables_per_io + p.agent_work_per_block +
                           p.agent_complete_per_io +
                           profile_in<LunaProfile>(s, "luna").transport_per_block);
       }},
      {"solar_dpu_core",
       kCluster,
       {"volumes.per_server=1", "volumes.size=2TiB", "frontend.stack=solar",
        "profiles={ali-dpu: {cores: 1}, ebs2: {poll_interval: 0us}}", "storage.servers=8",
        "storage.racks=8"},
       [](const Scenario& s) {
         const auto p = profile_in<EbsProfile>(s, "ebs2");
         const auto d = profile_in<DpuProfile>(s, "ali-dpu");
         return per_second(scaled(p.agent_submit_per_io + p.agent_complete_per_io +
                                      profile_in<SolarProfile>(s, "solar").packet_work,
                                  d.slowness));
       }},
      // The answer's frames: one connection, one path, one NIC port.
      {"luna_rpc_wire",
       kRpc,
       {},
       [](const Scenario& s) {
         const auto p = profile_in<LunaProfile>(s, "luna");
         const auto f = profile_in<FabricProfile>(s, "clos-25g");
         const Bytes frame = f.mtu - p.tcp_ip_header;
         const Bytes message = kBlock + p.message_header;
         const Bytes wire =
             message + (p.tcp_ip_header + f.frame_overhead) * units_of(frame, message);
         return per_second(wire / gigabits_per_second(25));
       }},
  };
}

class Saturation : public testing::TestWithParam<Bound> {};
INSTANTIATE_TEST_SUITE_P(Bounds, Saturation, testing::ValuesIn(bounds()),
                         [](const auto& info) { return info.param.name; });

TEST_P(Saturation, is_where_the_closed_form_says_and_is_reported_beyond) {
  const Bound& bound = GetParam();
  const auto with = [&](const std::string& loop) {
    Settings set = bound.set;
    set.push_back("workload.0={name: job, rw: randread, bs: 4k, ramp_time: 5ms, runtime: 30ms, " +
                  loop + "}");
    return scenario_of(bound.yaml, set);
  };
  const auto open = [&](double rate) {
    return with(fmt::format("rate_iops: {}, rate_process: poisson", rate));
  };
  const double capacity = bound.iops(with("iodepth: 1"));
  const auto summaries =
      run_all({with("iodepth: 512"), open(capacity * 0.9), open(capacity * 1.25)});
  for (const Json& summary : summaries) expect_sound(summary);
  EXPECT_NEAR(figure(summaries[0], "jobs.0.iops"), capacity, 0.02 * capacity);

  const Json& below = summaries[1].at("jobs").at(0);
  EXPECT_FALSE(below.at("saturated").get<bool>());
  EXPECT_NEAR(figure(below, "iops"), capacity * 0.9, 0.03 * capacity);

  // I/Os that visit a queue twice may even get less than the capacity: those that have come wait
  // behind those that come.
  const Json& beyond = summaries[2].at("jobs").at(0);
  EXPECT_TRUE(beyond.at("saturated").get<bool>());
  EXPECT_LE(figure(beyond, "iops"), capacity * 1.02);
  EXPECT_GE(figure(beyond, "in_flight_growth"), capacity * 0.2 * 0.03);
  EXPECT_THAT(summaries[2].at("notes").dump(), testing::HasSubstr("saturated"));
}

// The volumes' segments fall on block server threads by hash; the one with most is overloaded long
// before the total shows it.
TEST(OpenLoop, that_overloads_one_thread_of_many_is_saturated_and_names_it) {
  const Json summary = run(library_scenario("first-light", {"workload.0.rate_iops=55000"}));
  expect_sound(summary);
  EXPECT_TRUE(summary.at("jobs").at(0).at("saturated").get<bool>());
  EXPECT_THAT(summary.at("notes").dump(), testing::HasSubstr("storage-2/core-2"));
  const Json below = run(library_scenario("first-light", {"workload.0.rate_iops=45000"}));
  EXPECT_FALSE(below.at("jobs").at(0).at("saturated").get<bool>());
}

// Storage that binds is the same storage, whatever stack its requests come over.
TEST(ClosedLoop, that_storage_binds_goes_as_far_over_any_stack) {
  std::vector<double> iops;
  for (const std::string stack : {"kernel_tcp", "luna", "solar"})
    iops.push_back(figure(
        run(library_scenario("first-light", {"frontend.stack=" + stack,
                                             "workload.0={name: mix, rw: randwrite, bs: 4k, "
                                             "iodepth: 64, ramp_time: 20ms, runtime: 60ms}"})),
        "jobs.0.iops"));
  EXPECT_NEAR(iops[0], iops[1], 0.08 * iops[1]);
  EXPECT_NEAR(iops[2], iops[1], 0.08 * iops[1]);
}

// A mix takes some 350 ms to fill the device's write buffer.
TEST(ClosedLoop, that_is_still_on_its_way_after_its_ramp_says_so) {
  const Settings mix = {"workload.0.rw=randrw", "workload.0.iodepth=128",
                        "workload.0.runtime=400ms"};
  Settings early = mix, late = mix;
  early.push_back("workload.0.ramp_time=20ms");
  late.push_back("workload.0.ramp_time=500ms");
  EXPECT_THAT(run(library_scenario("p4510", early)).at("notes").dump(),
              testing::HasSubstr("not in steady state"));
  EXPECT_THAT(run(library_scenario("p4510", late)).at("notes").dump(),
              testing::Not(testing::HasSubstr("not in steady state")));
}

TEST(OpenLoop, with_an_iodepth_keeps_the_rest_in_its_backlog) {
  const auto with = [](const std::string& loop) {
    return scenario_of(kDevice, {"workload.0={name: job, rw: randread, bs: 4k, iodepth: 4, "
                                 "ramp_time: 2ms, runtime: 30ms" +
                                 loop + "}"});
  };
  const auto summaries = run_all({with(""), with(", rate_iops: 100000, rate_process: poisson"),
                                  with(", rate_iops: 40000, rate_process: poisson")});
  for (const Json& summary : summaries) expect_sound(summary);
  // Four at a time, each for 77 us: half of what arrives, and no latency to quote.
  const double closed = figure(summaries[0], "jobs.0.read.iops");
  EXPECT_TRUE(summaries[1].at("jobs").at(0).at("saturated").get<bool>());
  EXPECT_NEAR(figure(summaries[1], "jobs.0.read.iops"), closed, 0.02 * closed);
  const Json& side = summaries[1].at("jobs").at(0).at("read");
  for (const char* key : {"slat_ns", "clat_ns", "lat_ns", "stages", "components", "slowest"})
    EXPECT_TRUE(side.at(key).is_null()) << key;
  // Below that the backlog is part of the latency.
  EXPECT_GT(figure(summaries[2], "jobs.0.read.slat_ns.mean"), 1000);
  EXPECT_NEAR(figure(summaries[2], "jobs.0.read.slat_ns.mean") +
                  figure(summaries[2], "jobs.0.read.clat_ns.mean"),
              figure(summaries[2], "jobs.0.read.lat_ns.mean"), 1);
}

}  // namespace loops_test
}  // namespace orrery
