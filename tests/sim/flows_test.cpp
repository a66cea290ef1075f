#include "sim/flows.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/sim/engine_case.hpp"

namespace orrery {
namespace flows_test {

constexpr Bytes kMillisecond{1'250'000};

PlatformSpec without_latency(std::optional<BitRate> strand = std::nullopt) {
  PlatformSpec spec = three_hosts(Duration{});
  for (HostSpec& host : spec.hosts) host.nics.strand = strand;
  return spec;
}

struct FlowsTest : EngineCase {
  explicit FlowsTest(const PlatformSpec& spec = without_latency())
      : EngineCase(spec), a_(flows_.host("a")), b_(flows_.host("b")), c_(flows_.host("c")) {}

  struct End {
    bool arrived;
    double us;
    Bytes carried;
  };
  Task<> carry(Flows::Host from, Flows::Host to, TimePoint start, Bytes bytes) {
    co_await Delay(calendar(), start);
    Flows::Carry flow(flows_, from, to, bytes);
    const bool arrived = co_await flow;
    ends_.push_back({arrived, to_microseconds(now() - start), flow.carried()});
  }
  void start(double us, Flows::Host from, Flows::Host to, Bytes bytes = kMillisecond) {
    spawn(carry(from, to, at_us(us), bytes));
  }

  Flows flows_{simulation_};
  Flows::Host a_, b_, c_;
  std::vector<End> ends_;
};

TEST_F(FlowsTest, take_bytes_over_bandwidth_and_share_evenly) {
  start(100, a_, b_);
  start(3000, a_, c_);
  start(3000, b_, c_);
  simulation_.run(at_us(10'000));
  ASSERT_EQ(ends_.size(), 3u);
  EXPECT_NEAR(ends_[0].us, 1000, 1e-3);
  EXPECT_NEAR(ends_[1].us, 2000, 1e-3);
  EXPECT_NEAR(ends_[2].us, 2000, 1e-3);
  for (const End& end : ends_) EXPECT_TRUE(end.arrived);
}

TEST_F(FlowsTest, fail_when_a_link_goes_down_or_is_down) {
  start(0, a_, b_);
  at(at_us(400), [&] { simulation_.set_link(nics_of("b"), false); });
  start(500, c_, b_);
  at(at_us(600), [&] { simulation_.set_link(nics_of("b"), true); });
  start(700, c_, b_);
  simulation_.run(at_us(10'000));
  ASSERT_EQ(ends_.size(), 3u);
  EXPECT_FALSE(ends_[0].arrived);
  EXPECT_NEAR(ends_[0].us, 400, 1e-3);
  EXPECT_FALSE(ends_[1].arrived);
  EXPECT_NEAR(ends_[1].us, 0, 1e-3);
  EXPECT_TRUE(ends_[2].arrived);
  EXPECT_NEAR(ends_[2].us, 1000, 1e-3);
}

TEST_F(FlowsTest, stand_where_they_are_when_the_run_ends) {
  std::optional<Flows::Carry> flow;
  auto wait = [](Flows::Carry* carry) -> Task<> {
    const bool arrived = co_await *carry;
    EXPECT_FALSE(arrived);
  };
  flow.emplace(flows_, a_, b_, Bytes{10'000'000});
  spawn(wait(&*flow));
  Bytes carried;
  simulation_.at_end([&] { carried = flow->carried(); });
  simulation_.run(at_us(2000));
  EXPECT_NEAR(static_cast<double>(carried.count()), 2'500'000, 10);
  EXPECT_TRUE(ends_.empty());
}

struct StrandsTest : FlowsTest {
  StrandsTest() : FlowsTest(without_latency(gigabits_per_second(4))) {}
};

TEST_F(StrandsTest, bound_each_flow_by_itself) {
  start(0, a_, b_);
  start(5000, a_, b_);
  start(5000, a_, c_);
  simulation_.run(at_us(20'000));
  ASSERT_EQ(ends_.size(), 3u);
  for (const End& end : ends_) EXPECT_NEAR(end.us, 2500, 1e-2);
}

}  // namespace flows_test
}  // namespace orrery
