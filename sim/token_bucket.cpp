#include "sim/token_bucket.hpp"

#include <algorithm>

namespace orrery {

TokenBucket::TokenBucket(Calendar& calendar, double tokens_per_second, double burst)
    : calendar_(calendar), timer_(calendar, &TokenBucket::tokens_are_there, this) {
  set_rate(tokens_per_second, burst);
}

Duration TokenBucket::time_for(double tokens) const {
  return seconds(tokens * picoseconds_per_token_ * 1e-12);
}

void TokenBucket::set_rate(double tokens_per_second, double burst) {
  const TimePoint now = calendar_.now();
  const double before = picoseconds_per_token_;
  const Duration burst_before = burst_;
  const Duration flowed_in = now - empty_until_;  // negative: owed
  picoseconds_per_token_ = tokens_per_second > 0 ? 1e12 / tokens_per_second : 0;
  burst_ = std::min(seconds(burst * picoseconds_per_token_ * 1e-12), seconds(4e6));
  // What was saved, or is owed, is tokens and not time: it keeps its number under the new rate.
  if (before <= 0) empty_until_ = now - burst_;
  else if (flowed_in < Duration{})
    empty_until_ = after(now, scaled(-flowed_in, picoseconds_per_token_ / before));
  else
    empty_until_ = now - scaled(saving_ended_ ? flowed_in : std::min(flowed_in, burst_before),
                                picoseconds_per_token_ / before);
  timer_.disarm();
  serve();
}

// Hands out what is there and waits for what the next taker lacks.
void TokenBucket::serve() {
  const TimePoint now = calendar_.now();
  while (!queue_.empty()) {
    Take& taker = queue_.front();
    // What flows in while the first one waits is its own, beyond the burst as well.
    if (!saving_ended_) empty_until_ = std::max(empty_until_, now - burst_);
    saving_ended_ = true;
    const TimePoint there = after(empty_until_, time_for(taker.tokens_));
    if (limited() && there > now) {
      if (!timer_.armed()) timer_.arm(there);
      return;
    }
    if (limited()) empty_until_ = there;
    queue_.pop_front().let_go(calendar_);
    saving_ended_ = false;
  }
}

void TokenBucket::tokens_are_there(void* bucket) { static_cast<TokenBucket*>(bucket)->serve(); }

bool TokenBucket::Take::await_ready() {
  TokenBucket& b = bucket_;
  if (!b.limited()) return true;
  if (!b.queue_.empty()) return false;
  const TimePoint now = b.calendar_.now();
  const TimePoint there = after(std::max(b.empty_until_, now - b.burst_), b.time_for(tokens_));
  if (there > now) return false;
  b.empty_until_ = there;
  return true;
}

void TokenBucket::Take::await_suspend(std::coroutine_handle<> waiter) {
  suspend(waiter);
  const bool is_first = bucket_.queue_.empty();
  bucket_.queue_.push_back(*this);
  if (is_first) bucket_.serve();
}

TokenBucket::Take::~Take() {
  TokenBucket& b = bucket_;
  if (is_waiting()) {
    const bool was_first = &b.queue_.front() == this;
    b.queue_.remove(*this);
    if (!was_first) return;
    b.saving_ended_ = false;
    b.timer_.disarm();
    b.serve();
  } else if (is_let_go()) {
    call_off(b.calendar_);  // it had its tokens and did not come to use them
    if (b.limited()) b.empty_until_ -= b.time_for(tokens_);
    b.timer_.disarm();
    b.serve();
  }
}

}  // namespace orrery
