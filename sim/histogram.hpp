// Latency histograms, binned exactly as fio bins them, and what fio's bins cannot hold counted
// beside.
//
// fio: 64 buckets per power of two of nanoseconds, values below 128 ns exact, 29 groups (up to 2^34
// ns), percentiles reported as the middle of their bucket: at most 0.78 % error, and number for
// number what fio itself prints, but for a middle beyond the least or the largest value, which
// nobody has measured. The bins are a Boost.Histogram axis. Sums, minimum and maximum are exact in
// picoseconds; hangs (>= 1 s, >= 60 s) are counted exactly.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "sim/units.hpp"

namespace orrery {

class Histogram {
 public:
  Histogram();
  Histogram(const Histogram&);
  Histogram(Histogram&&) noexcept;
  Histogram& operator=(const Histogram&);
  Histogram& operator=(Histogram&&) noexcept;
  ~Histogram();

  void add(Duration value) { add(value, 1); }
  void add(Duration value, std::uint64_t times);
  void merge(const Histogram& other);
  void clear();

  std::uint64_t count() const { return count_; }
  Duration min() const { return min_; }
  Duration max() const { return max_; }
  double mean_ns() const;
  double stddev_ns() const;
  std::uint64_t hangs_1s() const { return hangs_1s_; }
  std::uint64_t hangs_60s() const { return hangs_60s_; }

  // The value at `percent` (0..100) in nanoseconds as fio reports it, where that middle of a bucket
  // lies between the exact minimum and maximum, else the nearer of them; the exact maximum where
  // the rank falls on the last value. Nothing while empty.
  std::optional<double> percentile_ns(double percent) const;
  // The rank (1 .. count) of this percentile's value: the least one not below percent / 100 of a
  // sample that is not empty.
  std::uint64_t rank_of(double percent) const;
  // Whether the sample is large enough to speak of this percentile: at least ten values lie above
  // it.
  bool supports(double percent) const;

  // Values counted in a bucket, and fio's bucket arithmetic: what its JSON calls bins.
  std::uint64_t in_bucket(unsigned bucket) const;
  static unsigned bucket_of(std::uint64_t nanoseconds);
  static std::uint64_t bucket_value(unsigned bucket);
  static std::uint64_t bucket_width(unsigned bucket);
  // The least value beyond the bucket; the last one has no end, and this is where fio's would be.
  static std::uint64_t bucket_end(unsigned bucket);
  static constexpr unsigned kBuckets = 29 * 64;

 private:
  __extension__ typedef __int128 Sum;
  struct Bins;
  std::unique_ptr<Bins> bins_;
  std::uint64_t count_ = 0;
  std::uint64_t hangs_1s_ = 0;
  std::uint64_t hangs_60s_ = 0;
  Duration min_ = Duration::max();
  Duration max_{};
  Sum sum_ps_ = 0;
  double sum_squares_ns_ = 0;
};

}  // namespace orrery
