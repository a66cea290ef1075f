#include "sim/semaphore.hpp"

namespace orrery {

void Semaphore::release(std::int64_t permits) {
  free_ += permits;
  serve();
}

void Semaphore::serve() {
  while (!queue_.empty() && queue_.front().permits_ <= free_) {
    Acquire& next = queue_.pop_front();
    --waiting_;
    free_ -= next.permits_;
    next.let_go(calendar_);
  }
}

bool Semaphore::Acquire::await_ready() {
  if (!semaphore_.queue_.empty() || semaphore_.free_ < permits_) return false;
  semaphore_.free_ -= permits_;
  return true;
}

void Semaphore::Acquire::await_suspend(std::coroutine_handle<> waiter) {
  suspend(waiter);
  semaphore_.queue_.push_back(*this);
  ++semaphore_.waiting_;
}

Semaphore::Acquire::~Acquire() {
  if (is_waiting()) {
    semaphore_.queue_.remove(*this);
    --semaphore_.waiting_;
    semaphore_.serve();
  } else if (is_let_go()) {
    call_off(semaphore_.calendar_);
    semaphore_.release(permits_);
  }
}

}  // namespace orrery
