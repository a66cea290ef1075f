// Which keys a client asks for: all alike, or by Zipf's law with the hot ones scattered over the
// data set. And the draws that an operation makes, which follow from one number that it got when it
// arrived: the same whatever serves it, and when.
#pragma once

#include <cstdint>
#include <optional>

#include "models/workload/application.hpp"
#include "models/workload/zipf.hpp"
#include "sim/random.hpp"

namespace orrery {

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits() { return mix(state_ += 0x9e3779b97f4a7c15u); }
  double uniform() { return unit(bits()); }
  // A number in [0, 1) from 64 bits.
  static double unit(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

 private:
  std::uint64_t state_;
};

class KeyChooser {
 public:
  KeyChooser(const ApplicationSpec& spec, std::uint64_t seed)
      : keys_(static_cast<std::uint64_t>(spec.keys)) {
    if (const auto theta = spec.zipf_theta()) zipf_.emplace(keys_, *theta, mix(seed));
  }
  std::uint64_t key(Draws& draws) const {
    const double uniform = draws.uniform();
    if (zipf_) return zipf_->place(zipf_->rank(uniform));
    const auto key = static_cast<std::uint64_t>(uniform * static_cast<double>(keys_));
    return key < keys_ ? key : keys_ - 1;
  }

 private:
  std::uint64_t keys_;
  std::optional<Zipf> zipf_;
};

}  // namespace orrery
