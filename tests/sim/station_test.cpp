#include "sim/station.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "sim/assert.hpp"
#include "sim/task.hpp"

namespace orrery {
namespace station_test {

struct Visit {
  std::string who;
  Served how;
  std::int64_t at_ns;
  bool operator==(const Visit&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Visit& v) {
  return out << v.who << ' ' << static_cast<int>(v.how) << " at " << v.at_ns;
}

struct StationTest : testing::Test {
  Calendar calendar;
  std::vector<Visit> visits;
  TaskScope scope;

  Task<> visit(Station* station, std::string who, Duration arrival, Duration service,
               int priority) {
    co_await Delay(calendar, arrival);
    Station::Use use = station->use(service, {}, priority);
    const Served how = co_await use;
    visits.push_back({who, how, calendar.now().time_since_epoch().count() / 1000});
  }
  void send(Station& station, std::string who, int at_ns, int for_ns, int priority = 0) {
    scope.spawn(visit(&station, std::move(who), nanoseconds(at_ns), nanoseconds(for_ns), priority));
  }
  void until(int ns) {
    calendar.run_until(kStart + nanoseconds(ns));
    calendar.advance_to(kStart + nanoseconds(ns));
  }
  void finish() { calendar.run_until(kNever); }
  void check(Station& station) {
    const auto books = station.books().snapshot(calendar.now());
    EXPECT_TRUE(littles_law_holds(books));
    EXPECT_EQ(books.arrived, books.served + books.left + station.queued() + station.busy());
  }
};

using Visits = std::vector<Visit>;
constexpr auto kDone = Served::done;

TEST_F(StationTest, serves_in_order_of_arrival) {
  Station station(calendar, "s", 1);
  send(station, "a", 0, 10);
  send(station, "b", 1, 10);
  send(station, "c", 2, 1);
  finish();
  EXPECT_EQ(visits, (Visits{{"a", kDone, 10}, {"b", kDone, 20}, {"c", kDone, 21}}));
  EXPECT_EQ(station.books().peak_queue(), 2);
  check(station);
}

TEST_F(StationTest, keeps_as_many_at_work_as_it_has_servers) {
  Station station(calendar, "s", 2);
  for (auto who : {"a", "b", "c"}) send(station, who, 0, 10);
  until(1);
  EXPECT_EQ(station.busy(), 2);
  EXPECT_EQ(station.queued(), 1);
  finish();
  EXPECT_EQ(visits.back(), (Visit{"c", kDone, 20}));
  check(station);
}

TEST_F(StationTest, serves_higher_priorities_first_and_does_not_preempt) {
  Station station(calendar, "s", 1);
  send(station, "low", 0, 10, 2);
  send(station, "low again", 1, 10, 2);
  send(station, "middle", 2, 10, 1);
  send(station, "high", 3, 10, 0);
  finish();
  EXPECT_EQ(visits, (Visits{{"low", kDone, 10},
                            {"high", kDone, 20},
                            {"middle", kDone, 30},
                            {"low again", kDone, 40}}));
}

TEST_F(StationTest, refuses_what_finds_its_queue_full) {
  Station station(calendar, "s", 1, 1);
  for (auto who : {"a", "b", "c"}) send(station, who, 0, 10);
  finish();
  EXPECT_EQ(visits, (Visits{{"c", Served::refused, 0}, {"a", kDone, 10}, {"b", kDone, 20}}));
  check(station);
}

TEST_F(StationTest, starts_waiting_work_when_it_gets_servers_and_ends_work_when_it_loses_them) {
  Station station(calendar, "s", 1);
  for (auto who : {"a", "b", "c", "d"}) send(station, who, 0, 10);
  until(5);
  station.set_servers(3);
  EXPECT_EQ(station.busy(), 3);
  station.set_servers(1);
  EXPECT_EQ(station.busy(), 3);
  finish();
  EXPECT_EQ(visits,
            (Visits{{"a", kDone, 10}, {"b", kDone, 15}, {"c", kDone, 15}, {"d", kDone, 25}}));
  EXPECT_THROW(station.set_servers(-1), InvariantError);
}

TEST_F(StationTest, paused_ends_what_is_in_service_and_starts_nothing) {
  Station station(calendar, "s", 1);
  send(station, "a", 0, 10);
  send(station, "b", 1, 10);
  send(station, "c", 30, 10);
  until(2);
  station.pause();
  until(40);
  EXPECT_EQ(visits, (Visits{{"a", kDone, 10}}));
  EXPECT_EQ(station.queued(), 2);
  station.resume();
  finish();
  EXPECT_EQ(visits, (Visits{{"a", kDone, 10}, {"b", kDone, 50}, {"c", kDone, 60}}));
  check(station);
}

TEST_F(StationTest, failed_ends_all_work_as_failed_and_restored_serves_again) {
  Station station(calendar, "s", 1);
  send(station, "a", 0, 10);
  send(station, "b", 1, 10);
  send(station, "c", 7, 10);
  send(station, "d", 9, 10);
  until(5);
  station.fail();
  EXPECT_EQ(visits, (Visits{{"a", Served::failed, 5}, {"b", Served::failed, 5}}));
  until(8);
  station.restore();
  finish();
  EXPECT_EQ(visits, (Visits{{"a", Served::failed, 5},
                            {"b", Served::failed, 5},
                            {"c", Served::failed, 7},
                            {"d", kDone, 19}}));
  check(station);
}

TEST_F(StationTest, charges_waiting_and_service_apart) {
  Station station(calendar, "s", 1);
  Ledger ledger(calendar.now());
  auto charged = [](Station* s, Ledger* into) -> Task<> {
    Station::Use use = s->use(nanoseconds(7), {into, 3});
    co_await use;
    EXPECT_EQ(use.waited(), nanoseconds(10));
  };
  station.post(nanoseconds(10));
  scope.spawn(charged(&station, &ledger));
  finish();
  EXPECT_EQ(ledger.waited(3), nanoseconds(10));
  EXPECT_EQ(ledger.served(3), nanoseconds(7));
  EXPECT_EQ(ledger.total(), ledger.elapsed());
}

TEST_F(StationTest,
       posted_work_calls_back_when_it_is_done_or_failed_and_nobody_when_it_is_refused) {
  Station station(calendar, "s", 1, 1);
  int done = 0;
  auto count = [](void* n) { ++*static_cast<int*>(n); };
  for (int i = 0; i < 3; ++i) station.post(nanoseconds(5), 0, count, &done);
  finish();
  EXPECT_EQ(done, 2);
  station.post(nanoseconds(5), 0, count, &done);
  station.fail();
  finish();
  EXPECT_EQ(done, 3);
  station.post(nanoseconds(5), 0, count, &done);  // failed at once
  finish();
  EXPECT_EQ(done, 3);
  check(station);
}

// One that looks for its jobs and notes when each began.
Task<> arrive(Calendar& calendar, Station& station, Duration when, Duration service,
              std::vector<std::pair<TimePoint, Duration>>& out) {
  co_await Delay(calendar, TimePoint{when});
  Station::Use use = station.arrive(service);
  co_await use;
  out.emplace_back(calendar.now() - service, use.waited());
}

TEST(PollingStation, takes_up_what_has_come_at_its_next_look_and_goes_on_while_there_is_work) {
  Calendar calendar;
  RandomStream random(1, "looks");
  Station station(calendar, "s", 1);
  station.poll_every(nanoseconds(100), random);
  std::vector<std::pair<TimePoint, Duration>> begun;
  TaskScope scope;
  // Long idle: the first look is anywhere within an interval; the second job, which comes before
  // it, follows at once.
  scope.spawn(arrive(calendar, station, microseconds(5), nanoseconds(30), begun));
  scope.spawn(arrive(calendar, station, microseconds(5) + picoseconds(1), nanoseconds(30), begun));
  calendar.run_until(kNever);
  ASSERT_EQ(begun.size(), 2u);
  const Duration first = begun[0].first - TimePoint{microseconds(5)};
  EXPECT_GT(first, Duration{});
  EXPECT_LE(first, nanoseconds(100));
  EXPECT_EQ(begun[1].first, begun[0].first + nanoseconds(30));
  EXPECT_EQ(begun[0].second, first);
  // What comes soon after the last look waits for the rest of the interval.
  const TimePoint looked = calendar.now();
  scope.spawn(arrive(calendar, station, looked.time_since_epoch() + nanoseconds(40),
                     nanoseconds(30), begun));
  calendar.run_until(kNever);
  EXPECT_EQ(begun[2].first, looked + nanoseconds(100));
  // Work it need not look for starts at once.
  const TimePoint now = calendar.now();
  Duration waited{-1};
  const auto use_it = [](Station& s, Duration& w) -> Task<> {
    Station::Use use = s.use(nanoseconds(10));
    co_await use;
    w = use.waited();
  };
  scope.spawn(use_it(station, waited));
  calendar.run_until(kNever);
  EXPECT_EQ(waited, Duration{});
  EXPECT_EQ(calendar.now(), now + nanoseconds(10));
}

TEST(PollingStation, books_the_wait_for_a_look_as_waiting_and_keeps_littles_law) {
  Calendar calendar;
  RandomStream random(1, "looks"), arrivals(2, "arrivals");
  Station station(calendar, "s", 1);
  station.poll_every(nanoseconds(100), random);
  std::vector<std::pair<TimePoint, Duration>> begun;
  TaskScope scope;
  TimePoint when{};
  constexpr int kJobs = 20'000;
  for (int i = 0; i < kJobs; ++i) {
    when += arrivals.exponential(microseconds(10));
    scope.spawn(arrive(calendar, station, when.time_since_epoch(), nanoseconds(30), begun));
  }
  calendar.run_until(kNever);
  const auto books = station.books().snapshot(calendar.now());
  EXPECT_TRUE(littles_law_holds(books));
  EXPECT_EQ(static_cast<std::int64_t>(books.busy), kJobs * nanoseconds(30).count());
  Duration waits{};
  for (const auto& [start, waited] : begun) waits += waited;
  EXPECT_EQ(static_cast<std::int64_t>(books.queued), waits.count());
  // Idle most of the time: half an interval in the mean, a little more when two meet.
  EXPECT_NEAR(to_nanoseconds(waits) / kJobs, 50, 1.5);
}

TEST(PollingStation, a_job_that_leaves_before_the_look_has_waited_only) {
  Calendar calendar;
  RandomStream random(1, "looks");
  Station station(calendar, "s", 1);
  station.poll_every(microseconds(100), random);
  std::vector<std::pair<TimePoint, Duration>> begun;
  TaskScope scope;
  scope.spawn(arrive(calendar, station, milliseconds(1), nanoseconds(30), begun));
  calendar.run_until(TimePoint{milliseconds(1) + nanoseconds(1)});
  scope.clear();
  const auto books = station.books().snapshot(calendar.now());
  EXPECT_TRUE(littles_law_holds(books));
  EXPECT_TRUE(books.busy == 0);
  EXPECT_EQ(books.left, 1);
  EXPECT_TRUE(calendar.empty());
}

TEST_F(StationTest, work_of_no_length_ends_at_the_same_time) {
  Station station(calendar, "s", 1);
  send(station, "a", 3, 0);
  finish();
  EXPECT_EQ(visits, (Visits{{"a", kDone, 3}}));
}

TEST_F(StationTest, work_of_saturated_length_never_ends) {
  Station station(calendar, "s", 1);
  until(1);
  station.post(seconds(1e30));
  until(1'000'000);
  EXPECT_EQ(station.busy(), 1);
}

TEST_F(StationTest, destroyed_with_work_in_it_leaves_no_event_behind) {
  {
    Station station(calendar, "s", 1);
    station.post(nanoseconds(5));
    station.post(nanoseconds(5));
  }
  EXPECT_TRUE(calendar.empty());
}

// Whatever arrives, leaves, breaks and changes: nothing is lost, and Little's law holds to the
// picoledger.
RC_GTEST_PROP(Station, keeps_its_books_under_any_history, (std::vector<std::uint16_t> choices)) {
  Calendar calendar;
  Station station(calendar, "s", 2, 5);
  std::int64_t outcomes = 0;
  std::vector<std::unique_ptr<TaskScope>> scopes;
  auto user = [](Station* s, std::int64_t* count, Duration service, int priority) -> Task<> {
    Station::Use use = s->use(service, {}, priority);
    co_await use;
    ++*count;
  };
  std::int64_t sent = 0, destroyed = 0;
  for (const std::uint16_t choice : choices) {
    const int detail = choice / 16;
    switch (choice % 16) {
      case 0: station.fail(); break;
      case 1: station.restore(); break;
      case 2: station.pause(); break;
      case 3: station.resume(); break;
      case 4: station.set_servers(detail % 4); break;
      case 5:
      case 6:
        if (!scopes.empty()) {
          TaskScope& scope = *scopes[detail % scopes.size()];
          destroyed += static_cast<std::int64_t>(scope.size());
          scope.clear();
        }
        break;
      case 7:
      case 8:
      case 9: {
        const TimePoint to = calendar.now() + Duration{detail % 50};
        calendar.run_until(to);
        calendar.advance_to(to);
        break;
      }
      default:
        scopes.push_back(std::make_unique<TaskScope>());
        ++sent;
        scopes.back()->spawn(user(&station, &outcomes, Duration{detail % 40}, detail % 3));
    }
    const auto books = station.books().snapshot(calendar.now());
    RC_ASSERT(littles_law_holds(books));
    RC_ASSERT(books.arrived == sent);
    RC_ASSERT(books.arrived == books.served + books.left + station.queued() + station.busy());
    RC_ASSERT(sent == outcomes + destroyed + station.queued() + station.busy());
    RC_ASSERT(station.queued() <= 5);
  }
  scopes.clear();
  RC_ASSERT(calendar.empty());
}

TEST_F(StationTest, what_need_not_be_looked_for_goes_before_a_look_that_is_to_come) {
  Station station(calendar, "s", 1);
  RandomStream random(1, "polling");
  station.poll_every(nanoseconds(100), random);
  until(50);
  TaskScope looked_for;
  auto arrive = [](Station* at, Calendar* clock, std::int64_t* when) -> Task<> {
    Station::Use use = at->arrive(nanoseconds(10));
    co_await use;
    *when = clock->now().time_since_epoch().count() / 1000;
  };
  std::int64_t found = 0;
  looked_for.spawn(arrive(&station, &calendar, &found));  // at the next look, later than at once
  until(51);
  EXPECT_EQ(found, 0);
  scope.spawn(visit(&station, "at once", {}, nanoseconds(5), 0));
  finish();
  EXPECT_EQ(visits, (Visits{{"at once", kDone, 56}}));
  EXPECT_EQ(found, 66);  // a station looks when it has finished a job
  check(station);
}

}  // namespace station_test
}  // namespace orrery
