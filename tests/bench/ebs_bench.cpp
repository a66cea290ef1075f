// Whole runs as a user starts them, SimGrid's engine, statistics and checks included. An engine lives once per process, so each run
// has a process of its own, which tells what it took.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "analysis/loading.hpp"
#include "analysis/processes.hpp"
#include "analysis/run.hpp"

namespace orrery {
namespace {

using Json = nlohmann::json;

// I/Os done, events fired, seconds of wall time and peak memory of a run.
Json measured_run(const std::vector<std::string>& settings) {
  const LoadedScenario loaded =
      load({ORRERY_SOURCE_DIR "/tests/bench/ebs-4k-writes.yaml", settings, {}});
  const auto run = [&loaded](const ReportProgress&) {
    const auto start = std::chrono::steady_clock::now();
    const auto summary = run_scenario(loaded.scenario, {});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return Json{{"ios", summary["jobs"][0]["ios"]["done"]},
                {"events", summary["provenance"]["events"]},
                {"seconds", took.count()},
                {"peak_kib", usage.ru_maxrss}}
        .dump();
  };
  ProcessOptions options;
  options.at_most = 1;
  return Json::parse(run_in_processes({{"run", run}}, options).front().output.value());
}

// Items are I/Os.
void ebs_4k_writes(benchmark::State& state, const std::vector<std::string>& settings) {
  std::int64_t ios = 0;
  double events = 0, seconds = 0;
  for (auto _ : state) {
    const Json run = measured_run(settings);
    ios += run["ios"].get<std::int64_t>();
    events += run["events"].get<double>();
    seconds += run["seconds"].get<double>();
    state.SetIterationTime(run["seconds"].get<double>());
  }
  state.SetItemsProcessed(ios);
  state.counters["events_per_io"] = events / static_cast<double>(ios);
  state.counters["events_per_second"] = events / seconds;
}
BENCHMARK_CAPTURE(ebs_4k_writes, luna, std::vector<std::string>{})
    ->Name("ebs/4k_writes_luna")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ebs_4k_writes, solar, std::vector<std::string>{"frontend.stack=solar"})
    ->Name("ebs/4k_writes_solar")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ebs_4k_writes, kernel_tcp, std::vector<std::string>{"frontend.stack=kernel_tcp"})
    ->Name("ebs/4k_writes_kernel_tcp")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

// Peak memory of a run and of one eight times as long.
void memory_over_time(benchmark::State& state) {
  for (auto _ : state) {
    const Json brief = measured_run({"workload.0.runtime=50ms"});
    const Json lengthy = measured_run({"workload.0.runtime=400ms"});
    state.SetIterationTime(lengthy["seconds"].get<double>());
    state.counters["kib"] = brief["peak_kib"].get<double>();
    state.counters["kib_8x_time"] = lengthy["peak_kib"].get<double>();
  }
}
BENCHMARK(memory_over_time)
    ->Name("ebs/memory_over_time")
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace orrery
