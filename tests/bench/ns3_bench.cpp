// Packets per second of wall time in ns-3 and in Orrery. `ratio` is how many times faster Orrery
// passes them, under HPCC and with all that ns-3 is spared here (ns3_case.hpp): a lower bound.
#include <benchmark/benchmark.h>

#include <chrono>

#include "tests/bench/net_case.hpp"
#include "tests/bench/ns3_case.hpp"

namespace orrery {
namespace {

double orrery_hops_per_second(double messages_per_second) {
  NetCase run("solar", messages_per_second);
  run.run(milliseconds(5));
  const std::int64_t before = run.packet_hops();
  const auto start = std::chrono::steady_clock::now();
  run.run(milliseconds(20));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return static_cast<double>(run.packet_hops() - before) / took.count();
}

void packet_hops(benchmark::State& state, double tenths) {
  const double ours = orrery_hops_per_second(tenths * net_case::kTenth);
  Ns3Case run(tenths * net_case::kTenth);
  run.run_for_a_millisecond();
  const std::int64_t before = run.packet_hops();
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) run.run_for_a_millisecond();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const auto passed = run.packet_hops() - before;
  state.SetItemsProcessed(passed);
  state.counters["orrery_per_second"] = ours;
  state.counters["ratio"] = ours * took.count() / static_cast<double>(passed);
}
BENCHMARK_CAPTURE(packet_hops, load30, 3)->Name("net/packet_hops/ns3/load30");
BENCHMARK_CAPTURE(packet_hops, load80, 8)->Name("net/packet_hops/ns3/load80");

}  // namespace
}  // namespace orrery
