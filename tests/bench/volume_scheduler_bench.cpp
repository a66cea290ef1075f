// What a decision of LiteIO's volume scheduler costs over ten thousand pools: sample
// configuration's and default filters, fleets with more or fewer pools that pass.
#include <benchmark/benchmark.h>

#include <deque>

#include "models/control/liteio/volume_scheduler.hpp"

namespace orrery::control {
namespace {

constexpr NodeId kPools = 10'000;

struct Fleet {
  std::deque<NodeSpec> nodes;
  PoolTable table;

  explicit Fleet(double share_full) {
    RandomStream random(1, "fleet");
    for (NodeId pool = 0; pool < kPools; ++pool) {
      NodeSpec& node = nodes.emplace_back();
      node.disk = gibibytes(42'920);  // 12 * 3.84 TB
      table.add(node);
      table.status[pool] = random.chance(0.99) ? PoolStatus::ready : PoolStatus::unknown;
      const double used = random.chance(share_full) ? 1 : 0.99 * random.uniform();
      table.free[pool] -= static_cast<std::int64_t>(used * static_cast<double>(table.free[pool]));
      table.report(pool, Bytes{table.free[pool]});
      table.remote_volumes[pool] = static_cast<std::int32_t>(random.below(4));
      table.remote_allocated[pool] = table.free[pool] / 2;
    }
  }
};

void decide(benchmark::State& state, const std::vector<std::string>& filters,
            PositionAdvice position) {
  const Fleet fleet(static_cast<double>(state.range(0)) / 100);
  const std::vector<std::string> priorities{"least_resource", "position_advice"};
  VolumeScheduler scheduler({.min_local_storage = 0.2}, filters, priorities,
                            RandomStream(1, "scheduler"));
  VolumeRequest request;
  request.size = request.total = gibibytes(200);
  request.position = position;
  request.host = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(scheduler.schedule(fleet.table, request));
    request.host = (request.host + 7919) % kPools;
  }
  state.counters["feasible"] = static_cast<double>(scheduler.feasible(fleet.table, request).size());
}

void default_filters(benchmark::State& state) {
  decide(state, {"basic", "affinity"}, PositionAdvice::prefer_local);
}
void sample_filters(benchmark::State& state) {
  decide(state, {"basic", "affinity", "ob_replica", "min_local_storage"},
         PositionAdvice::prefer_local);
}
void must_local(benchmark::State& state) {
  decide(state, {"basic", "affinity"}, PositionAdvice::must_local);
}

BENCHMARK(default_filters)->Arg(0)->Arg(50)->Arg(95)->Unit(benchmark::kMicrosecond);
BENCHMARK(sample_filters)->Arg(0)->Arg(50)->Arg(95)->Unit(benchmark::kMicrosecond);
BENCHMARK(must_local)->Arg(0)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace orrery::control
