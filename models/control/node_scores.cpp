#include "models/control/node_scores.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace orrery::control {

namespace {

template <class Score>
std::int64_t weighted_mean(std::span<const ResourceUse> uses, Score score) {
  std::int64_t sum = 0;
  std::int64_t weights = 0;
  for (const ResourceUse& use : uses) {
    sum += use.weight * (use.capacity == 0 ? 0 : score(use));
    weights += use.weight;
  }
  return weights == 0 ? 0 : sum / weights;
}

double share_of(const ResourceUse& use) {
  return std::min(1.0, static_cast<double>(use.requested) / static_cast<double>(use.capacity));
}

// As there: two shares have a formula of their own, whose last bit decides where the score is rounded down.
double deviation_of(std::span<const double> shares) {
  if (shares.size() < 2) return 0;
  if (shares.size() == 2) return std::abs((shares[0] - shares[1]) / 2);
  const auto n = static_cast<double>(shares.size());
  const double mean = std::accumulate(shares.begin(), shares.end(), 0.0) / n;
  double squares = 0;
  for (const double share : shares) squares += (share - mean) * (share - mean);
  return std::sqrt(squares / n);
}

}  // namespace

std::int64_t nodes_to_find(std::int64_t nodes, std::int64_t percentage) {
  constexpr std::int64_t kFewest = 100;
  constexpr std::int64_t kLeastPercentage = 5;
  if (nodes < kFewest || percentage >= 100) return nodes;
  if (percentage == 0) percentage = std::max(kLeastPercentage, 50 - nodes / 125);
  return std::max(kFewest, nodes * percentage / 100);
}

std::int64_t least_allocated(std::span<const ResourceUse> uses) {
  return weighted_mean(uses, [](const ResourceUse& use) {
    const std::int64_t left = std::max<std::int64_t>(0, use.capacity - use.requested);
    return left * kMaxNodeScore / use.capacity;
  });
}

std::int64_t most_allocated(std::span<const ResourceUse> uses) {
  return weighted_mean(uses, [](const ResourceUse& use) {
    return std::min(use.requested, use.capacity) * kMaxNodeScore / use.capacity;
  });
}

std::int64_t balanced_allocation(std::span<const ResourceUse> uses) {
  std::vector<double> shares;
  for (const ResourceUse& use : uses)
    if (use.capacity != 0) shares.push_back(share_of(use));
  const double deviation = deviation_of(shares);
  return static_cast<std::int64_t>((1 - deviation) * static_cast<double>(kMaxNodeScore));
}

void normalize_scores(std::span<std::int64_t> scores, bool reverse) {
  if (scores.empty()) return;
  const std::int64_t most = *std::max_element(scores.begin(), scores.end());
  for (std::int64_t& score : scores) {
    if (most != 0) score = kMaxNodeScore * score / most;
    if (reverse) score = kMaxNodeScore - score;
  }
}

}  // namespace orrery::control
