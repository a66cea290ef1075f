// One visit to a core for two kinds of work: a component's own and the transport's, run to completion one after the other.
//
// The wait is charged to the component, or to the transport if that is all there is; the transport's part of the service to the
// network. A visit without work costs nothing, not even an event. `co_await` gives false if the core's machine failed.
//
//   CoreVisit receive(thread, work, stage::kBlockServer, connection.receive_work(...), stage::kFrontend, ledger);
//   if (!co_await receive) co_return IoStatus::failed;
#pragma once

#include <coroutine>

#include "models/host/cpu.hpp"
#include "sim/ledger.hpp"

namespace orrery {

class [[nodiscard]] CoreVisit {
 public:
  CoreVisit(const Thread& thread, Duration own, StageId own_stage, Duration transport,
            StageId transport_stage, Ledger& ledger)
      : CoreVisit((own + transport).count() > 0 ? thread.core() : thread.cpu().core(0), own,
                  own_stage, transport, transport_stage, ledger) {}

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
  CoreVisit(Station& core, Duration own, StageId own_stage, Duration transport,
            StageId transport_stage, Ledger& ledger)
      : use_(core, own + transport, {&ledger, own.count() > 0 ? own_stage : transport_stage},
             kWorkPriority),
        ledger_(ledger),
        own_(own),
        transport_(transport),
        own_stage_(own_stage),
        transport_stage_(transport_stage) {}

  Station::Use use_;
  Ledger& ledger_;
  Duration own_;
  Duration transport_;
  StageId own_stage_;
  StageId transport_stage_;
  bool visited_ = false;
};

}  // namespace orrery
