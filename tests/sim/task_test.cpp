#include "sim/task.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>
#include <vector>

#include "sim/station.hpp"
#include "sim/sync.hpp"

namespace orrery {
namespace task_test {

// Counts how many of its kind are alive: stands in frames to show when they go.
struct Alive {
  explicit Alive(int& count) : count_(&count) { ++count; }
  Alive(const Alive&) = delete;
  Alive& operator=(const Alive&) = delete;
  ~Alive() { --*count_; }
  int* count_;
};

struct TaskTest : testing::Test {
  Calendar calendar;
  int alive = 0;
  int ended = 0;

  Task<> sleeper(Duration duration) {
    const Alive here(alive);
    co_await Delay(calendar, duration);
    ++ended;
  }
  Task<int> answer(Duration duration) {
    const Alive here(alive);
    co_await Delay(calendar, duration);
    co_return 42;
  }
  Task<int> nested(int depth) {
    const Alive here(alive);
    Task<int> inner = depth == 0 ? answer(nanoseconds(1)) : nested(depth - 1);
    const int result = co_await inner;
    co_return depth == 0 ? result : 1 + result;
  }
};

TEST_F(TaskTest, does_not_start_before_it_is_awaited_or_spawned) {
  {
    Task<> task = sleeper(nanoseconds(1));
    EXPECT_EQ(alive, 0);
  }
  EXPECT_TRUE(calendar.empty());
}

TEST_F(TaskTest, spawned_runs_at_once_to_its_first_wait_and_its_frame_goes_at_its_end) {
  TaskScope scope;
  scope.spawn(sleeper(nanoseconds(3)));
  EXPECT_EQ(alive, 1);
  EXPECT_EQ(scope.size(), 1u);
  calendar.run_until(kNever);
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(scope.size(), 0u);
}

TEST_F(TaskTest, hands_its_value_through_a_chain_of_awaits) {
  TaskScope scope;
  int result = 0;
  auto outer = [](TaskTest* test, int* into) -> Task<> {
    const int result = co_await test->nested(10);
    *into = result;
  };
  scope.spawn(outer(this, &result));
  EXPECT_EQ(alive, 12);
  calendar.run_until(kNever);
  EXPECT_EQ(result, 52);
  EXPECT_EQ(alive, 0);
}

TEST_F(TaskTest, destroyed_with_its_scope_takes_everything_below_it_along) {
  {
    TaskScope scope;
    auto outer = [](TaskTest* test) -> Task<> { co_await test->nested(10); };
    scope.spawn(outer(this));
    scope.spawn(sleeper(seconds(1)));
    EXPECT_EQ(calendar.pending(), 2u);
  }
  EXPECT_EQ(alive, 0);
  EXPECT_TRUE(calendar.empty());
}

TEST_F(TaskTest, a_destroyed_waiter_leaves_the_semaphore) {
  Semaphore semaphore(calendar, 0);
  auto waiter = [](TaskTest* test, Semaphore* s) -> Task<> {
    const Alive here(test->alive);
    co_await s->acquire();
    ++test->ended;
  };
  TaskScope doomed, lucky;
  doomed.spawn(waiter(this, &semaphore));
  lucky.spawn(waiter(this, &semaphore));
  EXPECT_EQ(semaphore.waiting(), 2);
  doomed.clear();
  EXPECT_EQ(semaphore.waiting(), 1);
  semaphore.release();
  calendar.run_until(kNever);
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(alive, 0);
}

TEST_F(TaskTest, a_destroyed_user_leaves_the_station_from_the_queue_and_from_service) {
  Station station(calendar, "station", 1);
  auto user = [](TaskTest* test, Station* s) -> Task<> {
    const Alive here(test->alive);
    co_await s->use(nanoseconds(10));
    ++test->ended;
  };
  TaskScope served, queued, last;
  served.spawn(user(this, &station));
  queued.spawn(user(this, &station));
  last.spawn(user(this, &station));
  EXPECT_EQ(station.queued(), 2);
  queued.clear();
  EXPECT_EQ(station.queued(), 1);
  calendar.run_until(kStart + nanoseconds(4));
  calendar.advance_to(kStart + nanoseconds(4));
  served.clear();
  EXPECT_EQ(station.busy(), 1);
  EXPECT_EQ(station.queued(), 0);
  calendar.run_until(kNever);
  EXPECT_EQ(calendar.now(), kStart + nanoseconds(14));
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(alive, 0);
  EXPECT_TRUE(littles_law_holds(station.books().snapshot(calendar.now())));
}

TEST_F(TaskTest, a_destroyed_waiter_leaves_its_join_and_its_branches_run_on) {
  TaskScope branches, waiting;
  std::vector<Task<>> two;
  two.push_back(sleeper(nanoseconds(1)));
  two.push_back(sleeper(nanoseconds(2)));
  waiting.spawn(n_of(calendar, branches, 2, std::move(two)));
  calendar.run_until(kStart + nanoseconds(1));
  waiting.clear();
  EXPECT_EQ(branches.size(), 1u);
  calendar.run_until(kNever);
  EXPECT_EQ(ended, 2);
  EXPECT_EQ(alive, 0);
}

TEST_F(TaskTest, n_of_ends_with_the_nth_and_the_losers_run_on) {
  TaskScope scope;
  TimePoint joined{};
  auto quorum = [](TaskTest* test, TaskScope* losers, TimePoint* when) -> Task<> {
    std::vector<Task<>> three;
    for (int i : {3, 1, 2}) three.push_back(test->sleeper(nanoseconds(i)));
    Task<> two_of_three = n_of(test->calendar, *losers, 2, std::move(three));
    co_await two_of_three;
    *when = test->calendar.now();
  };
  scope.spawn(quorum(this, &scope, &joined));
  calendar.run_until(kNever);
  EXPECT_EQ(joined, kStart + nanoseconds(2));
  EXPECT_EQ(ended, 3);
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(scope.size(), 0u);
}

TEST_F(TaskTest, all_of_ends_with_the_last_and_takes_its_branches_along_when_destroyed) {
  auto three = [this] {
    std::vector<Task<>> tasks;
    for (int i : {3, 1, 2}) tasks.push_back(sleeper(nanoseconds(i)));
    return tasks;
  };
  TaskScope scope;
  scope.spawn(all_of(calendar, three()));
  calendar.run_until(kNever);
  EXPECT_EQ(scope.size(), 0u);
  EXPECT_EQ(ended, 3);
  scope.spawn(all_of(calendar, three()));
  EXPECT_EQ(alive, 3);
  scope.clear();
  EXPECT_EQ(alive, 0);
  EXPECT_TRUE(calendar.empty());
}

TEST_F(TaskTest, within_gives_the_result_or_nothing_after_the_limit) {
  TaskScope scope;
  std::optional<int> early, late;
  TimePoint gave_up{};
  auto both = [](TaskTest* test, std::optional<int>* a, std::optional<int>* b,
                 TimePoint* t) -> Task<> {
    Within<int> in_time(test->calendar, nanoseconds(5), test->answer(nanoseconds(4)));
    *a = co_await in_time;
    Within<int> too_late(test->calendar, nanoseconds(5), test->answer(nanoseconds(6)));
    *b = co_await too_late;
    *t = test->calendar.now();
  };
  scope.spawn(both(this, &early, &late, &gave_up));
  calendar.run_until(kNever);
  EXPECT_EQ(early, 42);
  EXPECT_EQ(late, std::nullopt);
  EXPECT_EQ(gave_up, kStart + nanoseconds(9));
  EXPECT_EQ(alive, 0);
  EXPECT_TRUE(calendar.empty());
}

TEST_F(TaskTest, within_a_task_that_ends_at_once_leaves_no_timer) {
  TaskScope scope;
  auto quick = [](TaskTest* test) -> Task<> {
    auto nothing = []() -> Task<> { co_return; };
    Within<void> limited(test->calendar, seconds(1), nothing());
    const bool in_time = co_await limited;
    test->ended += in_time;
  };
  scope.spawn(quick(this));
  EXPECT_EQ(ended, 1);
  EXPECT_TRUE(calendar.empty());
}

TEST_F(TaskTest, an_exception_reaches_whoever_runs_the_calendar_and_frames_are_freed) {
  TaskScope scope;
  auto thrower = [](TaskTest* test) -> Task<int> {
    const Alive here(test->alive);
    co_await Delay(test->calendar, nanoseconds(1));
    throw std::runtime_error("broken");
  };
  auto outer = [](TaskTest* test, auto inner) -> Task<> {
    const Alive here(test->alive);
    Task<int> task = inner(test);
    (void)co_await task;
    ++test->ended;
  };
  scope.spawn(outer(this, thrower));
  EXPECT_THROW(calendar.run_until(kNever), std::runtime_error);
  EXPECT_EQ(ended, 0);
  scope.clear();
  EXPECT_EQ(alive, 0);
}

TEST_F(TaskTest, an_exception_of_a_spawned_task_leaves_the_scope_in_order) {
  TaskScope scope;
  auto thrower = [](TaskTest* test) -> Task<> {
    const Alive here(test->alive);
    co_await Delay(test->calendar, nanoseconds(1));
    throw std::runtime_error("broken");
  };
  scope.spawn(thrower(this));
  scope.spawn(sleeper(nanoseconds(2)));
  EXPECT_THROW(calendar.run_until(kNever), std::runtime_error);
  calendar.run_until(kNever);
  EXPECT_EQ(ended, 1);
  scope.clear();
  EXPECT_EQ(alive, 0);
}

#ifndef ORRERY_SANITIZE
TEST(FramePool, gives_returned_memory_out_again) {
  void* first = FramePool::take(200);
  FramePool::give_back(first, 200);
  EXPECT_EQ(FramePool::take(250), first);  // the same class of 64 bytes
  void* second = FramePool::take(200);
  EXPECT_NE(second, first);
  FramePool::give_back(first, 250);
  FramePool::give_back(second, 200);
}
#endif

}  // namespace task_test
}  // namespace orrery
