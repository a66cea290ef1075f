// Whole runs of EBS.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "tests/bench/measured_run.hpp"

namespace orrery {
namespace {

void ebs_4k_writes(benchmark::State& state, const std::vector<std::string>& settings) {
  measure_runs(state, "ebs-4k-writes", settings);
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
    const nlohmann::json brief = measured_run("ebs-4k-writes", {"workload.0.runtime=50ms"});
    const nlohmann::json lengthy = measured_run("ebs-4k-writes", {"workload.0.runtime=400ms"});
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
