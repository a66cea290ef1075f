// Flows that share links: closed forms, what holds for every input, and SimGrid's network on the
// same input.
#include "sim/shared_links.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <vector>

#include "sim/flows.hpp"
#include "sim/random.hpp"
#include "tests/sim/engine_case.hpp"

namespace orrery {
namespace shared_links_test {

constexpr BitRate kFast{10e9};
constexpr Bytes kFastMillisecond{1'250'000};  // at kFast

struct SharedLinksTest : testing::Test {
  Task<> carry(std::vector<SharedLinks::Link> on, BitRate limit, Bytes bytes, double start_us) {
    const std::size_t number = ends.size();
    ends.push_back(-1);
    arrived.push_back(false);
    co_await Delay(calendar, kStart + microseconds(start_us));
    SharedLinks::Flow flow(links, on, limit, bytes);
    const bool has_arrived = co_await flow;
    arrived[number] = has_arrived;
    ends[number] = to_microseconds(calendar.now() - kStart);
  }
  void start(std::vector<SharedLinks::Link> on, Bytes bytes = kFastMillisecond, double start_us = 0,
             BitRate limit = kFast) {
    scope.spawn(carry(std::move(on), limit, bytes, start_us));
  }
  void run() {
    while (!calendar.empty()) calendar.run_until(calendar.next_time());
  }

