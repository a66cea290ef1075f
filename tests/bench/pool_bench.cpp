// Whole runs of pools.
#include "tests/bench/measured_run.hpp"

namespace orrery {
namespace {

void pool_4k_reads(benchmark::State& state, const std::string& path) {
  measure_runs(state, "pool-4k-reads", {"pool.path=" + path});
}
BENCHMARK_CAPTURE(pool_4k_reads, native, std::string("native"))
    ->Name("pool/4k_reads_native")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(pool_4k_reads, zero_copy, std::string("zero_copy"))
    ->Name("pool/4k_reads_zero_copy")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(pool_4k_reads, remote_tcp, std::string("remote_tcp"))
    ->Name("pool/4k_reads_remote_tcp")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(pool_4k_reads, remote_rdma, std::string("remote_rdma"))
    ->Name("pool/4k_reads_remote_rdma")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

void hundred_nodes(benchmark::State& state) { measure_runs(state, "pool-100-nodes", {}); }
BENCHMARK(hundred_nodes)
    ->Name("pool/100_nodes_20M_iops")
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace orrery
