// Databases on a bare device: they run, their books balance, and what they do to the device is
// felt.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/integration/runs.hpp"

namespace orrery {
namespace application_test {

constexpr const char* kDatabases = R"(
scenario: test
system: device
storage: {servers: 1, ssds_per_server: 1}
applications:
  - {name: kv, kind: rocksdb, threads: 8, read_share: 0.5, keys: 1000000, ramp_time: 20ms, runtime: 100ms}
  - {name: sql, kind: oceanbase, threads: 8, read_share: 0.5, keys: 1000000, ramp_time: 20ms, runtime: 100ms}
profiles:
  rocksdb: {write_buffer_size: 1MiB, target_file_size: 1MiB, max_bytes_for_level_base: 4MiB, block_cache: 64MiB}
  oceanbase: {memstore: 16MiB, row_cache: 32MiB, block_cache: 32MiB}
)";

void expect_sound_applications(const Json& summary) {
  expect_sound(summary);
  for (const Json& application : summary.at("applications"))
    for (const Json& operation : application.at("operations")) {
      const std::string name =
          application.at("name").get<std::string>() + " " + operation.at("name").get<std::string>();
      EXPECT_GT(figure(operation, "ops"), 0) << name;
      EXPECT_EQ(figure(operation, "failed"), 0) << name;
      double sum = 0;
      for (const auto& [stage, times] : operation.at("stages").items())
        sum += figure(times, "total_ns.mean");
      const double mean = figure(operation, "lat_ns.mean");
      EXPECT_NEAR(sum, mean, 1e-9 * mean) << name;
    }
}

TEST(Applications, run_on_a_device_and_their_books_balance) {
  const Json summary = run(scenario_of(kDatabases));
  expect_sound_applications(summary);
  EXPECT_EQ(summary.at("jobs").size(), 0u);
  EXPECT_GT(figure(summary, "applications.kv.write_amplification"), 1);
  const double hits = figure(summary, "applications.kv.block_cache_hit_ratio");
  EXPECT_GT(hits, 0.2);
  EXPECT_LT(hits, 1);
  EXPECT_GT(figure(summary, "applications.sql.row_cache_hit_ratio"), 0.2);
  for (const char* kind : {"log", "flush", "read"})
    EXPECT_GT(figure(summary, std::string("applications.kv.io.") + kind + ".iops"), 0) << kind;
  EXPECT_GT(figure(summary, "resources.storage_cores_used"), 1);
  // Operations are on the timeline.
  bool is_there = false;
  for (const Json& row : summary.at("timeline"))
    is_there |= row.at("job") == "sql" && row.at("direction") == "transaction";
  EXPECT_TRUE(is_there);
}

TEST(Applications, one_seed_gives_the_same_bytes) {
  const auto texts = run_texts({scenario_of(kDatabases), scenario_of(kDatabases)});
  EXPECT_EQ(texts[0], texts[1]);
}

TEST(Applications, feel_a_job_beside_them) {
  const char* job = R"(
workload:
  - {name: noise, rw: randread, bs: 128k, iodepth: 128, numjobs: 4, ramp_time: 20ms, runtime: 100ms}
)";
  const auto alone = scenario_of(kDatabases);
  const auto beside = scenario_of(std::string(kDatabases) + job);
  const auto summaries = run_all({alone, beside});
  expect_sound_applications(summaries[1]);
  const std::string stage = "applications.kv.operations.read.stages.ssd.total_ns.mean";
  EXPECT_GT(figure(summaries[1], stage), 2 * figure(summaries[0], stage));
}

TEST(Applications, run_on_volumes_of_a_cluster_with_and_without_a_guest) {
  const char* yaml = R"(
scenario: test
system: ebs
compute: {servers: 1}
storage: {servers: 4, racks: 4}
volumes: {per_server: 2, size: 16GiB}
applications:
  - {name: kv, kind: rocksdb, threads: 4, read_share: 0.5, keys: 100000, rate_ops: 5000, ramp_time: 5ms, runtime: 40ms}
  - {name: sql, kind: oceanbase, threads: 4, keys: 100000, statements: 3, ramp_time: 5ms, runtime: 40ms}
profiles:
  oceanbase: {memstore: 256MiB}
)";
  const auto summaries = run_all({scenario_of(yaml), scenario_of(yaml, {"compute.guest=none"})});
  for (const Json& summary : summaries) {
    expect_sound_applications(summary);
    EXPECT_GT(figure(summary, "applications.kv.operations.update.stages.fn.total_ns.mean"), 0);
  }
  // Without a guest their work is on the compute server.
  EXPECT_GT(figure(summaries[1], "resources.compute_cores_used"),
            figure(summaries[0], "resources.compute_cores_used"));
  EXPECT_EQ(summaries[0].at("applications")[0].at("volumes"), 2);
}

TEST(Applications, a_pause_of_the_storage_is_seen_by_operations) {
  const Json summary = run(scenario_of(std::string(R"(
scenario: test
system: ebs
compute: {servers: 1, guest: none}
storage: {servers: 8, racks: 4}
volumes: {size: 16GiB}
applications:
  - {name: kv, kind: rocksdb, threads: 4, read_share: 0.5, keys: 100000, ramp_time: 10ms, runtime: 200ms}
faults:
  - {name: f, kind: server_down, target: storage-0, at: 50ms, for: 30ms}
)")));
  EXPECT_GT(figure(summary, "faults.0.ios_hit"), 0);
  // Puts wait for the log, whose block server is away.
  double longest = 0;
  for (const Json& row : summary.at("timeline"))
    if (row.at("job") == "kv" && row.at("direction") == "update")
      longest = std::max(longest, row.at("lat_max_ns").is_null() ? 0.0 : figure(row, "lat_max_ns"));
  EXPECT_GT(longest, 30e6);
}

}  // namespace application_test
}  // namespace orrery
