#include "models/ssd/die_array.hpp"

namespace orrery {

void DieArray::start(Die& die, Page* page) {
  die.holder = page;
  page->state_ = Page::State::held;
  page->started_ = calendar_.now();
  page->handle_ = calendar_.schedule(after(page->started_, page->duration_), &Page::sensed, page);
}

void DieArray::hand_over(Die& die) {
  die.holder = nullptr;
  Page* page = die.first;
  if (page == nullptr) return;
  die.first = page->next_;
  (die.first != nullptr ? die.first->previous_ : die.last) = nullptr;
  station_.books().start(calendar_.now());
  start(die, page);
}

void DieArray::Page::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  arrived_ = array_.calendar_.now();
  if (die_.holder == nullptr) {
    array_.station_.books().arrive_and_start(arrived_);
    array_.start(die_, this);
    return;
  }
  array_.station_.books().arrive(arrived_);
  state_ = State::queued;
  previous_ = die_.last;
  (previous_ != nullptr ? previous_->next_ : die_.first) = this;
  die_.last = this;
}

void DieArray::Page::await_resume() {
  if (charge_.ledger != nullptr)
    charge_.ledger->charge(charge_.stage, array_.calendar_.now(), started_ - arrived_);
}

void DieArray::Page::sensed(void* self) {
  auto* page = static_cast<Page*>(self);
  page->handle_ = Calendar::kNone;
  page->waiter_.resume();
}

void DieArray::Page::release() {
  array_.station_.books().finish(array_.calendar_.now(), arrived_);
  state_ = State::idle;
  array_.hand_over(die_);
}

DieArray::Page::~Page() {
  if (state_ == State::idle) return;
  const bool held = state_ == State::held;
  array_.station_.books().abandon(array_.calendar_.now(), arrived_, held);
  if (held) {
    if (handle_ != Calendar::kNone) array_.calendar_.cancel(handle_);
    array_.hand_over(die_);
  } else {
    (previous_ != nullptr ? previous_->next_ : die_.first) = next_;
    (next_ != nullptr ? next_->previous_ : die_.last) = previous_;
  }
}

}  // namespace orrery
