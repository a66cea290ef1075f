// Whole runs as a user starts them, SimGrid's engine, statistics and checks included. An engine
// lives once per process, so each run has a process of its own, which tells what it took.
#pragma once

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "analysis/experiment/processes.hpp"
#include "analysis/loading.hpp"
#include "analysis/run/run.hpp"

namespace orrery {

// I/Os done (of a fleet: pods made), events fired, seconds of wall time and peak memory of a run.
inline nlohmann::json measured_run(const std::string& scenario,
                                   const std::vector<std::string>& settings) {
  using Json = nlohmann::json;
  const LoadedScenario loaded = load({"tests/bench/" + scenario + ".yaml", settings, {}});
  const auto run = [&loaded](const ReportProgress&) {
    const auto start = std::chrono::steady_clock::now();
    const auto summary = run_scenario(loaded.scenario, {});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::int64_t ios = 0;
    if (summary.contains("fleet")) ios = summary["fleet"]["pods"]["created"].get<std::int64_t>();
    for (const auto& job : summary["jobs"]) ios += job["ios"]["done"].get<std::int64_t>();
    return Json{{"ios", ios},
                {"events", summary["provenance"]["events"]},
                {"seconds", took.count()},
                {"peak_kib", usage.ru_maxrss}}
        .dump();
  };
  ProcessOptions options;
  options.at_most = 1;
  return Json::parse(run_in_processes({{"run", run}}, options).front().output.value());
}

// Items are I/Os, or pods.
inline void measure_runs(benchmark::State& state, const std::string& scenario,
                         const std::vector<std::string>& settings) {
  std::int64_t ios = 0;
  double events = 0, seconds = 0;
  for (auto _ : state) {
    const nlohmann::json run = measured_run(scenario, settings);
    ios += run["ios"].get<std::int64_t>();
    events += run["events"].get<double>();
    seconds += run["seconds"].get<double>();
    state.SetIterationTime(run["seconds"].get<double>());
    state.counters["peak_MiB"] = run["peak_kib"].get<double>() / 1024;
  }
  state.SetItemsProcessed(ios);
  state.counters["events_per_io"] = events / static_cast<double>(ios);
  state.counters["events_per_second"] = events / seconds;
}

}  // namespace orrery
