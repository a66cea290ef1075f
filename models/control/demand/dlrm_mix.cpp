// The published quantiles and commonest sizes of gpu-v2025, and draws from them.
#include "models/control/demand/dlrm_mix.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "sim/quantile.hpp"

namespace orrery::control::dlrm {

namespace {

using Points = std::array<std::pair<double, double>, 4>;

constexpr Points kCores = {{{0, 2}, {0.5, 64}, {0.9, 96}, {1, 192}}};
constexpr Points kMemory = {{{0, 16}, {0.5, 320}, {0.9, 480}, {1, 1000}}};
constexpr Points kDisk = {{{0, 80}, {0.5, 255}, {0.9, 680}, {1, 996}}};
constexpr std::array<std::pair<double, double>, 5> kLifetime = {
    {{0, 1}, {0.1, 128}, {0.5, 8410}, {0.9, 287349}, {1, 2462429}}};
constexpr double kRankCorrelation = 0.9;

constexpr std::uint64_t kInstances = 16'485;
struct Common {
  std::uint64_t count;
  PodSize size;
};
constexpr std::array<Common, 4> kCommon = {{{4371, {64, 320, 255}},
                                            {2675, {96, 480, 255}},
                                            {1292, {48, 200, 680}},
                                            {1162, {48, 240, 255}}}};

std::int64_t whole(double value) { return static_cast<std::int64_t>(std::llround(value)); }

}  // namespace

// Every draw takes the same number of random numbers, so that one pod's luck does not move the next
// one's.
PodSize draw_size(RandomStream& random) {
  std::uint64_t ticket = random.below(kInstances);
  const double cores = random.uniform();
  const bool linked = random.chance(kRankCorrelation);
  const double other = random.uniform();
  const double disk = random.uniform();
  for (const Common& common : kCommon) {
    if (ticket < common.count) return common.size;
    ticket -= common.count;
  }
  return {whole(log_linear_quantile(kCores, cores)),
          whole(log_linear_quantile(kMemory, linked ? cores : other)),
          whole(log_linear_quantile(kDisk, disk))};
}

Duration draw_lifetime(RandomStream& random) {
  return seconds(log_linear_quantile(kLifetime, random.uniform()));
}

}  // namespace orrery::control::dlrm
