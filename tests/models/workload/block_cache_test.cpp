#include "models/workload/block_cache.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <list>
#include <vector>

#include "models/workload/key_chooser.hpp"

namespace orrery {
namespace block_cache_test {

RC_GTEST_PROP(BlockCache, does_what_a_list_does, (std::vector<std::uint8_t> blocks)) {
  const auto capacity = *rc::gen::inRange<std::size_t>(0, 20);
  BlockCache cache(capacity);
  std::list<std::uint64_t> model;
  for (const std::uint8_t raw : blocks) {
    const std::uint64_t block = raw % 40;
    const auto found = std::find(model.begin(), model.end(), block);
    RC_ASSERT(cache.touch(block) == (found != model.end()));
    if (found != model.end()) model.erase(found);
    else cache.insert(block);
    if (capacity == 0) continue;
    if (model.size() == capacity) model.pop_back();
    model.push_front(block);
    RC_ASSERT(cache.size() == model.size());
  }
}

// Che's approximation of an LRU's hit ratio: the sum of p_i (1 - exp(-p_i T)) with T such that the
// expected number of items in the cache is its capacity. It is good to a percent for Zipf's law.
TEST(BlockCache, hits_as_often_as_che_approximates) {
  constexpr std::uint64_t kItems = 20'000;
  constexpr std::size_t kCapacity = 2'000;
  constexpr double kTheta = 0.9;
  const Zipf zipf(kItems, kTheta, 0);
  std::vector<double> p(kItems);
  double sum = 0;
  for (std::uint64_t i = 0; i < kItems; ++i)
    sum += p[i] = std::pow(static_cast<double>(i + 1), -kTheta);
  for (double& x : p) x /= sum;
  const auto filled = [&](double t) {
    double n = 0;
    for (const double x : p) n += 1 - std::exp(-x * t);
    return n;
  };
  double low = 0, high = 1e9;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (filled(middle) < kCapacity ? low : high) = middle;
  }
  double expected = 0;
  for (const double x : p) expected += x * (1 - std::exp(-x * low));

  BlockCache cache(kCapacity);
  Draws draws(7);
  std::uint64_t hits = 0;
  constexpr int kWarm = 100'000, kDraws = 400'000;
  for (int i = 0; i < kWarm + kDraws; ++i) {
    const std::uint64_t block = zipf.rank(draws.uniform());
    const bool hit = cache.touch(block);
    if (!hit) cache.insert(block);
    hits += hit && i >= kWarm;
  }
  EXPECT_NEAR(static_cast<double>(hits) / kDraws, expected, 0.01);
}

}  // namespace block_cache_test
}  // namespace orrery
