#include "sim/sync.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace orrery {
namespace sync_test {

struct SyncTest : testing::Test {
  Calendar calendar;
  TaskScope scope;
  std::vector<std::pair<int, std::int64_t>> log;  // who, at which nanosecond

  void note(int who) { log.emplace_back(who, calendar.now().time_since_epoch().count() / 1000); }
  Task<> acquire(Semaphore* semaphore, int who, int permits) {
    Semaphore::Acquire acquired = semaphore->acquire(permits);
    co_await acquired;
    note(who);
  }
  Task<> take(TokenBucket* bucket, int who, double tokens) {
    TokenBucket::Take taken = bucket->take(tokens);
    co_await taken;
    note(who);
  }
  Task<> pass(Gate* gate, int who) {
    Gate::Pass passed = gate->pass();
    co_await passed;
    note(who);
  }
  void until(double ns) {
    calendar.run_until(kStart + nanoseconds(ns));
    calendar.advance_to(kStart + nanoseconds(ns));
  }
};
using Log = std::vector<std::pair<int, std::int64_t>>;

TEST_F(SyncTest, a_semaphore_serves_in_order_of_arrival_even_if_a_later_one_would_fit) {
  Semaphore semaphore(calendar, 1);
  scope.spawn(acquire(&semaphore, 0, 2));
  scope.spawn(acquire(&semaphore, 1, 1));
  until(1);
  EXPECT_TRUE(log.empty());
  semaphore.release();
  until(2);
  EXPECT_EQ(log, (Log{{0, 1}}));
  semaphore.release();
  until(3);
  EXPECT_EQ(log, (Log{{0, 1}, {1, 2}}));
  EXPECT_EQ(semaphore.available(), 0);
}

TEST_F(SyncTest, a_semaphore_lets_the_next_pass_when_the_one_that_blocked_is_destroyed) {
  Semaphore semaphore(calendar, 1);
  TaskScope greedy;
  greedy.spawn(acquire(&semaphore, 0, 2));
  scope.spawn(acquire(&semaphore, 1, 1));
  greedy.clear();
  calendar.run_until(kNever);
  EXPECT_EQ(log, (Log{{1, 0}}));
}

TEST_F(SyncTest, permits_handed_to_a_waiter_that_is_destroyed_before_it_runs_are_given_back) {
  Semaphore semaphore(calendar, 0);
  TaskScope doomed;
  doomed.spawn(acquire(&semaphore, 0, 1));
  scope.spawn(acquire(&semaphore, 1, 1));
  semaphore.release();
  doomed.clear();
  calendar.run_until(kNever);
  EXPECT_EQ(log, (Log{{1, 0}}));
  EXPECT_EQ(semaphore.available(), 0);
  EXPECT_TRUE(calendar.empty());
}

TEST_F(SyncTest, a_gate_lets_pass_in_order_of_arrival_once_it_is_opened) {
  Gate gate(calendar, false);
  for (int i = 0; i < 3; ++i) scope.spawn(pass(&gate, i));
  EXPECT_EQ(gate.waiting(), 3);
  until(5);
  gate.open();
  gate.close();  // those who were let go on do
  scope.spawn(pass(&gate, 3));
  calendar.run_until(kNever);
  EXPECT_EQ(log, (Log{{0, 5}, {1, 5}, {2, 5}}));
  EXPECT_EQ(gate.waiting(), 1);
  gate.open();
  scope.spawn(pass(&gate, 4));
  calendar.run_until(kNever);
  EXPECT_EQ(log.size(), 5u);
}

TEST_F(SyncTest, a_waiter_at_a_gate_that_is_destroyed_leaves_nothing_behind) {
  Gate gate(calendar, false);
  TaskScope doomed;
  scope.spawn(pass(&gate, 0));
  doomed.spawn(pass(&gate, 1));
  scope.spawn(pass(&gate, 2));
  doomed.clear();
  EXPECT_EQ(gate.waiting(), 2);
  doomed.spawn(pass(&gate, 3));
  gate.open();
  doomed.clear();  // after it was let go on, before it ran
  calendar.run_until(kNever);
  EXPECT_EQ(log, (Log{{0, 0}, {2, 0}}));
  EXPECT_TRUE(calendar.empty());
}

TEST_F(SyncTest, a_token_bucket_gives_its_burst_at_once_and_then_its_rate) {
  TokenBucket bucket(calendar, 1e9, 2);  // a token per nanosecond, two saved
  for (int i = 0; i < 4; ++i) scope.spawn(take(&bucket, i, 1));
  calendar.run_until(kNever);
  EXPECT_EQ(log, (Log{{0, 0}, {1, 0}, {2, 1}, {3, 2}}));
}

TEST_F(SyncTest, a_token_bucket_saves_no_more_than_its_burst) {
  TokenBucket bucket(calendar, 1e9, 2);
  until(1000);
  for (int i = 0; i < 3; ++i) scope.spawn(take(&bucket, i, 1));
  calendar.run_until(kNever);
  EXPECT_EQ(log, (Log{{0, 1000}, {1, 1000}, {2, 1001}}));
}

TEST_F(SyncTest, a_token_bucket_asked_for_more_than_its_burst_waits_for_the_excess) {
  TokenBucket bucket(calendar, 1e9, 2);
  scope.spawn(take(&bucket, 0, 10));
  calendar.run_until(kNever);
  EXPECT_EQ(log, (Log{{0, 8}}));
}

TEST_F(SyncTest, a_token_bucket_keeps_the_number_of_saved_tokens_when_its_rate_changes) {
  TokenBucket bucket(calendar, 1e9, 4);
  scope.spawn(take(&bucket, 0, 4));
  until(2);                 // two saved
  bucket.set_rate(1e8, 4);  // a token in ten nanoseconds
  for (int i = 1; i < 4; ++i) scope.spawn(take(&bucket, i, 1));
  calendar.run_until(kNever);
  EXPECT_EQ(log, (Log{{0, 0}, {1, 2}, {2, 2}, {3, 12}}));
}

TEST_F(SyncTest, a_token_bucket_without_a_rate_never_waits_and_is_full_when_it_gets_one) {
  TokenBucket bucket(calendar, 0, 0);
  scope.spawn(take(&bucket, 0, 1e30));
  EXPECT_EQ(log, (Log{{0, 0}}));
  until(5);
  bucket.set_rate(1e9, 1);
  for (int i = 1; i < 3; ++i) scope.spawn(take(&bucket, i, 1));
  calendar.run_until(kNever);
  EXPECT_EQ(log, (Log{{0, 0}, {1, 5}, {2, 6}}));
}

struct JoinTest : SyncTest {
  Task<> branch(Join<int>::Ticket ticket, int result, int ns, bool succeeds) {
    co_await Delay(calendar, nanoseconds(ns));
    if (succeeds) ticket.succeed(result);
  }
  Task<> wait(Join<int>* join, std::optional<int>* result) {
    auto reached = join->reached();
    const int* releasing = co_await reached;
    *result = releasing != nullptr ? std::optional<int>(*releasing) : std::nullopt;
    note(0);
  }
};

TEST_F(JoinTest, gives_the_result_that_released_it) {
  Join<int> join(calendar, 2, 3);
  for (int i : {3, 1, 2}) scope.spawn(branch(join.ticket(), i, i, true));
  std::optional<int> result;
  scope.spawn(wait(&join, &result));
  calendar.run_until(kNever);
  EXPECT_EQ(result, 2);
  EXPECT_EQ(log, (Log{{0, 2}}));
}

TEST_F(JoinTest, gives_up_as_soon_as_too_many_branches_have_failed) {
  Join<int> join(calendar, 2, 3);
  scope.spawn(branch(join.ticket(), 1, 1, false));
  scope.spawn(branch(join.ticket(), 2, 2, false));
  scope.spawn(branch(join.ticket(), 9, 9, true));
  std::optional<int> result = 7;
  scope.spawn(wait(&join, &result));
  calendar.run_until(kNever);
  EXPECT_EQ(result, std::nullopt);
  EXPECT_EQ(log, (Log{{0, 2}}));
}

TEST_F(JoinTest, a_destroyed_branch_counts_as_failed) {
  Join<int> join(calendar, 1, 1);
  TaskScope doomed;
  doomed.spawn(branch(join.ticket(), 1, 5, true));
  std::optional<int> result = 7;
  scope.spawn(wait(&join, &result));
  until(1);
  doomed.clear();
  calendar.run_until(kNever);
  EXPECT_EQ(result, std::nullopt);
  EXPECT_EQ(log, (Log{{0, 1}}));
}

TEST_F(JoinTest, a_quorum_that_its_branches_cannot_reach_is_given_up_at_once) {
  Join<int> join(calendar, 2, 0);
  std::optional<int> result = 7;
  scope.spawn(wait(&join, &result));
  EXPECT_EQ(result, std::nullopt);
}

TEST_F(JoinTest, a_waiter_destroyed_between_release_and_wake_up_is_not_woken) {
  Join<int> join(calendar, 1, 1);
  TaskScope doomed;
  std::optional<int> result;
  doomed.spawn(wait(&join, &result));
  join.ticket().succeed(3);
  doomed.clear();
  calendar.run_until(kNever);
  EXPECT_TRUE(log.empty());
}

TEST_F(JoinTest, outlives_its_waiter_until_the_last_branch_is_gone) {
  auto quorum = [](JoinTest* test) -> Task<> {
    Join<int> join(test->calendar, 1, 2);
    test->scope.spawn(test->branch(join.ticket(), 1, 1, true));
    test->scope.spawn(test->branch(join.ticket(), 5, 5, true));
    auto reached = join.reached();
    (void)co_await reached;
    test->note(0);
  };
  scope.spawn(quorum(this));
  calendar.run_until(kNever);
  EXPECT_EQ(log, (Log{{0, 1}}));
  EXPECT_EQ(scope.size(), 0u);
}

TEST_F(SyncTest, a_taker_of_more_than_the_burst_waits_for_the_excess) {
  TokenBucket bucket(calendar, 1e6, 2);
  scope.spawn(take(&bucket, 0, 5));
  scope.spawn(take(&bucket, 1, 1));
  until(100'000);
  EXPECT_EQ(log, (Log{{0, 3000}, {1, 4000}}));
}

TEST_F(SyncTest, a_taker_that_goes_leaves_its_tokens_to_the_next) {
  TokenBucket bucket(calendar, 1e6, 1);
  scope.spawn(take(&bucket, 0, 1));
  {
    TaskScope gone;
    for (int i = 0; i < 100; ++i) gone.spawn(take(&bucket, 100 + i, 1));
    until(500);
  }
  scope.spawn(take(&bucket, 1, 1));
  until(10'000);
  EXPECT_EQ(log, (Log{{0, 0}, {1, 1000}}));
}

TEST_F(SyncTest, a_new_rate_holds_for_takers_that_wait) {
  TokenBucket bucket(calendar, 1e6, 1);
  for (int who = 0; who < 3; ++who) scope.spawn(take(&bucket, who, 1));
  until(500);
  bucket.set_rate(0.5e6, 1);  // half a token is still owed: a microsecond, and two for the next
  until(10'000);
  EXPECT_EQ(log, (Log{{0, 0}, {1, 1500}, {2, 3500}}));
}

TEST_F(SyncTest, a_new_rate_leaves_a_taker_what_flowed_in_for_it_beyond_the_burst) {
  TokenBucket bucket(calendar, 1e6, 1);
  scope.spawn(take(&bucket, 0, 11));  // the burst, and 10 us for the rest
  until(8000);
  bucket.set_rate(2e6, 1);  // two tokens are owed: a microsecond
  until(100'000);
  EXPECT_EQ(log, (Log{{0, 9000}}));
}

TEST_F(SyncTest, takers_of_a_bucket_that_loses_its_limit_go_at_once) {
  TokenBucket bucket(calendar, 1, 1);
  for (int who = 0; who < 3; ++who) scope.spawn(take(&bucket, who, 1));
  until(500);
  bucket.set_rate(0, 0);
  until(501);
  EXPECT_EQ(log, (Log{{0, 0}, {1, 500}, {2, 500}}));
}

}  // namespace sync_test
}  // namespace orrery
