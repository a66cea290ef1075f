// The calendar: what happens next, in simulated picoseconds.
//
// Events are callbacks ordered by time; events of one instant fire in the order in which they were scheduled, so one seed gives
// one history. A scheduled event is known by its handle until it fires or is cancelled; cancelling takes it out of the heap (a
// 4-ary heap of 16-byte keys that knows where each event stands). What is due at the present instant never enters the heap: it
// waits in a ring. Nothing is allocated per event once the calendar has seen its largest number of pending events.
//
// The calendar knows nothing of SimGrid; `Simulation` runs it inside SimGrid's clock.
#pragma once

#include <coroutine>
#include <cstdint>
#include <vector>

#include "sim/units.hpp"

namespace orrery {

class Calendar {
 public:
  using Callback = void (*)(void*);
  using Handle = std::uint32_t;
  static constexpr Handle kNone = UINT32_MAX;

  Calendar() = default;
  Calendar(const Calendar&) = delete;
  Calendar& operator=(const Calendar&) = delete;

  TimePoint now() const { return now_; }

  // `callback(argument)` is called at `when`, or at once after the present event if `when` has passed. The handle is void as
  // soon as the event fires or is cancelled.
  Handle schedule(TimePoint when, Callback callback, void* argument);
  void cancel(Handle handle);

  // Fires what is due up to and including `limit`, at most `events` of them, unless interrupted. `now` is left at the last
  // event fired.
  void run_until(TimePoint limit, std::uint64_t events = UINT64_MAX);
  // Makes `run_until` return after the event that is firing.
  void interrupt() { interrupted_ = true; }
  // Moves the clock forward over a span in which nothing is due; a time that has passed is ignored.
  void advance_to(TimePoint time);

  bool empty() const { return pending() == 0; }
  std::size_t pending() const {
    return heap_.size() - (root_vacant_ ? 1 : 0) + ring_count_ - ring_cancelled_;
  }
  std::uint64_t fired() const { return fired_; }
  // Time of the earliest pending event, kNever if there is none.
  TimePoint next_time() const;

 private:
  friend struct CalendarProbe;  // tests: to reach the end of the sequence numbers

  // Time above, (sequence << kSlotBits | slot) below: one comparison orders by time, then by order of scheduling.
  __extension__ typedef unsigned __int128 Key;
  static constexpr int kSlotBits = 24;
  static constexpr std::uint64_t kSlotMask = (1u << kSlotBits) - 1;
  static constexpr std::uint64_t kSequenceLimit = 1ull << (64 - kSlotBits);
  static constexpr std::uint32_t kInRing = UINT32_MAX - 1;

  struct Slot {
    Callback callback = nullptr;
    void* argument = nullptr;
  };

  static std::uint32_t slot_of(Key key) {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(key) & kSlotMask);
  }
  static TimePoint time_of(Key key) {
    return TimePoint{Duration{static_cast<std::int64_t>(key >> 64)}};
  }

  std::uint32_t take_slot();
  void place(std::size_t index, Key key) {
    heap_[index] = key;
    position_[slot_of(key)] = static_cast<std::uint32_t>(index);
  }
  void sift_up(std::size_t index, Key key);
  void sift_down(std::size_t index, Key key);
  void remove_at(std::size_t index);
  void fill_root();
  void prefetch_next() const;
  void renumber();
  void push_ring(std::uint32_t slot);
  void fire(std::uint32_t slot);

  TimePoint now_{};
  bool interrupted_ = false;
  bool root_vacant_ = false;  // the root's event is firing and has scheduled nothing yet
  std::uint64_t sequence_ = 0;
  std::uint64_t fired_ = 0;
  std::vector<Key> heap_;
  std::vector<std::uint32_t> position_;  // of each slot: index in the heap, or kInRing
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::vector<std::uint32_t> ring_;  // power-of-two ring of slots due now
  std::size_t ring_head_ = 0;
  std::size_t ring_count_ = 0;
  std::size_t ring_cancelled_ = 0;  // of these, events that will not fire
};

// `co_await Delay(calendar, duration)`. Destroying a suspended waiter takes its event out of the calendar.
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
    handle_ = calendar_.schedule(when_, &Delay::wake, this);
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
