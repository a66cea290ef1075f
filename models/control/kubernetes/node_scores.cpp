// Scores in whole numbers.
#include "models/control/kubernetes/node_scores.hpp"

#include <algorithm>
#include <cmath>

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
  double sum = 0;
  double first = 0;
  double last = 0;
  double n = 0;
  for (const ResourceUse& use : uses) {
    if (use.capacity == 0) continue;
    first = last;
    last = share_of(use);
    sum += last;
    ++n;
  }
  double deviation = 0;
  if (n == 2) {
    // As there: two shares have a formula of their own, whose last bit decides where the score is
    // rounded down.
    deviation = std::abs(first - last) / 2;
  } else if (n > 2) {
    double squares = 0;
    for (const ResourceUse& use : uses)
      if (use.capacity != 0) squares += (share_of(use) - sum / n) * (share_of(use) - sum / n);
    deviation = std::sqrt(squares / n);
  }
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

std::size_t select_host(std::span<const std::int64_t> totals, RandomStream& ties) {
  std::size_t best = 0;
  std::uint64_t equal = 1;
  for (std::size_t i = 1; i < totals.size(); ++i) {
    if (totals[i] < totals[best]) continue;
    if (totals[i] > totals[best]) {
      best = i;
      equal = 1;
    } else if (ties.below(++equal) == 0) {
      best = i;
    }
  }
  return best;
}

}  // namespace orrery::control
