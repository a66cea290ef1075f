#include "sim/histogram.hpp"

#include <algorithm>
#include <bit>
#include <boost/histogram/histogram.hpp>
#include <boost/histogram/make_histogram.hpp>
#include <boost/histogram/unsafe_access.hpp>
#include <cmath>

#include "sim/quantile.hpp"

namespace orrery {
namespace {

constexpr unsigned kBits = 6;  // FIO_IO_U_PLAT_BITS
constexpr unsigned kValues = 1u << kBits;

// fio's stat.c as an axis: plat_val_to_idx and plat_idx_to_val.
struct FioAxis {
  int index(std::uint64_t nanoseconds) const {
    return static_cast<int>(Histogram::bucket_of(nanoseconds));
  }
  double value(double index) const {
    return static_cast<double>(Histogram::bucket_value(static_cast<unsigned>(index)));
  }
  int size() const { return Histogram::kBuckets; }
  static constexpr bool inclusive() { return true; }
  bool operator==(const FioAxis&) const { return true; }
};

using Counts = boost::histogram::dense_storage<std::uint64_t>;
using Storage = boost::histogram::histogram<std::tuple<FioAxis>, Counts>;

double in_ns(Duration d) { return to_nanoseconds(d); }

}  // namespace

struct Histogram::Bins {
  Storage counts = boost::histogram::make_histogram_with(Counts(), FioAxis());
};

// Bins are made with the first value: the many histograms that never see one cost nothing.
Histogram::Histogram() = default;
Histogram::Histogram(const Histogram& other)
    : bins_(other.bins_ ? std::make_unique<Bins>(*other.bins_) : nullptr),
      count_(other.count_),
      hangs_1s_(other.hangs_1s_),
      hangs_60s_(other.hangs_60s_),
      min_(other.min_),
      max_(other.max_),
      sum_ps_(other.sum_ps_),
      sum_squares_ns_(other.sum_squares_ns_) {}
Histogram::Histogram(Histogram&& other) noexcept : Histogram() { *this = std::move(other); }
Histogram& Histogram::operator=(const Histogram& other) { return *this = Histogram(other); }
Histogram& Histogram::operator=(Histogram&& other) noexcept {
  std::swap(bins_, other.bins_);
  std::swap(count_, other.count_);
  std::swap(hangs_1s_, other.hangs_1s_);
  std::swap(hangs_60s_, other.hangs_60s_);
  std::swap(min_, other.min_);
  std::swap(max_, other.max_);
  std::swap(sum_ps_, other.sum_ps_);
  std::swap(sum_squares_ns_, other.sum_squares_ns_);
  return *this;
}
Histogram::~Histogram() = default;

void Histogram::add(Duration value, std::uint64_t times) {
  if (times == 0) return;
  if (!bins_) bins_ = std::make_unique<Bins>();
  const std::int64_t ps = value.count();
  // The axis has no bins beyond its own, so a bucket's number is its place in the storage.
  boost::histogram::unsafe_access::storage(
      bins_->counts)[bucket_of(static_cast<std::uint64_t>(ps) / 1000)] += times;
  count_ += times;
  if (value >= std::chrono::seconds(1)) [[unlikely]] {
    hangs_1s_ += times;
    if (value >= std::chrono::seconds(60)) hangs_60s_ += times;
  }
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  sum_ps_ += static_cast<Sum>(ps) * static_cast<std::int64_t>(times);
  const double ns = in_ns(value);
  sum_squares_ns_ += ns * ns * static_cast<double>(times);
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  if (!bins_) bins_ = std::make_unique<Bins>(*other.bins_);
  else bins_->counts += other.bins_->counts;
  count_ += other.count_;
  hangs_1s_ += other.hangs_1s_;
  hangs_60s_ += other.hangs_60s_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ps_ += other.sum_ps_;
  sum_squares_ns_ += other.sum_squares_ns_;
}

void Histogram::clear() { *this = Histogram(); }

double Histogram::mean_ns() const {
  return count_ == 0 ? 0 : static_cast<double>(sum_ps_) * 1e-3 / static_cast<double>(count_);
}

double Histogram::stddev_ns() const {
  if (count_ < 2 || min_ == max_) return 0;
  const double n = static_cast<double>(count_);
  const double mean = mean_ns();
  return std::sqrt(std::max(0.0, (sum_squares_ns_ - n * mean * mean) / (n - 1)));
}

std::uint64_t Histogram::rank_of(double percent) const {
  return nearest_rank(percent / 100, count_);
}

std::optional<double> Histogram::percentile_ns(double percent) const {
  if (count_ == 0) return std::nullopt;
  const std::uint64_t rank = rank_of(percent);
  if (rank == count_) return in_ns(max_);
  std::uint64_t seen = 0;
  for (unsigned bucket = bucket_of(static_cast<std::uint64_t>(min_.count()) / 1000);
       bucket < kBuckets; ++bucket) {
    seen += bins_->counts.at(static_cast<int>(bucket));
    if (seen >= rank)
      return std::clamp(static_cast<double>(bucket_value(bucket)), in_ns(min_), in_ns(max_));
  }
  return in_ns(max_);
}

bool Histogram::supports(double percent) const {
  return count_ > 0 && count_ - rank_of(percent) >= 10;
}

std::uint64_t Histogram::in_bucket(unsigned bucket) const {
  return bins_ ? bins_->counts.at(static_cast<int>(bucket)) : 0;
}

unsigned Histogram::bucket_of(std::uint64_t nanoseconds) {
  if (nanoseconds < 2 * kValues) return static_cast<unsigned>(nanoseconds);
  const unsigned error_bits = static_cast<unsigned>(std::bit_width(nanoseconds)) - 1 - kBits;
  const unsigned base = (error_bits + 1) << kBits;
  const unsigned offset = static_cast<unsigned>(nanoseconds >> error_bits) & (kValues - 1);
  return std::min(base + offset, kBuckets - 1);
}

std::uint64_t Histogram::bucket_value(unsigned bucket) {
  if (bucket < 2 * kValues) return bucket;
  const std::uint64_t width = bucket_width(bucket);
  return width * kValues + (bucket % kValues) * width + width / 2;
}

std::uint64_t Histogram::bucket_width(unsigned bucket) {
  return bucket < 2 * kValues ? 1 : std::uint64_t{1} << ((bucket >> kBits) - 1);
}

std::uint64_t Histogram::bucket_end(unsigned bucket) {
  const std::uint64_t width = bucket_width(bucket);
  return bucket_value(bucket) - width / 2 + width;
}

}  // namespace orrery
