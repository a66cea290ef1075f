#include "sim/statistics.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "sim/assert.hpp"

namespace orrery {
namespace {

constexpr std::size_t kLeastParts = 8;      // never merge batches to fewer than this
constexpr std::size_t kLeastQuantiles = 4;  // the same for percentiles, whose parts must be large

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Sums of neighbours, in `parts` groups of as equal a number as possible.
std::vector<double> merged(std::span<const double> values, std::size_t parts) {
  std::vector<double> sums(parts);
  for (std::size_t i = 0; i < values.size(); ++i) sums[i * parts / values.size()] += values[i];
  return sums;
}

// Whether neighbours are correlated beyond what chance makes of so few values (one-sided, 5 %).
bool correlated(std::span<const double> values) {
  return lag_one_correlation(values) > 1.645 / std::sqrt(static_cast<double>(values.size()));
}

}  // namespace

double student_t(int degrees_of_freedom, double confidence) {
  const boost::math::students_t_distribution<double> t(degrees_of_freedom);
  return boost::math::quantile(t, 0.5 + confidence / 2);
}

Interval interval_of(std::span<const double> values, double confidence) {
  Interval out;
  out.samples = static_cast<int>(values.size());
  if (values.empty()) return out;
  out.value = mean_of(values);
  if (values.size() < 2) return out;
  double squares = 0;
  for (const double v : values) squares += (v - out.value) * (v - out.value);
  const double n = static_cast<double>(values.size());
  out.half_width = student_t(out.samples - 1, confidence) * std::sqrt(squares / (n - 1) / n);
  return out;
}

Interval interval_of_batches(std::span<const double> batches, double confidence) {
  const std::vector<double> ones(batches.size(), 1.0);
  return ratio_of_batches(batches, ones, confidence);
}

Interval ratio_of_batches(std::span<const double> numerators, std::span<const double> denominators,
                          double confidence) {
  ORRERY_INVARIANT(numerators.size() == denominators.size(), "statistics",
                   "a ratio of series of different length");
  Interval out;
  const double total = std::accumulate(denominators.begin(), denominators.end(), 0.0);
  if (total <= 0) return out;
  out.value = std::accumulate(numerators.begin(), numerators.end(), 0.0) / total;
  for (std::size_t parts = numerators.size(); parts >= 2; parts /= 2) {
    const std::vector<double> above = merged(numerators, parts);
    const std::vector<double> below = merged(denominators, parts);
    std::vector<double> residuals(parts);
    double squares = 0;
    for (std::size_t i = 0; i < parts; ++i) {
      residuals[i] = above[i] - out.value * below[i];
      squares += residuals[i] * residuals[i];
    }
    const double n = static_cast<double>(parts);
    out.samples = static_cast<int>(parts);
    out.half_width =
        student_t(out.samples - 1, confidence) * std::sqrt(n / (n - 1) * squares) / total;
    if (parts / 2 < kLeastParts || !correlated(residuals)) break;
  }
  return out;
}

double lag_one_correlation(std::span<const double> values) {
  if (values.size() < 3) return 0;
  const double mean = mean_of(values);
  double products = 0, squares = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double d = values[i] - mean;
    squares += d * d;
    if (i != 0) products += d * (values[i - 1] - mean);
  }
  return squares > 0 ? products / squares : 0;
}

WarmUp mser(std::span<const double> series, std::size_t group) {
  const std::size_t groups = series.size() / group;
  if (groups < 4) return {};
  std::vector<double> means(groups);
  for (std::size_t i = 0; i < groups; ++i) means[i] = mean_of(series.subspan(i * group, group));

  // From the end, so that sums over the rest build up; a tie goes to the shorter warm-up.
  // Deviations from the last mean keep the squares small.
  const double origin = means.back();
  double sum = 0, squares = 0, least = std::numeric_limits<double>::infinity();
  std::size_t best = 0;
  constexpr std::size_t kLeastRest = 3;
  for (std::size_t from = groups; from-- > 0;) {
    const double d = means[from] - origin;
    sum += d;
    squares += d * d;
    const std::size_t rest = groups - from;
    if (rest < kLeastRest) continue;
    const double n = static_cast<double>(rest);
    const double error = std::max(0.0, squares - sum * sum / n) / (n * n);
    if (error <= least) {
      least = error;
      best = from;
    }
  }
  const std::size_t half = groups / 2;
  return {std::min(best, half) * group, best <= half};
}

double rise_of(std::span<const double> values) {
  if (values.size() < 2) return 0;
  const double middle = static_cast<double>(values.size() - 1) / 2;
  double products = 0, squares = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double x = static_cast<double>(i) - middle;
    products += x * values[i];
    squares += x * x;
  }
  return products / squares * static_cast<double>(values.size() - 1);
}

Percentile percentile_of(double percent, const Histogram& whole, std::span<const Histogram> batches,
                         double confidence) {
  Percentile out;
  out.percent = percent;
  out.ns = whole.percentile_ns(percent);
  if (!out.ns) return out;
  out.above = whole.count() - whole.rank_of(percent);
  out.supported = whole.supports(percent);
  if (!out.supported) return out;
  for (std::size_t parts = batches.size(); parts >= kLeastQuantiles; parts /= 2) {
    std::vector<Histogram> merged(parts);
    for (std::size_t i = 0; i < batches.size(); ++i)
      merged[i * parts / batches.size()].merge(batches[i]);
    const bool enough = std::all_of(merged.begin(), merged.end(),
                                    [&](const Histogram& h) { return h.supports(percent); });
    if (!enough) continue;
    std::vector<double> values;
    for (const Histogram& h : merged) values.push_back(*h.percentile_ns(percent));
    const double within_bucket =
        Histogram::bucket_width(Histogram::bucket_of(static_cast<std::uint64_t>(*out.ns))) / 2.0;
    out.half_width = interval_of(values, confidence).half_width.value() + within_bucket;
    if (parts / 2 < kLeastQuantiles || !correlated(values)) break;
  }
  return out;
}

Percentile percentile_of(double percent, std::span<const Histogram> batches, double confidence) {
  Histogram whole;
  for (const Histogram& b : batches) whole.merge(b);
  return percentile_of(percent, whole, batches, confidence);
}

bool grows_without_bound(std::span<const double> in_flight, double arrivals) {
  if (in_flight.size() < 4) return false;
  const double growth = rise_of(in_flight);
  const double later = rise_of(in_flight.subspan(in_flight.size() / 2));
  const double chance = std::max(10.0, 3 * std::sqrt(arrivals));
  return growth > chance && later > growth / 4;
}

}  // namespace orrery
