// Queues with Poisson arrivals against their closed forms (Kleinrock, Queueing Systems I; Erlang
// 1917; Pollaczek 1930).
#include "tests/theory/open_queue.hpp"

namespace orrery {
namespace open_queue_test {

constexpr double kServiceUs = 10;
const Duration kService = microseconds(kServiceUs);

OpenQueue queue_at(double load, int servers, Service service, Duration mean_service = kService) {
  return {servers, scaled(mean_service, 1 / (load * servers)), std::move(service)};
}

class MM1 : public testing::TestWithParam<double> {};

TEST_P(MM1, waits_as_long_as_theory_says) {
  const double load = GetParam();
  const auto runs = replicate(queue_at(load, 1, exponential(kService)), load);
  expect_mean(runs, &Measured::utilisation, load, 0.01);
  expect_mean(runs, &Measured::mean_wait_us, kServiceUs * load / (1 - load), 0.06);
  expect_mean(runs, &Measured::booked_wait_us, kServiceUs * load / (1 - load), 0.06);
  expect_mean(runs, &Measured::mean_in_system, load / (1 - load), 0.06);
  // The time in the system is exponential, so its 99th percentile is ln(100) means.
  expect_mean(runs, &Measured::p99_sojourn_us, std::log(100.0) * kServiceUs / (1 - load), 0.06);
}
INSTANTIATE_TEST_SUITE_P(Loads, MM1, testing::Values(0.3, 0.6, 0.8));

class MD1 : public testing::TestWithParam<double> {};

TEST_P(MD1, waits_half_as_long_as_with_exponential_service) {
  const double load = GetParam();
  const auto runs = replicate(queue_at(load, 1, constant(kService)), load);
  expect_mean(runs, &Measured::utilisation, load, 0.01);
  expect_mean(runs, &Measured::mean_wait_us, kServiceUs * load / (2 * (1 - load)), 0.06);
}
INSTANTIATE_TEST_SUITE_P(Loads, MD1, testing::Values(0.3, 0.6, 0.8));

// The probability to wait with c servers and an offered load of a Erlang.
double erlang_c(int c, double a) {
  double blocking = 1;  // Erlang B, by its recursion
  for (int k = 1; k <= c; ++k) blocking = a * blocking / (k + a * blocking);
  return blocking / (1 - a / c * (1 - blocking));
}

class MMc : public testing::TestWithParam<std::pair<int, double>> {};

TEST_P(MMc, waits_as_long_as_erlang_c_says) {
  const auto [servers, load] = GetParam();
  const auto runs = replicate(queue_at(load, servers, exponential(kService)), load);
  const double wait = erlang_c(servers, load * servers) * kServiceUs / (servers * (1 - load));
  expect_mean(runs, &Measured::utilisation, load, 0.01);
  expect_mean(runs, &Measured::mean_wait_us, wait, 0.08);
  expect_mean(runs, &Measured::mean_in_system, load * servers * (1 + wait / kServiceUs), 0.05);
}
INSTANTIATE_TEST_SUITE_P(ServersAndLoads, MMc,
                         testing::Values(std::pair{2, 0.7}, std::pair{8, 0.8}, std::pair{32, 0.9}));

// Pollaczek-Khinchine: the wait grows with the second moment of the service time.
double pollaczek_khinchine(double load, double mean, double second_moment) {
  return load / mean * second_moment / (2 * (1 - load));
}

TEST(MG1, with_two_point_service_waits_as_pollaczek_khinchine_say) {
  // One I/O in ten takes 55 us, the others 5 us.
  const Duration brief = microseconds(5), lengthy = microseconds(55);
  const Service two_point = [brief, lengthy](RandomStream& stream) {
    return stream.chance(0.1) ? lengthy : brief;
  };
  const auto runs = replicate(queue_at(0.6, 1, two_point), 0.6);
  expect_mean(runs, &Measured::utilisation, 0.6, 0.01);
  expect_mean(runs, &Measured::mean_wait_us, pollaczek_khinchine(0.6, 10, 0.9 * 25 + 0.1 * 3025),
              0.06);
}

TEST(MG1, with_hyperexponential_service_waits_as_pollaczek_khinchine_say) {
  // Means of 5 us (nine in ten) and 55 us: a squared coefficient of variation of 5.5.
  const Service hyper = [](RandomStream& stream) {
    const Duration mean = stream.chance(0.1) ? microseconds(55) : microseconds(5);
    return stream.exponential(mean);
  };
  const auto runs = replicate(queue_at(0.6, 1, hyper), 0.6);
  expect_mean(runs, &Measured::mean_wait_us,
              pollaczek_khinchine(0.6, 10, 2 * (0.9 * 25 + 0.1 * 3025)), 0.08);
}

}  // namespace open_queue_test
}  // namespace orrery
