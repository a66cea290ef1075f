#include "sim/calendar.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "sim/assert.hpp"

namespace orrery {

struct CalendarProbe {
  static void use_up_sequence_numbers(Calendar& calendar, std::uint64_t left) {
    calendar.queue_.sequence_ = EventQueue::kSequenceLimit - left;
  }
  static std::size_t slots(const Calendar& calendar) { return calendar.queue_.slots(); }
};

namespace calendar_test {

TimePoint at(std::int64_t picoseconds) { return kStart + Duration{picoseconds}; }

// An event that notes its number and the time when it fires.
struct Noted {
  std::vector<std::pair<int, TimePoint>>* log;
  Calendar* calendar;
  int number;
  static void fire(void* self) {
    auto* noted = static_cast<Noted*>(self);
    noted->log->emplace_back(noted->number, noted->calendar->now());
  }
};

class CalendarTest : public testing::Test {
 protected:
  Calendar::Handle note(TimePoint when) {
    events_.push_back(
        std::make_unique<Noted>(Noted{&log_, &calendar_, static_cast<int>(events_.size())}));
    return calendar_.schedule(when, &Noted::fire, events_.back().get());
  }
  std::vector<int> order() const {
    std::vector<int> numbers;
    for (const auto& [number, when] : log_) numbers.push_back(number);
    return numbers;
  }
  Calendar calendar_;
  std::vector<std::unique_ptr<Noted>> events_;
  std::vector<std::pair<int, TimePoint>> log_;
};

using Order = std::vector<int>;

TEST_F(CalendarTest, fires_in_order_of_time) {
  for (int when : {50, 10, 40, 20, 30}) note(at(when));
  calendar_.run_until(kNever);
  EXPECT_EQ(order(), (Order{1, 3, 4, 2, 0}));
  EXPECT_EQ(log_.front().second, at(10));
  EXPECT_EQ(calendar_.now(), at(50));
}

TEST_F(CalendarTest, fires_ties_in_order_of_scheduling) {
  Order expected;
  for (int i = 0; i < 100; ++i) {
    note(at(7));
    expected.push_back(i);
  }
  calendar_.run_until(kNever);
  EXPECT_EQ(order(), expected);
}

TEST_F(CalendarTest, an_event_scheduled_for_now_fires_after_those_that_were_due_before_it) {
  struct Spawner {
    CalendarTest* test;
    Calendar* calendar;
    void* late;
    static void fire(void* self) {
      auto* s = static_cast<Spawner*>(self);
      s->calendar->schedule(s->calendar->now(), &Noted::fire, s->late);
    }
  };
  Noted late{&log_, &calendar_, 99};
  Spawner spawner{this, &calendar_, &late};
  calendar_.schedule(at(5), &Spawner::fire, &spawner);
  note(at(5));
  note(at(6));
  calendar_.run_until(kNever);
  EXPECT_EQ(order(), (Order{0, 99, 1}));
  EXPECT_EQ(log_[1].second, at(5));
}

TEST_F(CalendarTest, a_time_that_has_passed_means_at_once) {
  calendar_.advance_to(at(100));
  note(at(3));
  calendar_.run_until(at(100));
  EXPECT_EQ(log_, (std::vector<std::pair<int, TimePoint>>{{0, at(100)}}));
}

TEST_F(CalendarTest, stops_after_the_limit_and_includes_it) {
  note(at(10));
  note(at(11));
  calendar_.run_until(at(10));
  EXPECT_EQ(order(), Order{0});
  EXPECT_EQ(calendar_.pending(), 1u);
  EXPECT_EQ(calendar_.next_time(), at(11));
}

TEST_F(CalendarTest, fires_no_more_events_than_asked_for) {
  for (int i = 0; i < 5; ++i) note(at(i));
  calendar_.run_until(kNever, 2);
  EXPECT_EQ(order(), (Order{0, 1}));
  calendar_.run_until(kNever);
  EXPECT_EQ(order(), (Order{0, 1, 2, 3, 4}));
}

TEST_F(CalendarTest, an_interrupt_ends_the_run_after_the_present_event) {
  calendar_.schedule(
      at(1), [](void* c) { static_cast<Calendar*>(c)->interrupt(); }, &calendar_);
  note(at(1));
  calendar_.run_until(kNever);
  EXPECT_TRUE(log_.empty());
  calendar_.run_until(kNever);
  EXPECT_EQ(order(), Order{0});
}

TEST_F(CalendarTest, a_cancelled_event_does_not_fire) {
  note(at(1));
  const auto handle = note(at(2));
  note(at(3));
  calendar_.cancel(handle);
  EXPECT_EQ(calendar_.pending(), 2u);
  calendar_.run_until(kNever);
  EXPECT_EQ(order(), (Order{0, 2}));
}

TEST_F(CalendarTest, an_event_due_now_can_be_cancelled) {
  note(kStart);
  const auto handle = note(kStart);
  note(kStart);
  calendar_.cancel(handle);
  EXPECT_EQ(calendar_.pending(), 2u);
  calendar_.run_until(kNever);
  EXPECT_EQ(order(), (Order{0, 2}));
  EXPECT_TRUE(calendar_.empty());
}

TEST_F(CalendarTest, is_empty_when_all_that_was_due_now_is_cancelled) {
  calendar_.cancel(note(kStart));
  EXPECT_TRUE(calendar_.empty());
  EXPECT_EQ(calendar_.next_time(), kNever);
  calendar_.advance_to(at(4));
  EXPECT_EQ(calendar_.now(), at(4));
}

TEST_F(CalendarTest, refuses_to_jump_over_a_pending_event) {
  note(at(5));
  EXPECT_THROW(calendar_.advance_to(at(6)), InvariantError);
  calendar_.advance_to(at(5));
  EXPECT_EQ(calendar_.now(), at(5));
}

TEST_F(CalendarTest, keeps_its_order_when_sequence_numbers_are_used_up) {
  CalendarProbe::use_up_sequence_numbers(calendar_, 5);
  Order expected;
  for (int i = 0; i < 20; ++i) {
    note(at(1));
    expected.push_back(i);
  }
  const auto handle = note(at(1));
  calendar_.cancel(handle);
  calendar_.run_until(kNever);
  EXPECT_EQ(order(), expected);
}

TEST_F(CalendarTest, needs_no_more_slots_than_its_largest_number_of_pending_events) {
  struct Again {
    Calendar* calendar;
    int left;
    static void fire(void* self) {
      auto* again = static_cast<Again*>(self);
      if (--again->left > 0)
        again->calendar->schedule(again->calendar->now() + Duration{again->left % 3}, &fire, self);
    }
  };
  std::vector<Again> chains(10, Again{&calendar_, 1000});
  for (Again& chain : chains) calendar_.schedule(kStart, &Again::fire, &chain);
  calendar_.run_until(kNever);
  EXPECT_EQ(calendar_.fired(), 10'000u);
  EXPECT_LE(CalendarProbe::slots(calendar_), 10u);
}

TEST(Delay, of_a_saturated_length_never_ends_instead_of_ending_at_once) {
  Calendar calendar;
  calendar.advance_to(at(1));
  const Delay delay(calendar, seconds(1e30));
  EXPECT_FALSE(delay.await_ready());
}

TEST(Timer, can_be_rearmed_and_disarmed_and_fires_once) {
  Calendar calendar;
  int fired = 0;
  Timer timer(
      calendar, [](void* count) { ++*static_cast<int*>(count); }, &fired);
  timer.arm(at(5));
  timer.arm(at(9));
  EXPECT_EQ(calendar.pending(), 1u);
  calendar.run_until(at(8));
  EXPECT_EQ(fired, 0);
  calendar.run_until(at(9));
  EXPECT_EQ(fired, 1);
  EXPECT_FALSE(timer.armed());
  timer.arm(at(20));
  timer.disarm();
  EXPECT_TRUE(calendar.empty());
}

// The calendar against a std::multimap under random schedules and cancellations, some of them made
// by the events themselves.
struct Reference {
  explicit Reference(std::vector<std::uint32_t> choices) : choices_(std::move(choices)) {}

  Calendar calendar;
  struct Entry {
    Reference* owner;
    int number;
    Calendar::Handle handle;
    std::multimap<TimePoint, int>::iterator place;
    bool live;
  };
  std::vector<std::unique_ptr<Entry>> entries;
  std::multimap<TimePoint, int> expected;  // equal keys stay in order of insertion
  bool right = true;

  std::uint32_t choose() { return next_ < choices_.size() ? choices_[next_++] : 0; }
  bool exhausted() const { return next_ >= choices_.size(); }

  void act() {
    const std::uint32_t choice = choose();
    if (choice % 4 != 0) {
      const TimePoint when = calendar.now() + Duration{static_cast<std::int64_t>(choose() % 16)};
      auto entry =
          std::make_unique<Entry>(Entry{this, static_cast<int>(entries.size()), 0, {}, true});
      entry->place = expected.emplace(when, entry->number);
      entry->handle = calendar.schedule(when, &Reference::fire, entry.get());
      entries.push_back(std::move(entry));
    } else if (!entries.empty()) {
      Entry& entry = *entries[choose() % entries.size()];
      if (!entry.live) return;
      entry.live = false;
      expected.erase(entry.place);
      calendar.cancel(entry.handle);
    }
  }

  static void fire(void* argument) {
    auto* entry = static_cast<Entry*>(argument);
    Reference& self = *entry->owner;
    self.right = self.right && entry->live && !self.expected.empty() &&
                 self.expected.begin()->second == entry->number &&
                 self.expected.begin()->first == self.calendar.now();
    entry->live = false;
    self.expected.erase(entry->place);
    if (!self.exhausted() && self.choose() % 2 == 0) self.act();
  }

 private:
  std::vector<std::uint32_t> choices_;
  std::size_t next_ = 0;
};

RC_GTEST_PROP(Calendar, agrees_with_a_multimap,
              (std::vector<std::uint32_t> choices, bool renumber)) {
  Reference reference(std::move(choices));
  if (renumber) CalendarProbe::use_up_sequence_numbers(reference.calendar, 3);
  while (!reference.exhausted()) {
    for (int i = reference.choose() % 8; i >= 0; --i) reference.act();
    reference.calendar.run_until(reference.calendar.now() + Duration{reference.choose() % 8});
    RC_ASSERT(reference.calendar.pending() == reference.expected.size());
  }
  reference.calendar.run_until(kNever);
  RC_ASSERT(reference.right);
  RC_ASSERT(reference.expected.empty());
}

}  // namespace calendar_test
}  // namespace orrery
