// An initiator's end of an attachment: connected, reconnecting, or gone for good.
//
// What an NVMe host does when contact is lost: I/Os wait, every `reconnect_delay` it tries to
// connect, and after `ctrl_loss_timeout` it removes the device, whose I/Os then fail. Contact is
// lost when the other end closes the connection, when the transport gives up, or when a keep-alive
// stays without an answer for its interval: 5 to 10 s after silence begins, with the usual 5 s.
// Keep-alives cost no events while answers come: one is sent only where I/Os are outstanding and
// nothing has been heard since the one before.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "models/pool/profile.hpp"
#include "sim/gate.hpp"
#include "sim/task.hpp"

namespace orrery {

class Controller {
 public:
  // Tries to connect once, or asks for a sign of life; true if it worked.
  using Try = std::function<Task<bool>()>;

  // Connected. `disconnect` is called when contact is lost or nobody needs it any more; the scope
  // must not outlive the controller.
  Controller(Calendar& calendar, TaskScope& scope, const InitiatorProfile& profile, Try connect,
             Try keep_alive, std::function<void()> disconnect);
  Controller(const Controller&) = delete;

  bool is_live() const { return state_ == State::live; }
  bool is_gone() const { return state_ == State::gone; }
  // Open while it is worth trying: connected, or gone for good.
  Gate& decided() { return decided_; }
  // Open while contact is known to be lost.
  Gate& noticed() { return noticed_; }

  // Contact is lost, and the host knows.
  void lose();
  // Nobody needs it any more: whoever waits for it looks elsewhere.
  void retire();
  // Until it is connected again it tries at this interval instead of the profile's.
  void set_retry(Duration interval) { retry_ = interval; }
  // Since when it has been connected.
  TimePoint connected_at() const { return connected_; }

  // An I/O that is out, or whose host does not know yet that it is lost: as long as there is one,
  // silence is noticed.
  class Outstanding {
   public:
    explicit Outstanding(Controller& controller) : controller_(controller) { controller_.begin(); }
    Outstanding(const Outstanding&) = delete;
    ~Outstanding() { --controller_.outstanding_; }

   private:
    Controller& controller_;
  };
  // An answer has come.
  void heard() { heard_ = calendar_.now(); }

  std::int64_t losses() const { return losses_; }
  std::int64_t reconnects() const { return reconnects_; }

 private:
  enum class State : std::uint8_t { live, connecting, gone, retired };
  void begin();
  Task<> reconnect();
  Task<> ask();
  TimePoint next_keep_alive() const;
  static void look_for_silence(void* self);

  Calendar& calendar_;
  TaskScope& scope_;
  const InitiatorProfile& profile_;
  Try connect_;
  Try keep_alive_;
  std::function<void()> disconnect_;
  State state_ = State::live;
  Gate decided_;
  Gate noticed_;
  std::optional<Duration> retry_;
  std::int64_t outstanding_ = 0;
  TimePoint heard_{};
  TimePoint connected_{};  // keep-alives are sent at multiples of their interval after it
  Timer watch_;
  std::int64_t losses_ = 0, reconnects_ = 0;
};

}  // namespace orrery
