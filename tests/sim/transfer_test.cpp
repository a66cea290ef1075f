#include "sim/transfer.hpp"

#include <gtest/gtest.h>

#include <simgrid/s4u/Actor.hpp>
#include <simgrid/s4u/Engine.hpp>
#include <string>
#include <vector>

#include "tests/sim/engine_case.hpp"

namespace orrery {
namespace {

using enum TransferOutcome;

// 1.25 MB over 10 Gbit/s are a millisecond, and the route's latency is a microsecond.
constexpr Bytes kMillisecond{1'250'000};

struct End {
  TransferOutcome outcome;
  double us;
};

struct TransferTest : EngineCase {
  using EngineCase::EngineCase;

  Task<> carry(std::string from, std::string to, TimePoint start, Bytes bytes,
               std::optional<BitRate> limit, TransferSwitch* off_switch, std::vector<End>* ends) {
    co_await Delay(calendar(), start);
    Task<TransferOutcome> task = transfer(simulation_, from, to, bytes, limit, off_switch);
    const TransferOutcome outcome = co_await task;
    ends->push_back({outcome, to_microseconds(now() - start)});
  }
  void start(double us, std::string from = "a", std::string to = "b", Bytes bytes = kMillisecond,
             std::optional<BitRate> limit = std::nullopt, TransferSwitch* off_switch = nullptr) {
    spawn(carry(std::move(from), std::move(to), at_us(us), bytes, limit, off_switch, &ends_));
  }
  void run(double until_us = 50'000) { simulation_.run(at_us(until_us)); }
  // One transfer has ended once, so, after so long.
  void expect(TransferOutcome outcome, double us, double tolerance_us = 1e-3) {
    ASSERT_EQ(ends_.size(), 1u);
    EXPECT_EQ(ends_[0].outcome, outcome);
    EXPECT_NEAR(ends_[0].us, us, tolerance_us);
  }
  std::vector<End> ends_;
};

TEST_F(TransferTest, takes_latency_and_bytes_over_bandwidth) {
  start(100);
  run();
  expect(done, 1001);
}

TEST_F(TransferTest, takes_exactly_as_long_beside_a_busy_calendar) {
  start(100);
  spawn(forever(Duration{13'700}));
  run(2'000);
  expect(done, 1001, 1e-6);
  EXPECT_GT(calendar().fired(), 140'000u);
}

TEST_F(TransferTest, takes_exactly_as_long_when_the_engine_is_interrupted_all_the_time) {
  auto interrupter = [](Simulation* simulation) -> Task<> {
    for (;;) {
      co_await Delay(simulation->calendar(), Duration{13'700});
      simulation->at_engine([] {});
    }
  };
  start(100);
  spawn(interrupter(&simulation_));
  run(2'000);
  expect(done, 1001, 1e-6);
}

TEST_F(TransferTest, shares_a_link_in_equal_parts) {
  start(0, "a", "c");
  start(0, "b", "c");
  run();
  ASSERT_EQ(ends_.size(), 2u);
  for (const End& end : ends_) {
    EXPECT_EQ(end.outcome, done);
    EXPECT_NEAR(end.us, 2001, 1e-3);
  }
}

TEST_F(TransferTest, does_not_share_with_the_opposite_direction) {
  start(0, "a", "b");
  start(0, "b", "a");
  run();
  ASSERT_EQ(ends_.size(), 2u);
  for (const End& end : ends_) EXPECT_NEAR(end.us, 1001, 1e-3);
}

TEST_F(TransferTest, follows_a_change_of_bandwidth_midway) {
  start(100);
  at(at_us(601), [&] { simulation_.set_link_bandwidth(nics_of("b"), gigabits_per_second(5)); });
  run();
  expect(done, 501 + 2 * 500);
}

TEST_F(TransferTest, stays_below_its_limit_in_chunks_of_a_second) {
  start(0, "a", "b", Bytes{12'500'000}, gigabits_per_second(0.1));  // one second
  run(2'000'000);
  expect(done, 1'000'001);
}

TEST_F(TransferTest, a_limited_one_of_many_chunks_pays_latency_once_per_chunk) {
  start(0, "a", "b", Bytes{31'250'000}, gigabits_per_second(0.1));  // two and a half
  run(5'000'000);
  expect(done, 2'500'003);
}

TEST_F(TransferTest, a_limit_above_the_link_changes_nothing) {
  start(0, "a", "b", kMillisecond, gigabits_per_second(400));
  run();
  expect(done, 1001);
}

TEST_F(TransferTest, of_nothing_takes_the_latency) {
  start(0, "a", "b", Bytes{0});
  run();
  expect(done, 1);
}

TEST_F(TransferTest, to_the_host_itself_is_done_at_once) {
  start(7, "a", "a");
  run();
  expect(done, 0);
}

TEST_F(TransferTest, fails_when_a_link_goes_down) {
  start(100);
  at(at_us(500), [&] { simulation_.set_link(nics_of("b"), false); });
  run();
  expect(failed, 400);
}

struct LongTransferTest : TransferTest {
  LongTransferTest() : TransferTest(three_hosts(milliseconds(1))) {}
};

TEST_F(LongTransferTest, fails_when_a_link_goes_down_before_the_first_byte_has_arrived) {
  start(0);
  at(at_us(500), [&] { simulation_.set_link(nics_of("a"), false); });
  run();
  expect(failed, 500);
}

TEST_F(LongTransferTest, is_not_slowed_by_a_window_that_long_latency_would_exhaust) {
  start(0, "a", "b", Bytes{125'000'000});
  run(500'000);
  expect(done, 102'000, 1e-2);
}

TEST_F(TransferTest, fails_when_its_source_goes_down) {
  start(100);
  at(at_us(500), [&] { simulation_.set_host("a", false); });
  run();
  expect(failed, 400);
}

TEST_F(TransferTest, fails_when_its_destination_goes_down) {
  start(100);
  at(at_us(500), [&] { simulation_.set_host("b", false); });
  run();
  expect(failed, 400);
}

TEST_F(TransferTest, fails_when_a_host_goes_down_and_up_in_one_instant) {
  start(100);
  at(at_us(500), [&] {
    simulation_.set_host("b", false);
    simulation_.set_host("b", true);
  });
  run();
  expect(failed, 400);
}

TEST_F(TransferTest, fails_when_both_ends_and_the_link_go_down_at_once) {
  start(100);
  at(at_us(500), [&] {
    simulation_.set_link(nics_of("a"), false);
    simulation_.set_host("a", false);
    simulation_.set_host("b", false);
  });
  run();
  expect(failed, 400);
}

TEST_F(TransferTest, fails_when_its_actors_are_killed) {
  start(100);
  at(at_us(500), [&] {
    simulation_.at_engine([] {
      for (const auto& actor : simgrid::s4u::Engine::get_instance()->get_filtered_actors(
               [](const simgrid::s4u::ActorPtr& a) { return a->get_name() == "sender"; }))
        actor->kill();
    });
  });
  run();
  expect(failed, 400);
}

TEST_F(TransferTest, fails_at_once_on_a_dead_link) {
  simulation_.set_link(nics_of("b"), false);
  start(100);
  run();
  expect(failed, 0);
}

TEST_F(TransferTest, fails_at_once_when_the_link_dies_in_the_instant_of_the_start) {
  start(100);
  at(at_us(100), [&] { simulation_.set_link(nics_of("b"), false); });
  run();
  expect(failed, 0);
}

TEST_F(TransferTest, fails_at_once_from_and_to_a_host_that_is_down) {
  simulation_.set_host("c", false);
  start(100, "c", "b");
  start(100, "a", "c");
  run();
  ASSERT_EQ(ends_.size(), 2u);
  for (const End& end : ends_) {
    EXPECT_EQ(end.outcome, failed);
    EXPECT_NEAR(end.us, 0, 1e-6);
  }
}

TEST_F(TransferTest, a_limited_one_fails_when_the_link_dies_between_two_chunks) {
  start(0, "a", "b", Bytes{31'250'000}, gigabits_per_second(0.1));
  at(at_us(1'000'001), [&] { simulation_.set_link(nics_of("a"), false); });
  run(5'000'000);
  expect(failed, 1'000'001);
}

TEST_F(TransferTest, works_again_after_a_failure) {
  start(100);
  at(at_us(500), [&] { simulation_.set_link(nics_of("b"), false); });
  at(at_us(600), [&] { simulation_.set_link(nics_of("b"), true); });
  start(700);
  run();
  ASSERT_EQ(ends_.size(), 2u);
  EXPECT_EQ(ends_[0].outcome, failed);
  EXPECT_EQ(ends_[1].outcome, done);
  EXPECT_NEAR(ends_[1].us, 1001, 1e-3);
}

TEST_F(TransferTest, called_off_ends_as_cancelled_and_leaves_the_link) {
  TransferSwitch off_switch;
  start(0, "a", "b", kMillisecond, std::nullopt, &off_switch);
  start(0, "a", "b");
  at(at_us(501), [&] {
    off_switch.cancel();
    off_switch.cancel();
  });
  run();
  ASSERT_EQ(ends_.size(), 2u);
  EXPECT_EQ(ends_[0].outcome, cancelled);
  EXPECT_NEAR(ends_[0].us, 501, 1e-3);
  EXPECT_EQ(ends_[1].outcome, done);
  EXPECT_NEAR(ends_[1].us, 501 + 750, 1e-3);  // half of the link for 500 us, then all of it
}

TEST_F(TransferTest, whose_waiter_is_destroyed_leaves_the_link) {
  TaskScope doomed;
  doomed.spawn(carry("a", "b", kStart, kMillisecond, std::nullopt, nullptr, &ends_));
  start(0, "a", "b");
  at(at_us(501), [&] { doomed.clear(); });
  run();
  expect(done, 501 + 750);
}

TEST_F(TransferTest, whose_waiter_is_destroyed_before_it_started_never_starts) {
  {
    TaskScope doomed;
    doomed.spawn(carry("a", "b", kStart, kMillisecond, std::nullopt, nullptr, &ends_));
  }
  start(0, "a", "b");
  run();
  expect(done, 1001);
}

TEST_F(TransferTest, still_on_its_way_at_the_end_goes_with_the_run) {
  start(100);
  run(500);
  EXPECT_TRUE(ends_.empty());
  EXPECT_EQ(simulation_.tasks().size(), 0u);
}

TEST_F(TransferTest, a_thousand_in_a_row_and_at_once_all_end) {
  auto chain = [](TransferTest* test, int* ended) -> Task<> {
    for (int i = 0; i < 100; ++i) {
      Task<TransferOutcome> task = transfer(test->simulation_, "a", "b", Bytes{1000});
      *ended += co_await task == done;
    }
  };
  int ended = 0;
  for (int i = 0; i < 10; ++i) spawn(chain(this, &ended));
  run();
  EXPECT_EQ(ended, 1000);
}

TEST_F(TransferTest, the_load_of_a_link_is_what_it_carries_in_that_direction) {
  start(0);
  at(at_us(500), [&] {
    EXPECT_NEAR(simulation_.load_of_link(nics_of("a"), LinkDirection::up).bits_per_second(), 1e10,
                1);
    EXPECT_EQ(simulation_.load_of_link(nics_of("a"), LinkDirection::down).bits_per_second(), 0);
    EXPECT_NEAR(simulation_.load_of_link(nics_of("b"), LinkDirection::down).bits_per_second(), 1e10,
                1);
  });
  run();
  expect(done, 1001);
}

}  // namespace
}  // namespace orrery
