#include "sim/sync.hpp"

#include <algorithm>

namespace orrery {

void Semaphore::release(std::int64_t permits) {
  free_ += permits;
  serve();
}

void Semaphore::serve() {
  while (first_ != nullptr && first_->permits_ <= free_) {
    Acquire* next = first_;
    first_ = next->next_;
    (first_ != nullptr ? first_->previous_ : last_) = nullptr;
    --waiting_;
    next->queued_ = false;
    free_ -= next->permits_;
    next->handle_ = calendar_.schedule(calendar_.now(), &Acquire::wake, next);
  }
}

bool Semaphore::Acquire::await_ready() {
  if (semaphore_.first_ != nullptr || semaphore_.free_ < permits_) return false;
  semaphore_.free_ -= permits_;
  return true;
}

void Semaphore::Acquire::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  queued_ = true;
  previous_ = semaphore_.last_;
  (previous_ != nullptr ? previous_->next_ : semaphore_.first_) = this;
  semaphore_.last_ = this;
  ++semaphore_.waiting_;
}

Semaphore::Acquire::~Acquire() {
  if (queued_) {
    (previous_ != nullptr ? previous_->next_ : semaphore_.first_) = next_;
    (next_ != nullptr ? next_->previous_ : semaphore_.last_) = previous_;
    --semaphore_.waiting_;
    semaphore_.serve();
  } else if (handle_ != Calendar::kNone) {
    semaphore_.calendar_.cancel(handle_);
    semaphore_.release(permits_);
  }
}

void Semaphore::Acquire::wake(void* self) {
  auto* acquire = static_cast<Acquire*>(self);
  acquire->handle_ = Calendar::kNone;
  acquire->waiter_.resume();
}

void Gate::open() {
  open_ = true;
  while (first_ != nullptr) {
    Pass* next = first_;
    first_ = next->next_;
    --waiting_;
    next->queued_ = false;
    next->handle_ = calendar_.schedule(calendar_.now(), &Pass::wake, next);
  }
  last_ = nullptr;
}

void Gate::Pass::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  queued_ = true;
  previous_ = gate_.last_;
  (previous_ != nullptr ? previous_->next_ : gate_.first_) = this;
  gate_.last_ = this;
  ++gate_.waiting_;
}

Gate::Pass::~Pass() {
  if (queued_) {
    (previous_ != nullptr ? previous_->next_ : gate_.first_) = next_;
    (next_ != nullptr ? next_->previous_ : gate_.last_) = previous_;
    --gate_.waiting_;
  } else if (handle_ != Calendar::kNone) {
    gate_.calendar_.cancel(handle_);
  }
}

void Gate::Pass::wake(void* self) {
  auto* pass = static_cast<Pass*>(self);
  pass->handle_ = Calendar::kNone;
  pass->waiter_.resume();
}

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
  while (Take* taker = first_) {
    // What flows in while the first one waits is its own, beyond the burst as well.
    if (!saving_ended_) empty_until_ = std::max(empty_until_, now - burst_);
    saving_ended_ = true;
    const TimePoint there = after(empty_until_, time_for(taker->tokens_));
    if (limited() && there > now) {
      if (!timer_.armed()) timer_.arm(there);
      return;
    }
    if (limited()) empty_until_ = there;
    first_ = taker->next_;
    (first_ != nullptr ? first_->previous_ : last_) = nullptr;
    taker->queued_ = false;
    taker->handle_ = calendar_.schedule(now, &Take::wake, taker);
    saving_ended_ = false;
  }
}

void TokenBucket::tokens_are_there(void* bucket) { static_cast<TokenBucket*>(bucket)->serve(); }

bool TokenBucket::Take::await_ready() {
  TokenBucket& b = bucket_;
  if (!b.limited()) return true;
  if (b.first_ != nullptr) return false;
  const TimePoint now = b.calendar_.now();
  const TimePoint there = after(std::max(b.empty_until_, now - b.burst_), b.time_for(tokens_));
  if (there > now) return false;
  b.empty_until_ = there;
  return true;
}

void TokenBucket::Take::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  queued_ = true;
  previous_ = bucket_.last_;
  (previous_ != nullptr ? previous_->next_ : bucket_.first_) = this;
  bucket_.last_ = this;
  if (bucket_.first_ == this) bucket_.serve();
}

TokenBucket::Take::~Take() {
  TokenBucket& b = bucket_;
  if (queued_) {
    const bool was_first = b.first_ == this;
    (previous_ != nullptr ? previous_->next_ : b.first_) = next_;
    (next_ != nullptr ? next_->previous_ : b.last_) = previous_;
    if (!was_first) return;
    b.saving_ended_ = false;
    b.timer_.disarm();
    b.serve();
  } else if (handle_ != Calendar::kNone) {
    b.calendar_.cancel(handle_);  // it had its tokens and did not come to use them
    if (b.limited()) b.empty_until_ -= b.time_for(tokens_);
    b.timer_.disarm();
    b.serve();
  }
}

void TokenBucket::Take::wake(void* self) {
  auto* take = static_cast<Take*>(self);
  take->handle_ = Calendar::kNone;
  take->waiter_.resume();
}

}  // namespace orrery
