// Every parameter of every profile, at the ends of its limits, at zero and beyond: a run ends, or
// is refused at a place before it begins. It never crashes, breaks an invariant or goes on for
// ever. Every key of a scenario likewise; those that say how much there is to do are loaded only.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "analysis/fleet/fleet_run.hpp"
#include "scenarios/text/value_text.hpp"
#include "tests/integration/runs.hpp"

namespace orrery {
namespace parameter_limits_test {

struct Base {
  std::string name;
  std::string text;
};

std::vector<Base> bases() {
  const std::string ebs =
      "scenario: ebs\nsystem: ebs\ncompute: {servers: 1}\nstorage: {servers: 4}\n"
      "volumes: {per_server: 1, size: 64GiB}\n"
      "workload: [{name: io, rw: randrw, bs: 4k, iodepth: 1, ramp_time: 1ms, runtime: 3ms}]\n";
  return {
      {"luna", ebs},
      {"solar",
       ebs + "frontend: {stack: solar}\nbackend: {stack: rdma}\nebs: {replicas: 3}\n"
             "faults: [{name: f, kind: loss, target: frontend/tor-0a, rate: 0.001, at: 1ms}]\n"},
      {"kernel_tcp", ebs + "frontend: {stack: kernel_tcp}\n"},
      {"rpc",
       "scenario: rpc\nsystem: rpc\nfrontend: {stack: wire}\n"
       "workload: [{name: io, rw: randrw, bs: 64k, iodepth: 2, ramp_time: 1ms, runtime: 3ms}]\n"},
      {"pool",
       "scenario: pool\nsystem: pool\n"
       "compute: {servers: 2, racks: 1, node: pool-25g, ssd: p4510-2tb, ssds_per_server: 2}\n"
       "storage: {servers: 2, racks: 1, node: pool-25g, ssd: p4510-2tb-steady, ssds_per_server: "
       "2,\n"
       "  capacity_ssd: d5-p5316, capacity_ssds_per_server: 1}\n"
       "volumes: {per_server: 2, size: 20GiB}\npool: {path: auto, remote_volumes: 1}\n"
       "logical_volumes:\n"
       "  - {name: mirror, host: compute-0, on: [compute-1, storage-0], raid: raid1, size: 1GiB}\n"
       "  - {name: thin, host: compute-1, on: storage-0, size: 10GiB, thin: true, snapshots: 2}\n"
       "  - {name: cold, host: compute-0, on: storage-1, size: 10GiB, tier: cached, cache: 1GiB}\n"
       "  - {name: far, host: compute-1, on: storage-1, size: 1GiB, path: remote_rdma}\n"
       "  - {name: mig, host: compute-0, on: storage-0, size: 4MiB, path: remote_tcp}\n"
       "operations:\n"
       "  - {kind: hot_upgrade, node: storage-0, at: 3ms, mode: inherit}\n"
       "  - {kind: hot_migration, volume: compute-0/mig, to: storage-1, at: 2ms}\n"
       "workload: [{name: io, filename: '*/*', rw: randrw, bs: 4k, iodepth: 2, ramp_time: 1ms,\n"
       "  runtime: 4ms}]\n"},
      {"fleet",
       "scenario: fleet\nsystem: fleet\nfleet: {runtime: 2h, sample_every: 30min}\n"
       "nodes:\n"
       "  - {shape: n, count: 5, cpu: 8, memory: 32GiB, disk: 1TiB}\n"
       "  - {shape: k, count: 2, cpu: 8, memory: 32GiB, disk: 1TiB, pool_mode: kernel_lvm}\n"
       "storage_classes: [{name: any, position: none}, {name: local, position: MustLocal}]\n"
       "demand:\n"
       "  - {generator: uniform, name: a, pods: 12, cpu: 1, memory: 1GiB, disk: 150GiB, arrival: "
       "at_once,\n     snapshot_reserved: 5GiB, replicas: 3}\n"
       "  - {generator: uniform, name: b, pods: 5, cpu: 1, memory: 1GiB, disk: 50GiB, over: "
       "30min,\n"
       "     storage_class: local, lifetime: 1h}\n"
       "  - {generator: uniform, name: z, pods: 5, cpu: 0, memory: 0B}\n"
       "events:\n"
       "  - {kind: node_dead, node: n-0, at: 20min, for: 1h}\n"
       "  - {kind: agent_dead, node: n-1, at: 20min, for: 10min}\n"
       "  - {kind: node_drain, node: n-2, at: 30min, for: 30min}\n"
       "  - {kind: node_lock, node: n-3, at: 30min, for: 30min}\n"
       "volume_groups: [{name: g, size: 100GiB, max_part: 50GiB, at: 5min, for: 1h}]\n"
       "snapshots: [{pods: a/*, size: 1GiB, at: 10min, for: 10min, then: merge}]\n"},
      {"databases",
       "scenario: databases\nsystem: device\nstorage: {servers: 1, ssd: "
       "p4510-2tb-steady}\napplications:\n"
       "  - {name: kv, kind: rocksdb, threads: 2, read_share: 0.5, keys: 40000, runtime: 3ms}\n"
       "  - {name: sql, kind: oceanbase, threads: 2, read_share: 0.5, keys: 40000, runtime: "
       "3ms}\n"},
      {"fleet_rebalancing",
       "scenario: fleet\nsystem: fleet\nfleet: {runtime: 30min, sample_every: 5min}\n"
       "nodes:\n"
       "  - {shape: n, count: 5, cpu: 8, memory: 64GiB, disk: 1TB}\n"
       "  - {shape: lvm, count: 3, cpu: 8, memory: 64GiB, disk: 1TB, pool_mode: kernel_lvm}\n"
       "storage_classes: [{name: near, position: PreferLocal}, {name: far, position: MustRemote}]\n"
       "demand:\n"
       "  - {generator: uniform, pods: 12, cpu: 1, memory: 4GiB, disk: 400GiB, volumes_per_pod: "
       "2,\n"
       "     snapshot_reserved: 1GiB, over: 10min, lifetime: 8min}\n"
       "  - {generator: uniform, pods: 6, cpu: 1, memory: 4GiB, disk: 200GiB, replicas: 3,\n"
       "     arrival: at_once, storage_class: far}\n"
       "events:\n"
       "  - {kind: node_dead, node: n-0, at: 6min, for: 5min}\n"
       "  - {kind: node_dead, node: n-1, at: 12min, loses_data: false}\n"
       "  - {kind: agent_dead, node: lvm-0, at: 7min, for: 5min}\n"
       "  - {kind: node_drain, node: n-2, at: 8min}\n"
       "  - {kind: node_lock, node: n-3, at: 9min}\n"
       "volume_groups: [{name: g, size: 500GiB, min_count: 2, at: 2min, for: 10min}]\n"
       "snapshots: [{pods: '*', size: 512MiB, at: 5min, for: 3min, then: merge}]\n"
       "profiles: {liteio-control: {rebalance_above: 0.3}}\n"},
  };
}

// Values in the quantity's base unit as people write them, a little beyond where that is asked for.
std::string text_of(Quantity quantity, double value) {
  switch (quantity) {
    case Quantity::duration: return fmt::format("{:.12f}s", value);
    case Quantity::bytes: return fmt::format("{:.0f}B", value);
    case Quantity::bit_rate: return fmt::format("{:.6f}bps", value);
    case Quantity::count: return fmt::format("{:.0f}", value);
    default: return fmt::format("{}", value);
  }
}

std::vector<std::string> extremes(const Declaration& declaration) {
  switch (declaration.quantity) {
    case Quantity::flag: return {"true", "false"};
    case Quantity::text: return declaration.choices;
    case Quantity::text_list: return {};
    default: break;
  }
  const double least = declaration.limits.min.value_or(0);
  const double most = declaration.limits.max.value_or(9e18);
  std::set<std::string> all;
  for (const double value : {0.0, least, least / 2, std::nextafter(least, most), most, most * 2,
                             std::sqrt(std::max(least, 1e-12) * most)})
    all.insert(text_of(declaration.quantity, value));
  return {all.begin(), all.end()};
}

// What a process makes of an assignment: nothing to complain of, or what is wrong with that.
std::string tried(const std::string& text, const std::string& assignment) {
  constexpr unsigned kLongest = 30;
  ::alarm(kLongest);
  try {
    const Scenario scenario = scenario_of(text, {assignment});
    if (scenario.fleet) run_fleet(scenario, {}, {});
    else run_scenario(scenario, {});
  } catch (const InputError& error) {
    if (error.mark().line < 1) return fmt::format("no place: {}", error.what());
  }
  return "fine";
}

class ParameterLimitsSlow : public testing::TestWithParam<Base> {};
INSTANTIATE_TEST_SUITE_P(Systems, ParameterLimitsSlow, testing::ValuesIn(bases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(ParameterLimitsSlow, bound_every_run) {
  const std::string& text = GetParam().text;
  const Scenario scenario = scenario_of(text);
  std::vector<ProcessJob> jobs;
  for (const auto& [name, profile] : scenario.profiles)
    for (const Declaration& field : model_catalogue().at(profile.model)->fields)
      for (const std::string& value : extremes(field)) {
        const std::string assignment = fmt::format("profiles.{}.{}={}", name, field.name, value);
        jobs.push_back({assignment, [&text, assignment](const ReportProgress&) {
                          return tried(text, assignment);
                        }});
      }
  const auto results = run_in_processes(jobs, {});
  for (std::size_t i = 0; i < results.size(); ++i)
    EXPECT_EQ(results[i].output.value_or(results[i].failure), "fine") << jobs[i].name;
}

// With what only scenarios say.
std::vector<Base> scenario_bases() {
  std::vector<Base> all = bases();
  for (Base& base : all) {
    const std::size_t at = base.text.find("operations:\n");
    if (at != std::string::npos)
      base.text.insert(at + std::string_view("operations:\n").size(),
                       "  - {kind: snapshot, volume: compute-1/thin, at: 1ms, name: s}\n"
                       "  - {kind: resize, volume: compute-1/far, at: 1ms, size: 2GiB}\n");
  }
  all.push_back(
      {"faults",
       "scenario: faults\nsystem: ebs\ncompute: {servers: 1}\nstorage: {servers: 4}\n"
       "volumes: {per_server: 1, size: 64GiB, iops_limit: 20000, bandwidth_limit: 1Gbps}\n"
       "workload: [{name: io, rw: randrw, bs: 4k, rate_iops: 20k, ramp_time: 1ms, runtime: 3ms}]\n"
       "faults:\n"
       "  - {name: a, kind: link_down, target: random, mtbf: 2ms, mttr: 1ms}\n"
       "  - {name: b, kind: slow_link, target: compute-0/nic-0, at: 1ms, for: 1ms, speed: 1Gbps}\n"
       "  - {name: c, kind: slow_ssd, target: '*/ssd-1', at: 1ms, factor: 10}\n"
       "  - {name: d, kind: nic_flap, target: storage-1, at: 1ms, for: 2ms, period: 1ms}\n"
       "  - {name: e, kind: loss, target: frontend/spine-0, at: 1ms, rate: 0.1}\n"
       "  - {name: f, kind: blackhole, target: frontend/spine-1, at: 1ms, fraction: 0.1}\n"});
  return all;
}

// How much there is, or for how long it goes on.
const std::set<std::string_view> kHowMuch = {"runtime",    "ramp_time",
                                             "iodepth",    "numjobs",
                                             "servers",    "racks",
                                             "pods",       "ssds_per_server",
                                             "threads",    "keys",
                                             "statements", "per_server",
                                             "replicas",   "volumes_per_pod",
                                             "count",      "app_size",
                                             "per_hour",   "per_second",
                                             "over",       "rate_iops",
                                             "rate_ops",   "capacity_ssds_per_server"};

// Loads a scenario with one key after the other at values that nobody means, and runs it where that
// has an end; what went wrong.
std::string loaded_with(const std::string& text, const std::string& path, const Declaration& key) {
  constexpr unsigned kLongest = 60;
  std::vector<std::string> values = extremes(key);
  for (const char* value : {"-1", "1e18", "nan", "inf", "1e-300", "1e300", "", "[]", "{}"})
    values.emplace_back(value);
  for (const std::string& value : values) {
    ::alarm(kLongest);
    const std::string assignment = path + "=" + value;
    try {
      const Scenario scenario = scenario_of(text, {assignment});
      if (kHowMuch.contains(key.name)) continue;
      // A process holds one engine.
      const ProcessJob run{assignment, [&scenario](const ReportProgress&) {
                             ::alarm(kLongest);
                             run_scenario(scenario, {});
                             return std::string("fine");
                           }};
      const ProcessResult result = run_in_processes({run}, {}).front();
      if (!result.output) return fmt::format("{}: {}", value, result.failure);
    } catch (const InputError& error) {
      if (error.mark().line < 1) return fmt::format("{}: no place: {}", value, error.what());
    }
  }
  return "fine";
}

class ScenarioLimitsSlow : public testing::TestWithParam<Base> {};
INSTANTIATE_TEST_SUITE_P(Systems, ScenarioLimitsSlow, testing::ValuesIn(scenario_bases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(ScenarioLimitsSlow, bound_every_run) {
  const std::string& text = GetParam().text;
  const TextNode document = parse_document(text, "test.yaml");
  std::vector<ProcessJob> jobs;
  for (const SectionEntry& section : scenario_sections()) {
    const TextNode::Entry* given = document.entry(section.name);
    if (!section.name.empty() && given == nullptr) continue;
    std::vector<std::string> places;
    if (section.name.empty()) places = {""};
    else if (!section.is_list) places = {section.name + "."};
    else
      for (std::size_t i = 0; i < given->value.items.size(); ++i)
        places.push_back(fmt::format("{}.{}.", section.name, i));
    for (const std::string& place : places)
      for (const Declaration& key : section.declarations->fields) {
        const std::string path = place + key.name;
        jobs.push_back({path, [&text, path, &key](const ReportProgress&) {
                          return loaded_with(text, path, key);
                        }});
      }
  }
  const auto results = run_in_processes(jobs, {});
  for (std::size_t i = 0; i < results.size(); ++i)
    EXPECT_EQ(results[i].output.value_or(results[i].failure), "fine") << jobs[i].name;
}

TEST(ParameterLimits, are_tried_of_every_section) {
  for (const SectionEntry& section : scenario_sections()) {
    if (section.name.empty()) continue;
    bool is_somewhere = false;
    for (const Base& base : bases())
      is_somewhere |= parse_document(base.text, "test.yaml").entry(section.name) != nullptr;
    EXPECT_TRUE(is_somewhere) << "no scenario of this test has a section " << section.name;
  }
}

}  // namespace parameter_limits_test
}  // namespace orrery
