#include "sim/simulation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <functional>
#include <simgrid/kernel/ProfileBuilder.hpp>
#include <simgrid/s4u/Engine.hpp>
#include <simgrid/s4u/Link.hpp>
#include <simgrid/s4u/NetZone.hpp>
#include <stdexcept>
#include <vector>

#include "sim/assert.hpp"
#include "sim/station.hpp"
#include "tests/sim/engine_case.hpp"

namespace orrery {
namespace simulation_test {

using SimulationTest = EngineCase;
using testing::HasSubstr;

double engine_clock() { return simgrid::s4u::Engine::get_clock(); }

TEST_F(SimulationTest, runs_up_to_its_end_and_includes_it) {
  std::vector<TimePoint> fired;
  for (double us : {1.0, 10.0, 10.000001}) at(at_us(us), [&] { fired.push_back(now()); });
  simulation_.run(at_us(10));
  EXPECT_EQ(fired, (std::vector<TimePoint>{at_us(1), at_us(10)}));
  EXPECT_EQ(now(), at_us(10));
  EXPECT_DOUBLE_EQ(engine_clock(), 10e-6);
  EXPECT_FALSE(simulation_.ended_early());
}

TEST_F(SimulationTest, an_endless_source_ends_with_the_run) {
  std::uint64_t count = 0;
  spawn(forever(nanoseconds(100), &count));
  simulation_.run(at_us(1000));
  EXPECT_EQ(count, 10'000u);
  EXPECT_DOUBLE_EQ(engine_clock(), 1e-3);
}

TEST_F(SimulationTest, without_an_event_the_clock_still_reaches_the_end) {
  simulation_.run(kStart + seconds(3600));
  EXPECT_EQ(now(), kStart + seconds(3600));
  EXPECT_DOUBLE_EQ(engine_clock(), 3600);
}

TEST_F(SimulationTest, looks_ahead_over_many_events_in_a_few_engine_steps) {
  spawn(forever(nanoseconds(10)));
  simulation_.run(at_us(10'000));
  EXPECT_EQ(calendar().fired(), 1'000'000u);
  EXPECT_LT(simulation_.engine_steps(), 10u);
}

TEST_F(SimulationTest, applies_profiles_beside_an_endless_source) {
  namespace sg = simgrid::s4u;
  sg::NetZone* zone =
      sg::create_star_zone("aside")->set_parent(sg::Engine::get_instance()->get_netzone_root());
  sg::Link* link = zone->create_link("profiled", 1e9);
  link->set_state_profile(
      simgrid::kernel::profile::ProfileBuilder::from_string("p", "0.0025 0\n0.0045 1\n", -1));
  link->seal();
  zone->seal();
  std::vector<std::pair<bool, double>> changes;
  sg::Link::on_state_change_cb(
      [&](const sg::Link& changed) { changes.emplace_back(changed.is_on(), engine_clock()); });
  std::uint64_t count = 0;
  spawn(forever(nanoseconds(100), &count));
  simulation_.run(at_us(20'000));
  EXPECT_EQ(changes, (std::vector<std::pair<bool, double>>{{false, 0.0025}, {true, 0.0045}}));
  EXPECT_EQ(count, 200'000u);
}

TEST_F(SimulationTest, an_early_end_stops_every_clock_at_its_time) {
  std::uint64_t count = 0;
  spawn(forever(nanoseconds(100), &count));
  at(at_us(6) + nanoseconds(50), [&] { simulation_.end_early(); });
  simulation_.run(at_us(20));
  EXPECT_TRUE(simulation_.ended_early());
  EXPECT_EQ(count, 60u);
  EXPECT_EQ(now(), at_us(6) + nanoseconds(50));
  EXPECT_EQ(simulation_.stop(), now());
  EXPECT_NEAR(engine_clock(), 6.05e-6, 1e-12);
}

TEST_F(SimulationTest, can_be_ended_before_it_is_run) {
  spawn(forever(nanoseconds(100)));
  simulation_.end_early();
  simulation_.run(at_us(20));
  EXPECT_EQ(now(), kStart);
}

TEST_F(SimulationTest, a_call_to_the_engine_happens_at_the_present_time) {
  std::vector<std::pair<double, TimePoint>> calls;
  spawn(forever(nanoseconds(100)));
  for (double us : {3.0, 3.0, 7.25})
    at(at_us(us),
       [&] { simulation_.at_engine([&] { calls.emplace_back(engine_clock(), now()); }); });
  simulation_.run(at_us(20));
  ASSERT_EQ(calls.size(), 3u);
  for (const auto& [engine, ours] : calls) EXPECT_NEAR(engine, to_seconds(ours), 1e-12);
  EXPECT_EQ(calls[0].second, at_us(3));
  EXPECT_EQ(calls[2].second, at_us(7.25));
}

TEST_F(SimulationTest, calls_to_the_engine_do_not_move_the_calendar_far_into_a_long_run) {
  // A double has steps of 0.5 ns after 30 days; the calendar keeps its picoseconds.
  const TimePoint start = kStart + std::chrono::hours(24 * 30);
  std::vector<TimePoint> fired;
  auto stepper = [](Calendar* calendar, Simulation* simulation, TimePoint from,
                    std::vector<TimePoint>* log) -> Task<> {
    co_await Delay(*calendar, from);
    for (int i = 0; i < 1000; ++i) {
      co_await Delay(*calendar, Duration{77});
      log->push_back(calendar->now());
      simulation->at_engine([] {});
    }
  };
  spawn(stepper(&calendar(), &simulation_, start, &fired));
  simulation_.run(start + microseconds(1));
  ASSERT_EQ(fired.size(), 1000u);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(fired[i], start + Duration{77} * (i + 1));
}

TEST_F(SimulationTest, calls_to_the_calendar_run_as_events_in_order) {
  std::vector<int> order;
  at(at_us(5), [&] {
    simulation_.at_engine([&] {
      for (int i = 0; i < 3; ++i) simulation_.at_calendar([&order, i] { order.push_back(i); });
    });
  });
  simulation_.run(at_us(10));
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST_F(SimulationTest, an_exception_of_an_event_ends_the_run_and_is_rethrown) {
  std::uint64_t count = 0;
  spawn(forever(nanoseconds(100), &count));
  at(at_us(5), [] { throw std::runtime_error("no such path"); });
  EXPECT_THROW(simulation_.run(at_us(10)), std::runtime_error);
  EXPECT_EQ(count, 49u);
  EXPECT_EQ(simulation_.tasks().size(), 0u);
}

TEST_F(SimulationTest, an_exception_of_a_call_to_the_engine_ends_the_run_and_is_rethrown) {
  at(at_us(5), [&] { simulation_.at_engine([] { throw std::runtime_error("no such link"); }); });
  EXPECT_THROW(simulation_.run(at_us(10)), std::runtime_error);
  EXPECT_EQ(now(), at_us(5));
}

TEST_F(SimulationTest, a_broken_invariant_is_told_with_the_time) {
  at(at_us(5), [] { invariant_broken("ledger", "more waiting than time"); });
  try {
    simulation_.run(at_us(10));
    FAIL() << "nothing was thrown";
  } catch (const InvariantError& error) {
    EXPECT_THAT(error.what(), HasSubstr("ledger"));
    EXPECT_THAT(error.what(), HasSubstr("0.000005000000 s"));
  }
}

TEST_F(SimulationTest, suspended_tasks_are_seen_at_the_end_and_destroyed_before_stations_go) {
  std::int64_t present = -1;
  {
    Station station(calendar(), "slow", 1);
    auto user = [](Station* s) -> Task<> {
      Station::Use use = s->use(seconds(1));
      co_await use;
    };
    for (int i = 0; i < 3; ++i) spawn(user(&station));
    simulation_.at_end([&] { present = station.busy() + station.queued(); });
    simulation_.run(at_us(10));
    EXPECT_EQ(station.busy() + station.queued(), 0);
  }
  EXPECT_EQ(present, 3);
  EXPECT_EQ(simulation_.tasks().size(), 0u);
}

// Two processes of one name would be needed to compare runs; the order of events within one is
// compared instead.
TEST_F(SimulationTest, progress_is_told_about_every_n_events_and_changes_no_event) {
  std::vector<TimePoint> told;
  simulation_.set_progress(
      [&](TimePoint when, TimePoint stop) {
        EXPECT_EQ(stop, at_us(100'000));
        told.push_back(when);
      },
      200'000);
  std::uint64_t count = 0;
  spawn(forever(nanoseconds(100), &count));
  simulation_.run(at_us(100'000));
  EXPECT_EQ(count, 1'000'000u);
  EXPECT_GE(told.size(), 4u);
  EXPECT_LE(told.size(), 7u);
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
}

TEST_F(SimulationTest, a_request_from_outside_ends_the_run) {
  simulation_.set_progress(
      [&](TimePoint when, TimePoint) {
        if (when > kStart) simulation_.request_end();
      },
      1);
  spawn(forever(nanoseconds(100)));
  simulation_.run(kStart + seconds(1000));
  EXPECT_TRUE(simulation_.ended_early());
  EXPECT_LT(now(), kStart + seconds(1));
}

TEST_F(SimulationTest, runs_once) {
  simulation_.run(at_us(1));
  EXPECT_THROW(simulation_.run(at_us(2)), InvariantError);
}

TEST_F(SimulationTest, is_the_only_one_of_its_process) {
  EXPECT_THROW(Simulation{PlatformSpec{}}, InvariantError);
}

TEST_F(SimulationTest, refuses_names_that_do_not_exist) {
  EXPECT_THROW(simulation_.set_host("nobody", false), InvariantError);
  EXPECT_THROW(simulation_.set_link("nothing", false), InvariantError);
  EXPECT_THROW(simulation_.set_host(kControlHost, false), InvariantError);
}

TEST(SimulationSignals, the_programs_own_handlers_stay_in_place) {
  static int seen = 0;
  std::signal(SIGINT, [](int) { ++seen; });
  Simulation simulation(three_hosts());
  simulation.at_end([] { std::raise(SIGINT); });
  simulation.run(at_us(1));
  EXPECT_EQ(seen, 1);
}

TEST(SimulationSignals, by_default_an_interrupt_ends_the_process_as_any_other) {
  Simulation simulation(three_hosts());
  struct sigaction action {};
  sigaction(SIGINT, nullptr, &action);
  EXPECT_EQ(action.sa_handler, SIG_DFL);
}

}  // namespace simulation_test
}  // namespace orrery
