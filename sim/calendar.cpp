#include "sim/calendar.hpp"

#include <algorithm>

#include "sim/assert.hpp"

namespace orrery {

void Calendar::cancel(Handle handle) {
  if (queue_.remove(handle)) {
    queue_.give_back(handle);
  } else {
    queue_.forget_callback(handle);  // the ring drops it when its turn comes
    ++ring_cancelled_;
  }
}

void Calendar::run_until(TimePoint limit, std::uint64_t events) {
  interrupted_ = false;
  const std::uint64_t last = events < UINT64_MAX - fired_ ? fired_ + events : UINT64_MAX;
  while (!interrupted_ && fired_ != last) {
    const TimePoint when = queue_.first_time();
    if (ring_count_ != 0 && when > now_) {
      const Handle due = ring_[ring_head_];
      ring_head_ = (ring_head_ + 1) & (ring_.size() - 1);
      --ring_count_;
      fire(due);
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
  if (ring_count_ != ring_cancelled_) return now_;
  return queue_.first_time();
}

void Calendar::push_ring(Handle handle) {
  if (ring_count_ == ring_.size()) {
    std::vector<Handle> larger(ring_.empty() ? 64 : ring_.size() * 2);
    for (std::size_t i = 0; i < ring_count_; ++i)
      larger[i] = ring_[(ring_head_ + i) & (ring_.size() - 1)];
    ring_ = std::move(larger);
    ring_head_ = 0;
  }
  ring_[(ring_head_ + ring_count_) & (ring_.size() - 1)] = handle;
  ++ring_count_;
}

void Calendar::fire(Handle handle) {
  const Callback callback = queue_.callback_of(handle);
  void* const argument = queue_.argument_of(handle);
  queue_.give_back(handle);
  if (callback == nullptr) {
    --ring_cancelled_;
    return;
  }
  ++fired_;
  callback(argument);
}

}  // namespace orrery
