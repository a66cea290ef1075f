// Whole runs of fleets. Items are pods.
#include "tests/bench/measured_run.hpp"

namespace orrery {
namespace {

void ten_thousand_nodes(benchmark::State& state, const std::string& disks) {
  measure_runs(state, "fleet-10000-nodes", {"fleet.disks=" + disks});
}
BENCHMARK_CAPTURE(ten_thousand_nodes, lightpool, std::string("lightpool"))
    ->Name("fleet/10000_nodes_100000_pods_lightpool")
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ten_thousand_nodes, local_only, std::string("local_only"))
    ->Name("fleet/10000_nodes_100000_pods_local_only")
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace orrery
