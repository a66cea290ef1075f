#include "models/pool/controller.hpp"

#include <algorithm>

namespace orrery {

Controller::Controller(Calendar& calendar, TaskScope& scope, const InitiatorProfile& profile,
                       Connect connect, std::function<void()> lost)
    : calendar_(calendar),
      scope_(scope),
      profile_(profile),
      connect_(std::move(connect)),
      lost_(std::move(lost)),
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
  lost_();
  scope_.spawn(reconnect());
}

void Controller::retire() {
  state_ = State::retired;
  watch_.disarm();
  noticed_.open();
  decided_.open();
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
    co_return;
  }
  state_ = State::gone;
  decided_.open();
}

void Controller::begin() {
  if (outstanding_++ > 0 || watch_.armed() || state_ != State::live) return;
  heard_ = calendar_.now();
  watch_.arm(silence_due());
}

// A keep-alive is sent at the first of its times after something was heard, and fails an interval later.
TimePoint Controller::silence_due() const {
  const auto intervals = (heard_ - connected_) / profile_.keep_alive;
  return after(connected_, profile_.keep_alive * (intervals + 2));
}

void Controller::look_for_silence(void* self) {
  auto& controller = *static_cast<Controller*>(self);
  if (controller.state_ != State::live || controller.outstanding_ == 0) return;
  const TimePoint due = controller.silence_due();
  if (due <= controller.calendar_.now()) controller.lose();
  else controller.watch_.arm(due);
}

}  // namespace orrery
