#include "models/pool/controller.hpp"

#include <algorithm>

namespace orrery {

Controller::Controller(Calendar& calendar, TaskScope& scope, const InitiatorProfile& profile,
                       Try connect, Try keep_alive, std::function<void()> disconnect)
    : calendar_(calendar),
      scope_(scope),
      profile_(profile),
      connect_(std::move(connect)),
      keep_alive_(std::move(keep_alive)),
      disconnect_(std::move(disconnect)),
      decided_(calendar),
      noticed_(calendar, false),
      heard_(calendar.now()),
      connected_(calendar.now()),
      watch_(calendar, &look_for_silence, this) {}

void Controller::lose() {
  if (state_ != State::live) return;
  state_ = State::connecting;
  ++losses_;
  watch_.disarm();
  decided_.close();
  noticed_.open();
  disconnect_();
  scope_.spawn(reconnect());
}

void Controller::retire() {
  state_ = State::retired;
  watch_.disarm();
  noticed_.open();
  decided_.open();
  disconnect_();
}

Task<> Controller::reconnect() {
  const TimePoint given_up = after(calendar_.now(), profile_.ctrl_loss_timeout);
  for (;;) {
    const TimePoint next = after(calendar_.now(), retry_.value_or(profile_.reconnect_delay));
    co_await Delay(calendar_, std::min(next, given_up));
    if (state_ == State::retired) co_return;
    if (calendar_.now() >= given_up) break;
    auto attempt = within(calendar_, given_up - calendar_.now(), connect_());
    const std::optional<bool> connected = co_await attempt;
    if (state_ == State::retired) co_return;
    if (!connected.value_or(false)) continue;
    state_ = State::live;
    retry_.reset();
    ++reconnects_;
    heard_ = connected_ = calendar_.now();
    noticed_.close();
    decided_.open();
    if (outstanding_ > 0) watch_.arm(next_keep_alive());
    co_return;
  }
  state_ = State::gone;
  decided_.open();
}

void Controller::begin() {
  if (outstanding_++ > 0 || state_ != State::live) return;
  heard_ = calendar_.now();
  if (!watch_.armed()) watch_.arm(next_keep_alive());
}

// The first of its times after something was heard.
TimePoint Controller::next_keep_alive() const {
  const auto intervals = (heard_ - connected_) / profile_.keep_alive;
  return after(connected_, profile_.keep_alive * (intervals + 1));
}

void Controller::look_for_silence(void* self) {
  auto& controller = *static_cast<Controller*>(self);
  if (controller.state_ != State::live || controller.outstanding_ == 0) return;
  const TimePoint due = controller.next_keep_alive();
  if (due > controller.calendar_.now()) controller.watch_.arm(due);
  else controller.scope_.spawn(controller.ask());
}

Task<> Controller::ask() {
  const std::int64_t before = losses_;
  auto asking = within(calendar_, profile_.keep_alive, keep_alive_());
  const std::optional<bool> answered = co_await asking;
  if (state_ != State::live || losses_ != before) co_return;
  if (!answered.value_or(false)) {
    lose();
    co_return;
  }
  heard_ = calendar_.now();
  if (outstanding_ > 0 && !watch_.armed()) watch_.arm(next_keep_alive());
}

}  // namespace orrery
