// A closed network of two stations against exact mean value analysis (Reiser and Lavenberg 1980).
#include <gtest/gtest.h>

#include <vector>

#include "sim/random.hpp"
#include "sim/station.hpp"
#include "sim/statistics.hpp"
#include "sim/task.hpp"

namespace orrery {
namespace closed_network_test {

// Customers think, visit the first station, then the second. All times are exponential.
struct Network {
  Duration think{};
  Duration service[2]{};
};

struct Solution {
  double per_second = 0;     // cycles
  double in_system[2] = {};  // mean customers at each station
};

Solution mean_value_analysis(const Network& network, int customers) {
  Solution solved;
  for (int n = 1; n <= customers; ++n) {
    double response[2], cycle = to_seconds(network.think);
    for (int k = 0; k < 2; ++k) {
      response[k] = to_seconds(network.service[k]) * (1 + solved.in_system[k]);
      cycle += response[k];
    }
    solved.per_second = n / cycle;
    for (int k = 0; k < 2; ++k) solved.in_system[k] = solved.per_second * response[k];
  }
  return solved;
}

struct Simulated {
  Calendar calendar;
  Station first{calendar, "first", 1};
  Station second{calendar, "second", 1};
  std::vector<RandomStream> streams;
  TaskScope scope;
};

Task<> customer(Simulated* all, Network network, RandomStream* stream) {
  for (;;) {
    Delay think(all->calendar, stream->exponential(network.think));
    co_await think;
    Station::Use first = all->first.use(stream->exponential(network.service[0]));
    co_await first;
    Station::Use second = all->second.use(stream->exponential(network.service[1]));
    co_await second;
  }
}

Solution simulate(const Network& network, int customers, std::uint64_t seed) {
  Simulated all;
  for (int i = 0; i < customers; ++i)
    all.streams.emplace_back(seed, "customer " + std::to_string(i));
  for (RandomStream& stream : all.streams) all.scope.spawn(customer(&all, network, &stream));
  const TimePoint begin = kStart + milliseconds(100), end = begin + seconds(2);
  all.calendar.run_until(begin);
  all.calendar.advance_to(begin);
  const auto first_from = all.first.books().snapshot(begin);
  const auto second_from = all.second.books().snapshot(begin);
  all.calendar.run_until(end);
  all.calendar.advance_to(end);
  const auto first_to = all.first.books().snapshot(end);
  const auto second_to = all.second.books().snapshot(end);
  EXPECT_TRUE(littles_law_holds(first_to));
  EXPECT_TRUE(littles_law_holds(second_to));
  const BookFigures first = figures_between(first_from, first_to, 1);
  const BookFigures second = figures_between(second_from, second_to, 1);
  return {static_cast<double>(second.served) / to_seconds(end - begin),
          {first.mean_busy + first.mean_queue, second.mean_busy + second.mean_queue}};
}

void expect_within(std::vector<double> values, double theory, double relative_width) {
  const Interval interval = interval_of(values, 0.999);
  ASSERT_TRUE(interval.half_width);
  EXPECT_LE(*interval.half_width, relative_width * theory) << "the interval is too wide to tell";
  EXPECT_TRUE(interval.contains(theory))
      << theory << " is not in " << interval.value << " +- " << *interval.half_width;
}

class ClosedNetwork : public testing::TestWithParam<int> {};

// 99.9 % intervals over 20 seeds; throughput to 1 %, customers at the less loaded station to 5 %.
TEST_P(ClosedNetwork, agrees_with_exact_mean_value_analysis) {
  const Network network{microseconds(50), {microseconds(20), microseconds(15)}};
  const Solution theory = mean_value_analysis(network, GetParam());
  std::vector<double> per_second, first, second;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Solution run = simulate(network, GetParam(), seed);
    per_second.push_back(run.per_second);
    first.push_back(run.in_system[0]);
    second.push_back(run.in_system[1]);
  }
  expect_within(per_second, theory.per_second, 0.01);
  expect_within(first, theory.in_system[0], 0.05);
  expect_within(second, theory.in_system[1], 0.05);
}
INSTANTIATE_TEST_SUITE_P(Customers, ClosedNetwork, testing::Values(1, 4, 16));

}  // namespace closed_network_test
}  // namespace orrery
