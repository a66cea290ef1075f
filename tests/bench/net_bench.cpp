// Packet-hops per second of wall time, on one core: each passage of a port by data, a reply or an
// acknowledgement.
#include <benchmark/benchmark.h>

#include <string_view>

#include "tests/bench/net_case.hpp"

namespace orrery {
namespace {

void packet_hops(benchmark::State& state, std::string_view stack, double tenths) {
  NetCase run(stack, tenths * net_case::kTenth);
  run.run(milliseconds(5));
  const std::int64_t hops = run.packet_hops();
  const std::uint64_t events = run.events();
  for (auto _ : state) run.run(milliseconds(1));
  const std::int64_t passed = run.packet_hops() - hops;
  state.SetItemsProcessed(passed);
  state.counters["events_per_hop"] =
      static_cast<double>(run.events() - events) / static_cast<double>(passed);
  state.counters["load"] = run.load();
}
BENCHMARK_CAPTURE(packet_hops, solar_load30, "solar", 3)->Name("net/packet_hops/solar/load30");
BENCHMARK_CAPTURE(packet_hops, solar_load80, "solar", 8)->Name("net/packet_hops/solar/load80");
BENCHMARK_CAPTURE(packet_hops, luna_load30, "luna", 3)->Name("net/packet_hops/luna/load30");
BENCHMARK_CAPTURE(packet_hops, luna_load80, "luna", 8)->Name("net/packet_hops/luna/load80");

}  // namespace
}  // namespace orrery
