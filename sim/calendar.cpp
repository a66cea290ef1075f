#include "sim/calendar.hpp"

#include <algorithm>

#include "sim/assert.hpp"

namespace orrery {

void Calendar::cancel(Handle handle) {
  if (queue_.remove(handle)) {
    queue_.give_back(handle);
  } else {
    queue_.forget_callback(handle);  // it is dropped when its turn comes
    ++due_cancelled_;
  }
}

void Calendar::run_until(TimePoint limit, std::uint64_t events) {
  interrupted_ = false;
  const std::uint64_t last = events < UINT64_MAX - fired_ ? fired_ + events : UINT64_MAX;
  while (!interrupted_ && fired_ != last) {
    const TimePoint when = queue_.first_time();
    if (!due_.empty() && when > now_) {
      fire(due_.pop());
      continue;
    }
    if (when > limit || (when == kNever && queue_.size() == 0)) return;
    now_ = when;
    fire(queue_.take_first());
  }
}

void Calendar::advance_to(TimePoint time) {
  ORRERY_INVARIANT(time <= now_ || time <= next_time(), "calendar",
                   "the clock was moved over a pending event");
  now_ = std::max(now_, time);
}

TimePoint Calendar::next_time() {
  if (due_.size() != due_cancelled_) return now_;
  return queue_.first_time();
}

void Calendar::fire(Handle handle) {
  const Callback callback = queue_.callback_of(handle);
  void* const argument = queue_.argument_of(handle);
  queue_.give_back(handle);
  if (callback == nullptr) {
    --due_cancelled_;
    return;
  }
  ++fired_;
  callback(argument);
}

}  // namespace orrery
