// Quantities as types: time in picoseconds, bytes, bit rates, I/O rates.
//
// Time is a 64-bit count of picoseconds: 106 days, far beyond any run the schema accepts.
// Conversions from floating point round once and saturate, so a drawn MTBF of centuries becomes
// "never" instead of a negative time. Raw numbers do not cross a header: a function that takes
// bytes says Bytes.
#pragma once

#include <chrono>
#include <cmath>
#include <compare>
#include <cstdint>

namespace orrery {

using Duration = std::chrono::duration<std::int64_t, std::pico>;

struct SimClock {
  using rep = std::int64_t;
  using period = std::pico;
  using duration = Duration;
  using time_point = std::chrono::time_point<SimClock, Duration>;
  static constexpr bool is_steady = true;
};
using TimePoint = SimClock::time_point;

constexpr TimePoint kStart{};
constexpr TimePoint kNever = TimePoint::max();

namespace unit_detail {
constexpr std::int64_t rounded(double value) {
  constexpr double kLimit = 9.2e18;
  if (!(value < kLimit)) return INT64_MAX;
  if (value < -kLimit) return INT64_MIN;
  return static_cast<std::int64_t>(value < 0 ? value - 0.5 : value + 0.5);
}
}  // namespace unit_detail

constexpr Duration picoseconds(std::int64_t n) { return Duration{n}; }
constexpr Duration seconds(double n) { return Duration{unit_detail::rounded(n * 1e12)}; }
constexpr Duration milliseconds(double n) { return Duration{unit_detail::rounded(n * 1e9)}; }
constexpr Duration microseconds(double n) { return Duration{unit_detail::rounded(n * 1e6)}; }
constexpr Duration nanoseconds(double n) { return Duration{unit_detail::rounded(n * 1e3)}; }

constexpr double to_seconds(Duration d) { return static_cast<double>(d.count()) * 1e-12; }
constexpr double to_microseconds(Duration d) { return static_cast<double>(d.count()) * 1e-6; }
constexpr double to_nanoseconds(Duration d) { return static_cast<double>(d.count()) * 1e-3; }
constexpr double to_seconds(TimePoint t) { return to_seconds(t.time_since_epoch()); }

// The moment `d` after `t`; kNever where the clock does not reach.
constexpr TimePoint after(TimePoint t, Duration d) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(t.time_since_epoch().count(), d.count(), &sum)) return kNever;
  return TimePoint{Duration{sum}};
}

// A duration scaled by a plain factor (a slower core, a share of a cost), rounded once.
constexpr Duration scaled(Duration d, double factor) {
  return Duration{unit_detail::rounded(static_cast<double>(d.count()) * factor)};
}

// A count of bytes.
class Bytes {
 public:
  constexpr Bytes() = default;
  constexpr explicit Bytes(std::int64_t n) : n_(n) {}
  constexpr std::int64_t count() const { return n_; }

  friend constexpr auto operator<=>(Bytes, Bytes) = default;
  constexpr Bytes& operator+=(Bytes o) {
    n_ += o.n_;
    return *this;
  }
  constexpr Bytes& operator-=(Bytes o) {
    n_ -= o.n_;
    return *this;
  }
  friend constexpr Bytes operator+(Bytes a, Bytes b) { return Bytes{a.n_ + b.n_}; }
  friend constexpr Bytes operator-(Bytes a, Bytes b) { return Bytes{a.n_ - b.n_}; }
  friend constexpr Bytes operator*(Bytes a, std::int64_t k) { return Bytes{a.n_ * k}; }
  friend constexpr std::int64_t operator/(Bytes a, Bytes b) { return a.n_ / b.n_; }
  friend constexpr Bytes operator%(Bytes a, Bytes b) { return Bytes{a.n_ % b.n_}; }

 private:
  std::int64_t n_ = 0;
};

constexpr Bytes kibibytes(std::int64_t n) { return Bytes{n << 10}; }
constexpr Bytes mebibytes(std::int64_t n) { return Bytes{n << 20}; }
constexpr Bytes gibibytes(std::int64_t n) { return Bytes{n << 30}; }

// How many units of `unit` it takes to hold `bytes`.
constexpr std::int64_t units_of(Bytes unit, Bytes bytes) {
  return (bytes.count() + unit.count() - 1) / unit.count();
}

constexpr double as_number(Bytes bytes) { return static_cast<double>(bytes.count()); }
// Of a size that is not negative, rounded up.
inline Bytes whole_bytes(double bytes) {
  return Bytes{static_cast<std::int64_t>(std::ceil(bytes))};
}

// A rate of transmission, in bits per second.
class BitRate {
 public:
  constexpr BitRate() = default;
  constexpr explicit BitRate(double bits_per_second) : bps_(bits_per_second) {}
  constexpr double bits_per_second() const { return bps_; }
  constexpr double bytes_per_second() const { return bps_ / 8; }
  constexpr double picoseconds_per_byte() const { return 8e12 / bps_; }
  friend constexpr auto operator<=>(BitRate, BitRate) = default;

 private:
  double bps_ = 0;
};

constexpr BitRate gigabits_per_second(double n) { return BitRate{n * 1e9}; }
constexpr BitRate megabytes_per_second(double n) { return BitRate{n * 8e6}; }

// Time to send `bytes` at `rate`.
constexpr Duration operator/(Bytes bytes, BitRate rate) {
  return Duration{
      unit_detail::rounded(static_cast<double>(bytes.count()) * rate.picoseconds_per_byte())};
}

// A rate of operations per second.
class Iops {
 public:
  constexpr Iops() = default;
  constexpr explicit Iops(double per_second) : n_(per_second) {}
  constexpr double per_second() const { return n_; }
  constexpr Duration interval() const { return seconds(1 / n_); }
  friend constexpr auto operator<=>(Iops, Iops) = default;

 private:
  double n_ = 0;
};

}  // namespace orrery
