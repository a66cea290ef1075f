// Named streams of random numbers.
//
// Every component that draws owns a stream seeded from the run's seed and its own name, so two
// architectures see the same arrivals and adding a component moves nobody else's numbers.
// Distributions are Boost.Random's: the same numbers on every platform. A drawn time is rounded to
// picoseconds at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "sim/units.hpp"

namespace orrery {

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view name);
  RandomStream(RandomStream&&) noexcept;
  RandomStream& operator=(RandomStream&&) noexcept;
  ~RandomStream();

  std::uint64_t bits();
  double uniform();                      // [0, 1)
  std::uint64_t below(std::uint64_t n);  // 0 .. n-1
  bool chance(double probability);
  Duration exponential(Duration mean);
  Duration uniform(Duration from, Duration to);
  double normal(double mean, double deviation);
  double lognormal(double mu, double sigma);  // parameters of the underlying normal

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

// A 64-bit hash of a name under a seed: the same on every platform. Also used by ECMP.
std::uint64_t hash_of(std::uint64_t seed, std::string_view name);
std::uint64_t mix(std::uint64_t value);

}  // namespace orrery