  Calendar calendar;
  SharedLinks links{calendar};
  std::vector<double> ends;  // in microseconds; -1: has not
  std::vector<bool> arrived;
  TaskScope scope;
};

TEST_F(SharedLinksTest, a_flow_alone_takes_its_bytes_over_the_slowest_link_or_its_limit) {
  const auto fast = links.add(kFast), slow = links.add(BitRate{2.5e9});
  start({fast});
  start({slow}, kFastMillisecond);
  start({fast}, kFastMillisecond, 5000, BitRate{5e9});
  run();
  EXPECT_NEAR(ends[0], 1000, 1e-5);
  EXPECT_NEAR(ends[1], 4000, 1e-5);
  EXPECT_NEAR(ends[2], 7000, 1e-5);
}

TEST_F(SharedLinksTest, what_one_flow_cannot_use_the_others_have) {
  // a: 10 G shared by three, one of which is held to 2 G by another link: the others have 4 G each.
  const auto wide = links.add(kFast), narrow = links.add(BitRate{2e9});
  start({wide, narrow});
  start({wide});
  start({wide});
  run();
  EXPECT_NEAR(ends[1], 2500, 1e-5);
  EXPECT_NEAR(ends[2], 2500, 1e-5);
  EXPECT_NEAR(ends[0], 5000, 1e-5);
}

TEST_F(SharedLinksTest, one_that_comes_later_shares_what_is_left) {
  const auto link = links.add(kFast);
  start({link});
  start({link}, kFastMillisecond, 500);
  run();
  EXPECT_NEAR(ends[0], 1500, 1e-5);
  EXPECT_NEAR(ends[1], 2000, 1e-5);
}

TEST_F(SharedLinksTest, a_link_that_changes_is_shared_anew_and_one_that_dies_fails_its_flows) {
  const auto link = links.add(kFast), other = links.add(kFast);
  start({link});
  start({link, other}, kFastMillisecond, 4000);
  start({link}, kFastMillisecond, 6000);
  calendar.run_until(kStart + microseconds(500));
  calendar.advance_to(kStart + microseconds(500));
  links.set_capacity(link, BitRate{5e9});
  calendar.run_until(kStart + microseconds(4500));
  calendar.advance_to(kStart + microseconds(4500));
  links.set_capacity(other, BitRate{});
  run();
  EXPECT_NEAR(ends[0], 1500, 1e-5);
  EXPECT_FALSE(arrived[1]);
  EXPECT_NEAR(ends[1], 4500, 1e-5);
  EXPECT_NEAR(ends[2], 8000, 1e-5);
  start({link, other});
  run();
  EXPECT_FALSE(arrived[3]);
}

TEST_F(SharedLinksTest, a_flow_that_is_called_off_leaves_its_share) {
  const auto link = links.add(kFast);
  std::optional<TaskScope> impatient{std::in_place};
  impatient->spawn(carry({link}, kFast, kFastMillisecond, 0));
  start({link});
  calendar.run_until(kStart + microseconds(400));
  calendar.advance_to(kStart + microseconds(400));
  impatient.reset();
  run();
  EXPECT_NEAR(ends[1], 1200, 1e-5);
}

// What costs is how many classes there are, not how many flows.
TEST_F(SharedLinksTest, a_thousand_flows_into_one_link_end_together_one_event_apart) {
  const auto into = links.add(kFast);
  for (int i = 0; i < 1000; ++i) start({links.add(kFast), into}, Bytes{12'500});
  const std::uint64_t before = calendar.fired();
  run();
  for (const double end : ends) EXPECT_NEAR(end, 10'000, 1e-3);
  EXPECT_LT(calendar.fired() - before, 10'000u);
}

// Three hosts with two ports each, of which a flow uses one: SimGrid's answer to the same input.
struct AgainstSimGrid : EngineCase {
  static PlatformSpec two_ports() {
    PlatformSpec spec = three_hosts(Duration{});
    for (HostSpec& host : spec.hosts) host.nics.strand = BitRate{kPort};
    for (HostSpec& host : spec.hosts) host.nics.bandwidth = BitRate{2 * kPort};
    return spec;
  }
  static constexpr double kPort = 10e9;
  AgainstSimGrid() : EngineCase(two_ports()) {
    for (const char* name : {"a", "b", "c"}) {
      hosts.push_back(flows.host(name));
      up.push_back(shared.add(BitRate{2 * kPort}));
      down.push_back(shared.add(BitRate{2 * kPort}));
    }
  }
  Task<> both(std::size_t from, std::size_t to, TimePoint start, Bytes bytes) {
    co_await Delay(calendar(), start);
    tasks.spawn(ours(from, to, bytes, ends.size()));
    tasks.spawn(simgrids(from, to, bytes, ends.size()));
    ends.emplace_back();
  }
  Task<> ours(std::size_t from, std::size_t to, Bytes bytes, std::size_t number) {
    SharedLinks::Flow flow(shared, std::array{up[from], down[to]}, BitRate{kPort}, bytes);
    const bool arrived = co_await flow;
    EXPECT_TRUE(arrived);
    ends[number].first = now();
  }
  Task<> simgrids(std::size_t from, std::size_t to, Bytes bytes, std::size_t number) {
    Flows::Carry flow(flows, hosts[from], hosts[to], bytes);
    const bool arrived = co_await flow;
    EXPECT_TRUE(arrived);
    ends[number].second = now();
  }

  Flows flows{simulation_};
  SharedLinks shared{calendar()};
  std::vector<Flows::Host> hosts;
  std::vector<SharedLinks::Link> up, down;
  std::deque<std::pair<TimePoint, TimePoint>> ends;
  TaskScope tasks;
};

TEST_F(AgainstSimGrid, flows_that_come_and_go_at_random_end_at_the_same_times) {
  RandomStream random(7, "flows");
  constexpr int kFlows = 400;
  for (int i = 0; i < kFlows; ++i) {
    const std::size_t from = random.below(3);
    const std::size_t to = (from + 1 + random.below(2)) % 3;
    spawn(both(from, to, at_us(static_cast<double>(random.below(20'000))),
               Bytes{static_cast<std::int64_t>(1'000 + random.below(1'000'000))}));
  }
  simulation_.run(at_us(1'000'000));
  ASSERT_EQ(ends.size(), static_cast<std::size_t>(kFlows));
  for (const auto& [ours, simgrids] : ends)
    EXPECT_NEAR(to_microseconds(ours - kStart), to_microseconds(simgrids - kStart), 0.01);
}

}  // namespace shared_links_test
}  // namespace orrery
