// Bytes that share links as fluid flows, by the hundred thousand: one per message or per copied
// replica.
//
//   Flows flows(simulation);
//   const Flows::Host a = flows.host("node3"), b = flows.host("node7");
//   Flows::Carry carry(flows, a, b, kibibytes(64));
//   const bool arrived = co_await carry;
//
// A flow needs no actor: SimGrid shares the links, and its end is an event of the calendar. It
// fails when a link on its route or a host at its ends is down at the start or goes down on the
// way. Destroying the waiter leaves the flow alone: it runs on, for nobody. Flows that are under
// way when the run ends stand where they are by then.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <string>

#include "sim/simulation.hpp"
#include "sim/units.hpp"

namespace orrery {

class Flows {
 public:
  using Host = std::uint32_t;
  struct Flow;

  // `simulation` outlives the flows.
  explicit Flows(Simulation& simulation);
  Flows(const Flows&) = delete;
  Flows& operator=(const Flows&) = delete;
  ~Flows();

  // The host must exist.
  Host host(const std::string& name);

  // Carries at least one byte between two hosts. `co_await` gives true when the last byte has
  // arrived.
  class [[nodiscard]] Carry {
   public:
    Carry(Flows& flows, Host from, Host to, Bytes bytes)
        : flows_(flows), from_(from), to_(to), bytes_(bytes) {}
    Carry(const Carry&) = delete;
    Carry& operator=(const Carry&) = delete;
    ~Carry();

    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter);
    bool await_resume() const { return arrived_; }
    // What has arrived, as of the engine's last step; exact in a call at the engine and at the end
    // of the run.
    Bytes carried() const;

   private:
    friend class Flows;
    Flows& flows_;
    Host from_, to_;
    Bytes bytes_;  // to carry; in the end what has arrived
    Flow* flow_ = nullptr;
    std::coroutine_handle<> waiter_;
    bool arrived_ = false;
  };

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace orrery
