// One visit to a core for two kinds of work: a component's own and the transport's, run to completion one after the other.
//
// The wait is charged to the component; the transport's part of the service to the network. A visit without work costs nothing,
// not even an event. False if the core's machine failed.
#pragma once

#include <coroutine>
#include <optional>

#include "models/host/cpu.hpp"
#include "sim/ledger.hpp"

namespace orrery {

class [[nodiscard]] CoreVisit {
 public:
  CoreVisit(Cpu& cpu, Duration own, StageId own_stage, Duration transport, StageId transport_stage,
            Ledger& ledger, int priority = kWorkPriority)
      : use_(cpu.cores().use(own + transport,
                             {&ledger, own.count() > 0 ? own_stage : transport_stage}, priority)),
        ledger_(ledger),
        own_(own),
        transport_(transport),
        own_stage_(own_stage),
        transport_stage_(transport_stage) {}

  bool await_ready() const { return own_.count() + transport_.count() == 0; }
  bool await_suspend(std::coroutine_handle<> waiter) {
    visited_ = true;
    return use_.await_suspend(waiter);
  }
  bool await_resume() {
    if (!visited_) return true;
    if (use_.await_resume() != Served::done) return false;
    if (own_.count() > 0) ledger_.move_service(own_stage_, transport_stage_, transport_);
    return true;
  }

 private:
  Station::Use use_;
  Ledger& ledger_;
  Duration own_;
  Duration transport_;
  StageId own_stage_;
  StageId transport_stage_;
  bool visited_ = false;
};

}  // namespace orrery
