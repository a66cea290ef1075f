// Cores and threads: whose work waits for whose, what a slower machine takes, when a polling thread
// looks.
#include "models/host/cpu.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <vector>

#include "sim/task.hpp"
#include "tests/models/net/rig.hpp"

namespace orrery {
namespace cpu_test {

constexpr Duration kWork = microseconds(10);

struct Done {
  int id = 0;
  TimePoint at{};
  Duration waited{};
  Served how = Served::done;
};

// Pieces of work for one machine, and when they ended.
class Machine {
 public:
  explicit Machine(std::size_t cores, double slowness = 1)
      : cpu(calendar, "machine", cores, slowness) {}

  void add(const Thread& thread, Duration time, int id = 0, int priority = kWorkPriority) {
    scope.spawn(work(thread, {}, time, id, priority, false));
  }
  // What a thread has to look for.
  void arrive(const Thread& thread, TimePoint when, Duration time, int id = 0) {
    scope.spawn(work(thread, when, time, id, kWorkPriority, true));
  }
  // The same again and again, each as soon as the one before has ended.
  void come_again(const Thread& thread, Duration time, int times) {
    scope.spawn(one_after_the_other(thread, time, times));
  }
  std::vector<TimePoint> ends() const {
    std::vector<TimePoint> all;
    for (const Done& d : done) all.push_back(d.at);
    return all;
  }
  std::vector<int> order() const {
    std::vector<int> all;
    for (const Done& d : done) all.push_back(d.id);
    return all;
  }
  StationStats::Snapshot books(std::size_t core) {
    return cpu.core(core).books().snapshot(calendar.now());
  }

  Calendar calendar;
  Cpu cpu;
  std::vector<Done> done;
  TaskScope scope;

