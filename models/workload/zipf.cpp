#include "models/workload/zipf.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace orrery {

Zipf::Zipf(std::uint64_t range, double theta, std::uint64_t shift)
    : range_(range),
      shift_(shift % range),
      zeta_n_(zeta(range, theta)),
      second_(1 + std::pow(0.5, theta)),
      alpha_(1 / (1 - theta)) {
  const double n = static_cast<double>(range);
  eta_ = range > 2 ? (1 - std::pow(2 / n, 1 - theta)) / (1 - second_ / zeta_n_) : 0;
}

std::uint64_t Zipf::rank(double uniform) const {
  const double z = uniform * zeta_n_;
  if (z < 1) return 0;
  if (z < second_) return std::min<std::uint64_t>(1, range_ - 1);
  const double n = static_cast<double>(range_);
  const double rank = n * std::pow(eta_ * uniform - eta_ + 1, alpha_);
  // Of a theta far from what anybody means, the power leaves what a double holds.
  if (!(rank < n)) return range_ - 1;
  return std::min(static_cast<std::uint64_t>(std::max(rank, 0.0)), range_ - 1);
}

std::uint64_t Zipf::place(std::uint64_t rank) const {
  constexpr std::uint64_t kGoldenRatio = 0x61c8864680b583ebu;  // fio's __hash_u64
  // Multiplying by an odd number permutes the numbers below a power of two. What lies beyond the
  // range is multiplied again until it is within: the same cycle passes through the rank, so it
  // ends, and what is left is a permutation of the range.
  const std::uint64_t mask = std::bit_ceil(range_) - 1;
  std::uint64_t item = rank;
  do item = item * kGoldenRatio & mask;
  while (item >= range_);
  return (item + shift_) % range_;
}

double Zipf::zeta(std::uint64_t n, double theta) {
  constexpr std::uint64_t kExact = 1000;
  double sum = 0;
  const std::uint64_t exact = std::min(n, kExact);
  for (std::uint64_t i = 1; i <= exact; ++i) sum += std::pow(static_cast<double>(i), -theta);
  if (n == exact) return sum;
  // Sum over a+1 .. n: the integral, half the end terms and the first correction; the next one is
  // below 1e-12 of the sum.
  const double a = static_cast<double>(exact), b = static_cast<double>(n);
  const double integral = (std::pow(b, 1 - theta) - std::pow(a, 1 - theta)) / (1 - theta);
  const double ends = (std::pow(b, -theta) - std::pow(a, -theta)) / 2;
  const double slopes = -theta * (std::pow(b, -theta - 1) - std::pow(a, -theta - 1)) / 12;
  return sum + integral + ends + slopes;
}

}  // namespace orrery
