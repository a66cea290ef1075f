// Quantiles of a sample and of a distribution.
//
// A quantile of a sample is always one of its values, nothing is interpolated. `share` (0 .. 1)
// says which, and there are two definitions, because published figures rest on either:
//
//   nearest rank   the least value that at least `share` of the sample do not exceed. What fio
//                  prints, so what histograms print: p99 of 10 values is the largest.
//   by position    the sample in order stands at equal distances over [0, 1], least and largest at
//                  the ends; taken is the value at `share`, or the neighbour below it
//                  (lower_quantile) or above it (upper_quantile). What a fleet tells of its nodes
//                  and waits, which are few: p99 of 10 values is the ninth, the largest being told
//                  beside it. The upper median is the least value that is enough for more than half
//                  of the sample.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace orrery {

// The rank (1 .. count) of the quantile by nearest rank in a sample of `count` > 0 values. What is
// whole but for rounding (0.07 of 100) counts as whole.
inline std::uint64_t nearest_rank(double share, std::uint64_t count) {
  constexpr double kRounding = 1e-12;
  const double rank = std::ceil(share * static_cast<double>(count) * (1 - kRounding));
  return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rank), 1, count);
}

// By position, of values in ascending order, of which there must be one at least.
template <class Values>
auto lower_quantile(const Values& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}
template <class Values>
auto upper_quantile(const Values& sorted, double share) {
  return sorted[static_cast<std::size_t>(
      std::ceil(share * static_cast<double>(sorted.size() - 1)))];
}

// Of a distribution of which only some quantiles are known: points (share, value) in ascending
// order, log-linear between them.
inline double log_linear_quantile(std::span<const std::pair<double, double>> points, double share) {
  for (std::size_t i = 1; i < points.size(); ++i) {
    const auto [p0, low] = points[i - 1];
    const auto [p1, high] = points[i];
    if (share <= p1) return low * std::pow(high / low, (share - p0) / (p1 - p0));
  }
  return points.back().second;
}

}  // namespace orrery