 private:
  Task<> work(Thread thread, TimePoint when, Duration time, int id, int priority, bool arrival) {
    co_await Delay(calendar, when);
    Station::Use use =
        arrival ? thread.core().arrive(time, {}, priority) : thread.core().use(time, {}, priority);
    const Served how = co_await use;
    done.push_back({id, calendar.now(), use.waited(), how});
  }
  Task<> one_after_the_other(Thread thread, Duration time, int times) {
    for (int i = 0; i < times; ++i) {
      Task<> one = work(thread, {}, time, i, kWorkPriority, true);
      co_await one;
    }
  }
};

TimePoint at(Duration time) { return kStart + time; }

RC_GTEST_PROP(Cpu, a_piece_of_work_takes_its_reference_time_times_the_slowness, ()) {
  const Duration reference{*rc::gen::inRange<std::int64_t>(0, 1'000'000'000)};
  const double slowness = *rc::gen::inRange(1, 10'000) / 1000.0;
  Machine machine(1, slowness);
  const Thread thread = Thread::pinned(machine.cpu, 0);
  RC_ASSERT(thread.time_for(reference) == scaled(reference, slowness));
  RC_ASSERT(machine.cpu.time_for(reference) == thread.time_for(reference));
  machine.add(thread, thread.time_for(reference));
  run_dry(machine.calendar);
  RC_ASSERT(machine.done[0].at == at(scaled(reference, slowness)));
}

TEST(Cpu, pinned_work_queues_on_its_core_while_others_have_nothing_to_do) {
  Machine machine(4);
  for (int i = 0; i < 3; ++i) machine.add(Thread::pinned(machine.cpu, 2), kWork, i);
  run_dry(machine.calendar);
  EXPECT_THAT(machine.ends(), testing::ElementsAre(at(kWork), at(2 * kWork), at(3 * kWork)));
  EXPECT_THAT(machine.order(), testing::ElementsAre(0, 1, 2));
  for (const std::size_t core : {0, 1, 3}) EXPECT_EQ(machine.books(core).arrived, 0) << core;
}

TEST(Cpu, thread_numbers_beyond_the_last_core_start_over) {
  Machine machine(4);
  for (std::size_t i = 0; i < 9; ++i)
    EXPECT_EQ(&Thread::pinned(machine.cpu, i).core(), &machine.cpu.core(i % 4)) << i;
}

TEST(Cpu, floating_work_waits_only_while_every_core_is_busy) {
  Machine machine(4);
  const Thread thread = Thread::floating(machine.cpu);
  EXPECT_TRUE(thread.is_floating());
  for (int i = 0; i < 6; ++i) machine.add(thread, kWork, i);
  run_dry(machine.calendar);
  EXPECT_THAT(machine.ends(), testing::ElementsAre(at(kWork), at(kWork), at(kWork), at(kWork),
                                                   at(2 * kWork), at(2 * kWork)));
}

TEST(Cpu, floating_work_goes_round_idle_cores) {
  Machine machine(3);
  for (int i = 0; i < 6; ++i) {
    machine.add(Thread::floating(machine.cpu), kWork);
    run_dry(machine.calendar);
  }
  for (std::size_t core = 0; core < 3; ++core) EXPECT_EQ(machine.books(core).served, 2) << core;
}

TEST(Cpu, floating_work_avoids_a_core_that_a_pinned_thread_keeps_busy) {
  Machine machine(2);
  machine.add(Thread::pinned(machine.cpu, 0), 10 * kWork);
  for (int i = 0; i < 5; ++i) {
    machine.add(Thread::floating(machine.cpu), kWork);
    machine.calendar.run_until(at((i + 1) * kWork));
  }
  EXPECT_EQ(machine.books(1).served, 5);
}

TEST(Cpu, threads_of_one_core_share_it_whoever_made_them) {
  Machine machine(2);
  const Thread agent = Thread::pinned(machine.cpu, 0);
  const Thread transport = Thread::pinned(machine.cpu, 2);
  EXPECT_EQ(&agent.core(), &transport.core());
  machine.add(agent, kWork);
  machine.add(transport, kWork);
  run_dry(machine.calendar);
  EXPECT_EQ(machine.done[1].waited, kWork);
}

TEST(Cpu, interrupts_go_before_threads_but_break_off_nothing) {
  Machine machine(1);
  const Thread thread = Thread::pinned(machine.cpu, 0);
  machine.add(thread, kWork, 0);
  machine.add(thread, kWork, 1);
  machine.add(thread, kWork, 2, kInterruptPriority);
  run_dry(machine.calendar);
  EXPECT_THAT(machine.order(), testing::ElementsAre(0, 2, 1));
  EXPECT_THAT(machine.ends(), testing::ElementsAre(at(kWork), at(2 * kWork), at(3 * kWork)));
}

RC_GTEST_PROP(Cpu, does_all_its_work_once_never_faster_than_its_cores_and_its_books_balance, ()) {
  const auto cores = *rc::gen::inRange<std::size_t>(1, 9);
  Machine machine(cores);
  Duration sum{}, longest{};
  const int jobs = *rc::gen::inRange(1, 60);
  for (int i = 0; i < jobs; ++i) {
    const Duration time{*rc::gen::inRange<std::int64_t>(1, 20'000'000)};
    const bool floating = *rc::gen::arbitrary<bool>();
    const auto number = *rc::gen::inRange<std::size_t>(0, 20);
    machine.add(floating ? Thread::floating(machine.cpu) : Thread::pinned(machine.cpu, number),
                time, i, *rc::gen::inRange(0, 2));
    sum += time;
    longest = std::max(longest, time);
  }
  run_dry(machine.calendar);
  RC_ASSERT(machine.done.size() == static_cast<std::size_t>(jobs));
  const Duration took = machine.calendar.now() - kStart;
  RC_ASSERT(took * static_cast<std::int64_t>(cores) >= sum);
  RC_ASSERT(took >= longest);
  StationStats::Integral busy = 0;
  std::int64_t served = 0;
  for (std::size_t core = 0; core < cores; ++core) {
    const StationStats::Snapshot books = machine.books(core);
    RC_ASSERT(littles_law_holds(books));
    RC_ASSERT(books.left == 0);
    busy += books.busy;
    served += books.served;
  }
  RC_ASSERT(busy == sum.count());
  RC_ASSERT(served == jobs);
}

TEST(Cpu, that_fails_ends_all_its_work_as_failed_and_serves_again_once_restored) {
  Machine machine(2);
  for (int i = 0; i < 6; ++i) machine.add(Thread::pinned(machine.cpu, 0), kWork, i);
  machine.calendar.run_until(at(kWork));
  machine.cpu.fail();
  machine.add(Thread::floating(machine.cpu), kWork, 6);
  ASSERT_EQ(machine.done.size(), 7u);
  for (const Done& d : machine.done)
    EXPECT_EQ(d.how, d.id == 0 ? Served::done : Served::failed) << d.id;
  EXPECT_TRUE(machine.calendar.empty());
  machine.cpu.restore();
  machine.add(Thread::pinned(machine.cpu, 0), kWork, 7);
  run_dry(machine.calendar);
  EXPECT_EQ(machine.done.back().how, Served::done);
}

class Polling : public testing::Test {
 protected:
  static constexpr Duration kInterval = microseconds(8);
  Polling() : machine_(2), thread_(Thread::pinned(machine_.cpu, 0)) {
    machine_.cpu.set_poll_interval(0, kInterval, 1);
  }
  Machine machine_;
  Thread thread_;
};

TEST_F(Polling, is_of_one_core_and_floating_threads_are_woken) {
  EXPECT_TRUE(thread_.looks_at_intervals());
  EXPECT_FALSE(Thread::pinned(machine_.cpu, 1).looks_at_intervals());
  EXPECT_FALSE(Thread::floating(machine_.cpu).looks_at_intervals());
  machine_.arrive(Thread::pinned(machine_.cpu, 1), at(microseconds(3)), kWork);
  run_dry(machine_.calendar);
  EXPECT_EQ(machine_.done[0].at, at(microseconds(3) + kWork));
}

TEST_F(Polling, after_a_piece_of_work_the_next_look_is_an_interval_later) {
  machine_.add(thread_, kWork);
  machine_.arrive(thread_, at(kWork + microseconds(3)), kWork, 1);
  run_dry(machine_.calendar);
  EXPECT_EQ(machine_.done[1].waited, kInterval - microseconds(3));
  EXPECT_EQ(machine_.done[1].at, at(kWork + kInterval + kWork));
}

TEST_F(Polling, what_came_during_a_piece_of_work_is_found_at_its_end) {
  machine_.add(thread_, kWork);
  machine_.arrive(thread_, at(kWork - microseconds(1)), kWork, 1);
  machine_.arrive(thread_, at(kWork - microseconds(1)), kWork, 2);
  run_dry(machine_.calendar);
  EXPECT_EQ(machine_.done[1].waited, microseconds(1));
  EXPECT_THAT(machine_.ends(), testing::ElementsAre(at(kWork), at(2 * kWork), at(3 * kWork)));
}

TEST_F(Polling, what_is_no_arrival_is_not_looked_for) {
  machine_.calendar.run_until(at(microseconds(1)));
  machine_.calendar.advance_to(at(microseconds(1)));
  machine_.add(thread_, kWork);
  run_dry(machine_.calendar);
  EXPECT_EQ(machine_.done[0].waited, Duration{});
}

TEST_F(Polling, an_idle_thread_finds_an_arrival_within_an_interval_at_a_random_moment) {
  constexpr int kArrivals = 4000;
  for (int i = 0; i < kArrivals; ++i)
    machine_.arrive(thread_, at(i * milliseconds(1)), microseconds(1), i);
  run_dry(machine_.calendar);
  double sum = 0, squares = 0;
  for (const Done& d : machine_.done) {
    ASSERT_GE(d.waited, Duration{});
    ASSERT_LE(d.waited, kInterval);
    sum += to_microseconds(d.waited);
    squares += to_microseconds(d.waited) * to_microseconds(d.waited);
  }
  // Uniform over the interval: mean a half, variance a twelfth; 4.5 standard errors.
  const double width = to_microseconds(kInterval), mean = sum / kArrivals;
  EXPECT_NEAR(mean, width / 2, 4.5 * width / std::sqrt(12.0 * kArrivals));
  EXPECT_NEAR(squares / kArrivals - mean * mean, width * width / 12,
              4.5 * width * width * std::sqrt(1.0 / 180 / kArrivals));
  // Waiting for a look is waiting in the books too, and no work.
  const StationStats::Snapshot books = machine_.books(0);
  EXPECT_EQ(books.busy, static_cast<StationStats::Integral>(microseconds(1).count()) * kArrivals);
  EXPECT_NEAR(static_cast<double>(books.queued) * 1e-6, sum, 1e-3);
  EXPECT_TRUE(littles_law_holds(books));
}

TEST_F(Polling, a_busy_thread_does_not_feel_its_interval) {
  // A closed loop of two: whatever comes, comes during the other's work.
  machine_.add(thread_, Duration{1});
  for (int customer = 0; customer < 2; ++customer) machine_.come_again(thread_, kWork, 50);
  run_dry(machine_.calendar);
  EXPECT_EQ(machine_.calendar.now(), at(100 * kWork + Duration{1}));
}

TEST_F(Polling, an_interval_of_0_looks_all_the_time) {
  machine_.cpu.set_poll_interval(0, Duration{}, 1);
  EXPECT_FALSE(thread_.looks_at_intervals());
  for (int i = 0; i < 5; ++i) machine_.arrive(thread_, at(i * 10 * kWork), kWork, i);
  run_dry(machine_.calendar);
  for (const Done& d : machine_.done) EXPECT_EQ(d.waited, Duration{});
}

TEST_F(Polling, machines_of_one_name_and_seed_look_at_the_same_moments) {
  const auto waits = [](std::uint64_t seed) {
    Machine machine(1);
    machine.cpu.set_poll_interval(0, kInterval, seed);
    for (int i = 0; i < 20; ++i)
      machine.arrive(Thread::pinned(machine.cpu, 0), at(i * milliseconds(1)), kWork);
    run_dry(machine.calendar);
    return machine.ends();
  };
  EXPECT_EQ(waits(1), waits(1));
  EXPECT_NE(waits(1), waits(2));
}

}  // namespace cpu_test
}  // namespace orrery
