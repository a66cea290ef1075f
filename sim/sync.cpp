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

TokenBucket::TokenBucket(Calendar& calendar, double tokens_per_second, double burst)
    : calendar_(calendar) {
  set_rate(tokens_per_second, burst);
}

void TokenBucket::set_rate(double tokens_per_second, double burst) {
  const TimePoint now = calendar_.now();
  const double before = picoseconds_per_token_;
  const Duration saved = std::clamp(now - empty_until_, Duration{}, burst_);
  picoseconds_per_token_ = tokens_per_second > 0 ? 1e12 / tokens_per_second : 0;
  burst_ = std::min(seconds(burst * picoseconds_per_token_ * 1e-12), seconds(4e6));
  // What was saved is tokens, not time: it keeps its number under the new rate.
  if (before <= 0) empty_until_ = now - burst_;
  else if (empty_until_ < now)
    empty_until_ = now - std::min(burst_, scaled(saved, picoseconds_per_token_ / before));
}

Delay TokenBucket::take(double tokens) {
  const TimePoint now = calendar_.now();
  if (!limited()) return Delay(calendar_, now);
  empty_until_ =
      after(std::max(empty_until_, now - burst_), seconds(tokens * picoseconds_per_token_ * 1e-12));
  return Delay(calendar_, empty_until_);
}

}  // namespace orrery
