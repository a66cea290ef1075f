// What a series of numbers lets one say: intervals, warm-up, trends.
//
// Batch means: a run's measured window is cut into equal spans of time, each span's figure is one
// value, and Student's t gives the interval. Figures of neighbouring spans depend on each other as
// long as spans are short against the memory of the queues; such batches are merged until they no
// longer do, so intervals become wider and not wrong. Replications (runs that differ in their seed
// alone) need no such care.
//
// Warm-up: MSER-5 (White 1997; White, Cobb, Spratt 2000): of all prefixes, drop the one after which
// the standard error of the mean of the rest is least.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/histogram.hpp"

namespace orrery {

constexpr double kConfidence = 0.95;

// An estimate and how far off it may be. Without a half width there were too few values to say.
struct Interval {
  double value = 0;
  std::optional<double> half_width;
  int samples = 0;  // independent values that the half width rests on

  double low() const { return value - half_width.value_or(0); }
  double high() const { return value + half_width.value_or(0); }
  bool contains(double x) const { return half_width && low() <= x && x <= high(); }
};

// The two-sided quantile of Student's t: 1.96 for many degrees of freedom at 95 %.
double student_t(int degrees_of_freedom, double confidence = kConfidence);

// The mean of independent values: replications.
Interval interval_of(std::span<const double> values, double confidence = kConfidence);

// The mean of batch figures of equal weight, merged while neighbours are correlated.
Interval interval_of_batches(std::span<const double> batches, double confidence = kConfidence);

// The ratio of two totals (latency and I/Os, say) that each batch holds a part of; an empty batch
// weighs nothing.
Interval ratio_of_batches(std::span<const double> numerators, std::span<const double> denominators,
                          double confidence = kConfidence);

// Correlation of each value with the one before it; 0 for a constant or very short series.
double lag_one_correlation(std::span<const double> values);

struct WarmUp {
  std::size_t dropped = 0;  // leading values of the series to leave out
  bool settled =
      true;  // false: the best cut is in the second half, so the series may not have settled at all
};
// MSER over means of `group` neighbours; 5 is the published choice. At most half of the series is
// dropped.
WarmUp mser(std::span<const double> series, std::size_t group = 5);

// Least-squares line through (0, y0), (1, y1), ...; `rise` is how much it gains from the first
// value to the last.
double rise_of(std::span<const double> values);

// A percentile with as much as can be said of it; half_width counts half a bucket besides the
// spread of the batches.
struct Percentile {
  double percent = 0;
  std::optional<double> ns;  // nothing for an empty sample
  std::optional<double>
      half_width;           // nothing if batches are too small to have this percentile each
  std::uint64_t above = 0;  // values of a higher rank
  bool supported = false;   // false: fewer than ten values lie above it; the sample is too small
};
// Of the sample that the batches make up together; neighbours are merged until each part supports
// the percentile.
Percentile percentile_of(double percent, std::span<const Histogram> batches,
                         double confidence = kConfidence);
Percentile percentile_of(double percent, const Histogram& whole, std::span<const Histogram> batches,
                         double confidence = kConfidence);

// Whether a backlog grew for as long as it was watched. `in_flight` are samples at equal distances
// over the measured window in which `arrivals` came. Growth counts if it exceeds what arrivals and
// services that are random and equal in the mean would leave (three times the square root of their
// number), and if it went on in the second half.
bool grows_without_bound(std::span<const double> in_flight, double arrivals);

}  // namespace orrery
