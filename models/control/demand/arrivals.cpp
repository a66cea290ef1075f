// Arrivals: spans, rates and apps.
#include "models/control/demand/arrivals.hpp"

#include <algorithm>
#include <limits>

#include "models/control/demand/dlrm_mix.hpp"

namespace orrery::control {

namespace {

constexpr Duration kLatest = Duration::max();

Duration sum(Duration a, Duration b) { return a > kLatest - b ? kLatest : a + b; }

// The beginnings of apps, or of single pods.
std::vector<Duration> draw_starts(const Arrivals& arrivals, std::int64_t size, RandomStream& random,
                                  Duration runtime, std::int64_t most) {
  std::vector<Duration> starts;
  if (arrivals.over) {
    starts.resize(static_cast<std::size_t>((*arrivals.pods + size - 1) / size));
    for (Duration& start : starts) start = sum(arrivals.at, random.uniform({}, *arrivals.over));
    std::sort(starts.begin(), starts.end());
    return starts;
  }
  const Duration gap = seconds(static_cast<double>(size) / arrivals.per_second);
  const std::int64_t wanted = arrivals.pods ? (*arrivals.pods + size - 1) / size : most;
  Duration at = arrivals.at;
  while (std::ssize(starts) < wanted) {
    at = sum(at, random.exponential(gap));
    if (!arrivals.pods && at > runtime) break;
    starts.push_back(at);
  }
  return starts;
}

}  // namespace

std::vector<Duration> draw_arrivals(const Arrivals& arrivals, RandomStream random, Duration runtime,
                                    std::int64_t most) {
  if (arrivals.kind == Arrivals::Kind::at_once)
    return std::vector<Duration>(static_cast<std::size_t>(*arrivals.pods), arrivals.at);
  const std::int64_t size = arrivals.kind == Arrivals::Kind::deployments ? arrivals.app_size : 1;
  const Duration step = Duration{60'000'000'000'000 / dlrm::kMostPerMinute};
  const std::int64_t pods = arrivals.pods.value_or(std::numeric_limits<std::int64_t>::max());
  std::vector<Duration> times;
  for (Duration at : draw_starts(arrivals, size, random, runtime, most))
    for (std::int64_t i = 0; i < size && std::ssize(times) < pods; ++i) {
      if (std::ssize(times) > most) return times;
      times.push_back(at);
      at = sum(at, step);
    }
  return times;
}

}  // namespace orrery::control
