// Jobs as a scenario gives them: which volumes they load, how fast they may go, what of them is
// measured.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "models/workload/zipf.hpp"
#include "tests/integration/cluster.hpp"

namespace orrery {
namespace workload_test {

const std::string kDisks = R"(
scenario: disks
system: device
storage: {servers: 2, ssds_per_server: 3}
workload:
  - {name: a, filename: "*", rw: randread, bs: 4k, ramp_time: 1ms, runtime: 5ms}
)";

TEST(Filename, loads_the_volumes_it_matches_and_no_others) {
  const std::pair<std::string, std::vector<std::string>> cases[] = {
      {"*", {"0/ssd-0", "0/ssd-1", "0/ssd-2", "1/ssd-0", "1/ssd-1", "1/ssd-2"}},
      {"storage-1/*", {"1/ssd-0", "1/ssd-1", "1/ssd-2"}},
      {"storage-?/ssd-2", {"0/ssd-2", "1/ssd-2"}},
      {"storage-0/ssd-1", {"0/ssd-1"}},
  };
  for (const auto& [glob, disks] : cases) {
    const Json summary = run(scenario_of(kDisks, {"workload.a.filename=\"" + glob + "\""}));
    EXPECT_EQ(figure(summary, "jobs.a.volumes"), static_cast<double>(disks.size())) << glob;
    std::vector<std::string> used;
    for (const Json& station : summary.at("stations")) {
      const auto name = station.at("name").get<std::string>();
      if (name.ends_with("/controller")) used.push_back(name.substr(8, 7));
    }
    EXPECT_EQ(used, disks) << glob;
  }
}

TEST(Override, by_a_jobs_name_changes_that_job_alone) {
  const Settings two = {
      "workload=[{name: a, rw: randread, bs: 4k, ramp_time: 1ms, runtime: 5ms}, "
      "{name: b, rw: randread, bs: 4k, ramp_time: 1ms, runtime: 5ms}]",
      "workload.b.bs=64k", "workload.b.filename=storage-0/ssd-0"};
  const Json summary = run(scenario_of(kDisks, two));
  EXPECT_EQ(text_at(summary, "jobs.a.job options.bs"), "4k");
  EXPECT_EQ(text_at(summary, "jobs.b.job options.bs"), "64k");
  EXPECT_EQ(figure(summary, "jobs.a.volumes"), 6);
  EXPECT_EQ(figure(summary, "jobs.b.volumes"), 1);
  for (const auto& [job, bytes] : {std::pair{"a", 4096.0}, {"b", 65536.0}})
    EXPECT_DOUBLE_EQ(figure(summary, fmt::format("jobs.{}.read.io_bytes", job)) /
                         figure(summary, fmt::format("jobs.{}.read.total_ios", job)),
                     bytes);
}

TEST(Limits, of_iops_and_bandwidth_are_each_volumes_own) {
  const Settings deep = {"workload.0.iodepth=16", "workload.0.ramp_time=20ms",
                         "workload.0.runtime=40ms"};
  const auto with = [&](const std::string& limit, const std::string& bs) {
    Settings set = deep;
    set.push_back(limit);
    set.push_back("workload.0.bs=" + bs);
    set.push_back("volumes.limit_burst=1ms");
    return scenario_of(kCluster, set);
  };
  const auto summaries = run_all({with("volumes.iops_limit=10000", "4k"),
                                  with("volumes.bandwidth_limit=100MB/s", "4k"),
                                  with("volumes.bandwidth_limit=100MB/s", "64k")});
  for (const Json& summary : summaries) expect_sound(summary);
  // Two volumes; up to an I/O of each at either end of the span.
  EXPECT_NEAR(figure(summaries[0], "jobs.0.write.iops"), 20'000, 2 / 0.04);
  EXPECT_NEAR(figure(summaries[1], "jobs.0.write.bw_bytes"), 200e6, 2 * 4096 / 0.04);
  EXPECT_NEAR(figure(summaries[2], "jobs.0.write.bw_bytes"), 200e6, 2 * 65536 / 0.04);
  for (const Json& summary : summaries) {
    // Waiting for tokens is a stage of its own and in none of the published components.
    const double qos = figure(summary, "jobs.0.write.stages.qos.wait_ns.mean");
    double components = 0;
    for (const auto& [name, times] : summary.at("jobs").at(0).at("write").at("components").items())
      components += figure(times, "mean");
    EXPECT_GT(qos, 5 * components);
    EXPECT_NEAR(qos + components, figure(summary, "jobs.0.write.lat_ns.mean"), 1);
  }
}

// A loop that always has an I/O waiting passes what flows in and the burst, and no more.
TEST(Limits, let_a_burst_pass_on_top_of_the_rate) {
  constexpr int kDepth = 400;  // more than the largest burst
  std::vector<Scenario> scenarios;
  const double bursts_ms[] = {0, 5, 20};
  for (const double burst : bursts_ms)
    scenarios.push_back(scenario_of(
        kCluster, {"volumes.per_server=1", "volumes.size=512GiB", "volumes.iops_limit=10000",
                   fmt::format("volumes.limit_burst={}ms", burst),
                   fmt::format("workload.0.iodepth={}", kDepth), "workload.0.ramp_time=0ms",
                   "workload.0.runtime=50ms"}));
  const auto summaries = run_all(scenarios);
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    const double expected = 10'000 * (0.05 + bursts_ms[i] / 1e3);
    // Those that have passed and not ended are missing: a latency's worth of the rate, at most a
    // millisecond.
    EXPECT_LE(figure(summaries[i], "jobs.0.ios.done"), expected + 1) << bursts_ms[i];
    EXPECT_GE(figure(summaries[i], "jobs.0.ios.done"), expected - 10) << bursts_ms[i];
  }
}

TEST(RampTime, is_left_out_of_everything_measured) {
  // A burst of tokens makes the first milliseconds fast.
  const Settings set = {"volumes.per_server=1", "volumes.iops_limit=10000",
                        "volumes.limit_burst=10ms", "workload.0.iodepth=32",
                        "workload.0.runtime=20ms"};
  const auto with = [&](const std::string& ramp) {
    Settings one = set;
    one.push_back("workload.0.ramp_time=" + ramp);
    return scenario_of(kCluster, one);
  };
  const auto summaries = run_all({with("0ms"), with("30ms")});
  EXPECT_EQ(figure(summaries[0], "jobs.0.warm_up_ms"), 0);
  EXPECT_NEAR(figure(summaries[0], "jobs.0.write.iops"), 10'000 * 30 / 20.0, 150);
  EXPECT_EQ(figure(summaries[1], "jobs.0.warm_up_ms"), 30);
  EXPECT_EQ(figure(summaries[1], "jobs.0.job_runtime"), 20);
  EXPECT_NEAR(figure(summaries[1], "jobs.0.write.iops"), 10'000, 100);
  // Conservation is of the whole life, the ramp included.
  EXPECT_NEAR(figure(summaries[1], "jobs.0.ios.arrived"), 10'000 * 0.06, 40);
  // Without a burst's I/Os the shortest latency is that of one waiting for its token.
  EXPECT_LT(figure(summaries[0], "jobs.0.write.lat_ns.min"), 1e6);
  EXPECT_GT(figure(summaries[1], "jobs.0.write.lat_ns.min"), 2e6);
}

TEST(RampTime, counts_exactly_the_arrivals_of_the_span) {
  for (const double ramp_ms : {0.0, 7.0}) {
    const Json summary = run(scenario_of(
        kCluster, {fmt::format("workload.0={{name: job, rw: randwrite, bs: 4k, rate_iops: 5000, "
                               "ramp_time: {}ms, runtime: 20ms}}",
                               ramp_ms)}));
    // Linear arrivals, two volumes: within one each, and what arrived late has not ended.
    EXPECT_NEAR(figure(summary, "jobs.0.write.lat_ns.N"), 200, 4);
    EXPECT_NEAR(figure(summary, "jobs.0.ios.arrived"), 10 * (20 + ramp_ms), 2);
  }
}

TEST(RampTime, machines_are_measured_from_its_end_too) {
  const Settings heavy_first = {
      "workload=[{name: heavy, rw: randwrite, bs: 4k, iodepth: 32, ramp_time: 0ms, runtime: 20ms}, "
      "{name: light, rw: randwrite, bs: 4k, rate_iops: 1000, ramp_time: 40ms, runtime: 40ms}]"};
  const Scenario scenario = scenario_of(kCluster, heavy_first);
  const Json summary = run(scenario);
  const double light = figure(summary, "jobs.light.write.iops");
  // A light I/O takes three appends and one visit to the block server, some 40 us of core time.
  EXPECT_LT(figure(summary, "resources.storage_cores_used") * 4, light * 50e-6);
}

TEST(BsSplit, of_the_production_mix_moves_the_published_bytes_per_io) {
  const Json summary = run(scenario_of(
      kRpc, {"volumes.per_server=4",
             "workload.0={name: job, rw: randrw, rwmixread: 22, bssplit: s22-production, "
             "rate_iops: 8000, rate_process: poisson, ramp_time: 5ms, runtime: 400ms}"}));
  expect_sound(summary);
  for (const auto& [side, kib] : {std::pair{"read", 40.6}, {"write", 31.0}}) {  // SIGCOMM'22 Fig. 5
    const std::string path = std::string("jobs.0.") + side;
    const double ios = figure(summary, path + ".total_ios");
    const double mean = figure(summary, path + ".io_bytes") / ios / 1024;
    // 2 % of ranges that are represented by single sizes; sizes deviate by about their mean and a
    // half, 4.5 errors.
    EXPECT_NEAR(mean, kib, 0.02 * kib + 4.5 * 1.5 * kib / std::sqrt(ios)) << side;
  }
  const double reads = figure(summary, "jobs.0.read.total_ios");
  const double all = reads + figure(summary, "jobs.0.write.total_ios");
  EXPECT_NEAR(reads / all, 0.22, 4.5 * std::sqrt(0.22 * 0.78 / all));
}

// The hottest block makes its block server's thread the busiest.
TEST(RandomDistribution, zipf_loads_one_thread_with_the_hottest_blocks_share) {
  constexpr double kTheta = 1.2;
  const auto with = [](const std::string& where) {
    return scenario_of(
        kCluster, {"volumes={per_server: 1, size: 1TiB}",
                   "workload.0={name: job, rw: randread, bs: 4k, rate_iops: 20000, rate_process: "
                   "poisson, random_distribution: \"" +
                       where + "\", ramp_time: 5ms, runtime: 100ms}"});
  };
  const Scenario zipf = with(fmt::format("zipf:{}", kTheta));
  const auto busiest_share = [](const Json& summary) {
    double most = 0, all = 0;
    for (const Json& station : summary.at("stations")) {
      const auto name = station.at("name").get<std::string>();
      if (!name.starts_with("storage-") || name.find("/core-") == std::string::npos) continue;
      if (std::stoi(name.substr(name.rfind('-') + 1)) >= 8) continue;  // chunk servers' cores
      most = std::max(most, figure(station, "served"));
      all += figure(station, "served");
    }
    return most / all;
  };
  const auto summaries = run_all({zipf, with("random")});
  const auto blocks = static_cast<std::uint64_t>(zipf.volumes.size / kBlock);
  const double hottest = 1 / Zipf::zeta(blocks, kTheta);
  EXPECT_GT(hottest, 0.1);
  const double ios = figure(summaries[0], "jobs.0.read.total_ios");
  // Its thread has a share of the other blocks as well: 32 segments over 32 threads, by a hash.
  EXPECT_GT(busiest_share(summaries[0]), hottest - 4.5 * std::sqrt(hottest / ios));
  EXPECT_LT(busiest_share(summaries[1]), 5.0 / 32);
  EXPECT_GT(busiest_share(summaries[0]), busiest_share(summaries[1]));
}

}  // namespace workload_test
}  // namespace orrery
