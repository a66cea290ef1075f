#include "sim/actor.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "sim/sync.hpp"
#include "tests/sim/engine_case.hpp"

namespace orrery {
namespace actor_test {

struct ActorTest : EngineCase {
  std::vector<double> log_;  // microseconds
  void note() { log_.push_back(to_microseconds(now() - kStart)); }
};
using Log = std::vector<double>;

TEST_F(ActorTest, sleeps_beside_a_busy_calendar_and_sees_its_time) {
  spawn(forever(nanoseconds(100)));
  spawn_controller(simulation_, "c", "a", [&](ActorContext& actor) {
    for (int i = 0; i < 3; ++i) {
      actor.sleep_for(microseconds(10));
      note();
    }
    actor.sleep_until(at_us(45));
    note();
    actor.sleep_until(at_us(40));
    note();
  });
  simulation_.run(at_us(100));
  EXPECT_EQ(log_, (Log{10, 20, 30, 45, 45}));
}

TEST_F(ActorTest, is_a_daemon_that_ends_with_the_run_and_unwinds_its_stack) {
  struct Guard {
    bool* gone;
    ~Guard() { *gone = true; }
  };
  bool gone = false;
  Notification never(simulation_);
  spawn_controller(simulation_, "c", "a", [&](ActorContext& actor) {
    const Guard guard{&gone};
    actor.wait(never);
    ADD_FAILURE() << "nobody rang";
  });
  simulation_.run(at_us(100));
  EXPECT_TRUE(gone);
  EXPECT_EQ(now(), at_us(100));
}

TEST_F(ActorTest, a_task_wakes_an_actor_and_the_actor_wakes_a_task_without_time_passing) {
  Notification news(simulation_);
  Semaphore answer(calendar(), 0);
  spawn_controller(simulation_, "c", "b", [&](ActorContext& actor) {
    for (;;) {
      actor.wait(news);
      note();
      actor.sleep_for(microseconds(2));
      actor.post([&] { answer.release(); });
    }
  });
  auto asker = [](ActorTest* test, Notification* request, Semaphore* wait) -> Task<> {
    for (int i = 0; i < 3; ++i) {
      co_await Delay(test->calendar(), microseconds(5));
      request->notify();
      Semaphore::Acquire answered = wait->acquire();
      co_await answered;
      test->note();
    }
  };
  spawn(asker(this, &news, &answer));
  simulation_.run(at_us(100));
  EXPECT_EQ(log_, (Log{5, 7, 12, 14, 19, 21}));
}

TEST_F(ActorTest, a_task_started_by_an_actor_starts_at_the_actors_time) {
  spawn_controller(simulation_, "c", "a", [&](ActorContext& actor) {
    actor.sleep_for(microseconds(35));
    actor.post([&] { at(now() + microseconds(5), [&] { note(); }); });
  });
  simulation_.run(at_us(100));
  EXPECT_EQ(log_, (Log{40}));
}

TEST_F(ActorTest, notifications_that_come_while_it_does_not_listen_are_one) {
  Notification news(simulation_);
  spawn_controller(simulation_, "c", "a", [&](ActorContext& actor) {
    for (;;) {
      actor.wait(news);
      note();
      actor.sleep_for(microseconds(10));
    }
  });
  for (double us : {1.0, 1.0, 2.0, 3.0, 30.0}) at(at_us(us), [&] { news.notify(); });
  simulation_.run(at_us(100));
  EXPECT_EQ(log_, (Log{1, 11, 30}));
}

TEST_F(ActorTest, waits_for_news_no_longer_than_it_wants) {
  Notification notification(simulation_);
  std::vector<bool> news;
  spawn_controller(simulation_, "c", "a", [&](ActorContext& actor) {
    for (int i = 0; i < 3; ++i) {
      news.push_back(actor.wait_for(notification, microseconds(10)));
      note();
    }
    news.push_back(actor.wait_for(notification, Duration{}));
    note();
  });
  at(at_us(13), [&] { notification.notify(); });
  simulation_.run(at_us(100));
  EXPECT_EQ(news, (std::vector<bool>{false, true, false, false}));
  EXPECT_EQ(log_, (Log{10, 13, 23, 23}));
}

TEST_F(ActorTest, can_be_started_in_the_middle_of_a_run) {
  at(at_us(12), [&] {
    spawn_controller(simulation_, "c", "a", [&](ActorContext& actor) {
      note();
      actor.sleep_for(microseconds(1));
      note();
    });
  });
  simulation_.run(at_us(100));
  EXPECT_EQ(log_, (Log{12, 13}));
}

TEST_F(ActorTest, goes_down_with_its_host_and_does_not_start_on_a_dead_one) {
  spawn_controller(simulation_, "c", "a", [&](ActorContext& actor) {
    for (;;) {
      actor.sleep_for(microseconds(10));
      note();
    }
  });
  at(at_us(25), [&] {
    simulation_.set_host("a", false);
    spawn_controller(simulation_, "late", "a", [&](ActorContext&) { note(); });
  });
  simulation_.run(at_us(100));
  EXPECT_EQ(log_, (Log{10, 20}));
}

TEST_F(ActorTest, an_exception_in_it_ends_the_run_and_is_rethrown) {
  spawn_controller(simulation_, "c", "a", [&](ActorContext& actor) {
    actor.sleep_for(microseconds(10));
    throw std::runtime_error("no place left");
  });
  spawn(forever(nanoseconds(100)));
  EXPECT_THROW(simulation_.run(at_us(100)), std::runtime_error);
  EXPECT_EQ(now(), at_us(10));
}

TEST_F(ActorTest, can_end_the_run) {
  spawn_controller(simulation_, "c", "a", [&](ActorContext& actor) {
    actor.sleep_for(microseconds(10));
    simulation_.end_early();
    actor.sleep_for(microseconds(10));
    ADD_FAILURE() << "ran on";
  });
  spawn(forever(nanoseconds(100)));
  simulation_.run(at_us(100));
  EXPECT_EQ(now(), at_us(10));
}

}  // namespace actor_test
}  // namespace orrery
