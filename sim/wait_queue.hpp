// Who waits, in order of arrival.
//
// A waiter is linked by a hook in itself, so that waiting allocates nothing and leaving from
// anywhere takes constant time: a run may end with any number of waiters, and each of them leaves
// as it is destroyed.
#pragma once

#include <boost/intrusive/list.hpp>
#include <coroutine>

#include "sim/calendar.hpp"

namespace orrery {

// A base of what can wait. It is in one queue at a time, and copying does not copy its place.
class WaitHook : public boost::intrusive::list_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::safe_link>> {
 public:
  bool is_waiting() const { return is_linked(); }
};

// T derives from WaitHook and outlives its place in the queue.
template <class T>
class WaitQueue {
 public:
  bool empty() const { return list_.empty(); }
  T& front() { return static_cast<T&>(list_.front()); }
  void push_back(T& waiter) { list_.push_back(waiter); }
  void push_front(T& waiter) { list_.push_front(waiter); }
  // REQUIRES: the waiter is in this queue.
  void remove(T& waiter) { list_.erase(list_.iterator_to(waiter)); }
  // REQUIRES: not empty.
  T& pop_front() {
    T& first = front();
    list_.pop_front();
    return first;
  }

 private:
  boost::intrusive::list<WaitHook, boost::intrusive::constant_time_size<false>> list_;
};

// A task that waits until it is let go on. It does so by an event of its own, in order with all
// else of that moment.
class TaskWaiter : public WaitHook {
 public:
  TaskWaiter() = default;
  TaskWaiter(const TaskWaiter&) = delete;
  TaskWaiter& operator=(const TaskWaiter&) = delete;

  void suspend(std::coroutine_handle<> task) { task_ = task; }
  void let_go(Calendar& calendar) {
    event_ = calendar.schedule(calendar.now(), &TaskWaiter::go_on, this);
  }
  // Whether it was let go on and has not run since.
  bool is_let_go() const { return event_ != Calendar::kNone; }
  void call_off(Calendar& calendar) { calendar.cancel(event_); }

 private:
  static void go_on(void* self) {
    auto* waiter = static_cast<TaskWaiter*>(self);
    waiter->event_ = Calendar::kNone;
    waiter->task_.resume();
  }

  std::coroutine_handle<> task_;
  Calendar::Handle event_ = Calendar::kNone;
};

}  // namespace orrery
