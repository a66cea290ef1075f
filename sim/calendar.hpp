// The calendar: what happens next, in simulated picoseconds.
//
// Events are callbacks ordered by time; events of one instant fire in the order in which they were
// scheduled, so one seed gives one history. A scheduled event is known by its handle until it fires
// or is cancelled; cancelling takes it out of the queue of pending events (sim/event_queue.hpp).
// What is due at the present instant never enters that queue: it waits in a ring. Nothing is
// allocated per event once the calendar has seen its largest number of pending events.
//
// The calendar knows nothing of SimGrid; `Simulation` runs it inside SimGrid's clock.
#pragma once

#include <coroutine>
#include <cstdint>

#include "sim/event_queue.hpp"
#include "sim/ring.hpp"
#include "sim/units.hpp"

namespace orrery {

class Calendar {
 public:
  using Callback = EventQueue::Callback;
  using Handle = EventQueue::Slot;
  static constexpr Handle kNone = EventQueue::kNone;

  Calendar() = default;
  Calendar(const Calendar&) = delete;
  Calendar& operator=(const Calendar&) = delete;

  TimePoint now() const { return now_; }

  // `callback(argument)` is called at `when`, or at once after the present event if `when` has
  // passed. The handle is void as soon as the event fires or is cancelled. What the callback will
  // touch besides its argument can be named in `also_needed`: it is fetched into the cache in time.
  Handle schedule(TimePoint when, Callback callback, void* argument,
                  const void* also_needed = nullptr) {
    const Handle handle = queue_.take(callback, argument, also_needed);
    if (when > now_) queue_.insert(handle, when);
    else due_.push(handle);
    return handle;
  }
  void cancel(Handle handle);

  // Fires what is due up to and including `limit`, at most `events` of them, unless interrupted.
  // `now` is left at the last event fired.
  void run_until(TimePoint limit, std::uint64_t events = UINT64_MAX);
  // Makes `run_until` return after the event that is firing.
  void interrupt() { interrupted_ = true; }
  // Moves the clock forward over a span in which nothing is due; a time that has passed is ignored.
  void advance_to(TimePoint time);

  bool empty() const { return pending() == 0; }
  std::size_t pending() const { return queue_.size() + due_.size() - due_cancelled_; }
  std::uint64_t fired() const { return fired_; }
  // Time of the earliest pending event, kNever if there is none.
  TimePoint next_time();

 private:
  friend struct CalendarProbe;  // tests: to reach the end of the sequence numbers

  void fire(Handle handle);

  EventQueue queue_;
  TimePoint now_{};
  bool interrupted_ = false;
  std::uint64_t fired_ = 0;
  Ring<Handle> due_;               // now
  std::size_t due_cancelled_ = 0;  // of these, events that will not fire
};

// `co_await Delay(calendar, duration)`. Destroying a suspended waiter takes its event out of the
// calendar.
class [[nodiscard]] Delay {
 public:
  Delay(Calendar& calendar, Duration duration)
      : calendar_(calendar), when_(after(calendar.now(), duration)) {}
  Delay(Calendar& calendar, TimePoint when) : calendar_(calendar), when_(when) {}
  Delay(const Delay&) = delete;
  Delay& operator=(const Delay&) = delete;
  ~Delay() {
    if (handle_ != Calendar::kNone) calendar_.cancel(handle_);
  }

  bool await_ready() const { return when_ <= calendar_.now(); }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    handle_ = calendar_.schedule(when_, &Delay::wake, this, waiter.address());
  }
  void await_resume() const {}

 private:
  static void wake(void* self) {
    auto* delay = static_cast<Delay*>(self);
    delay->handle_ = Calendar::kNone;
    delay->waiter_.resume();
  }

  Calendar& calendar_;
  TimePoint when_;
  Calendar::Handle handle_ = Calendar::kNone;
  std::coroutine_handle<> waiter_;
};

// A timer with one owner: armed, re-armed and disarmed at will, gone with its owner.
class Timer {
 public:
  Timer(Calendar& calendar, Calendar::Callback callback, void* argument)
      : calendar_(calendar), callback_(callback), argument_(argument) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { disarm(); }

  void arm(TimePoint when) {
    disarm();
    handle_ = calendar_.schedule(when, &Timer::wake, this);
  }
  void disarm() {
    if (handle_ != Calendar::kNone) calendar_.cancel(handle_);
    handle_ = Calendar::kNone;
  }
  bool armed() const { return handle_ != Calendar::kNone; }

 private:
  static void wake(void* self) {
    auto* timer = static_cast<Timer*>(self);
    timer->handle_ = Calendar::kNone;
    timer->callback_(timer->argument_);
  }

  Calendar& calendar_;
  Calendar::Callback callback_;
  void* argument_;
  Calendar::Handle handle_ = Calendar::kNone;
};

}  // namespace orrery
