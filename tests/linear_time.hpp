// Whether something takes time in proportion to how much there is to do.
//
// Only time tells: most steps are those of libraries, which nobody counts. It is the processor's,
// so that a busy machine does not matter, and both sides of the comparison do as much, so that what
// blurs one blurs the other.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <ctime>

namespace orrery {

// `work(n)` eight times against `work(8 n)` once: linear work takes as long, quadratic work eight
// times as long.
template <class Work>
void expect_linear(Work work, std::size_t n) {
  const auto processor_time_of = [&work](std::size_t size, int times) {
    const std::clock_t start = std::clock();
    for (int i = 0; i < times; ++i) work(size);
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  };
  constexpr int kTimes = 8;
  const double parts = processor_time_of(n, kTimes);
  const double whole = processor_time_of(kTimes * n, 1);
  EXPECT_LT(whole, kTimes / 2 * parts) << "seconds";
}

}  // namespace orrery
