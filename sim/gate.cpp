#include "sim/gate.hpp"

namespace orrery {

void Gate::open() {
  open_ = true;
  waiting_ = 0;
  while (!queue_.empty()) queue_.pop_front().let_go(calendar_);
}

void Gate::Pass::await_suspend(std::coroutine_handle<> waiter) {
  suspend(waiter);
  gate_.queue_.push_back(*this);
  ++gate_.waiting_;
}

Gate::Pass::~Pass() {
  if (is_waiting()) {
    gate_.queue_.remove(*this);
    --gate_.waiting_;
  } else if (is_let_go()) {
    call_off(gate_.calendar_);
  }
}

}  // namespace orrery
