// One visit to a core for several kinds of work, run to completion one after the other: a component's own, and the transports' at
// either side of it.
//
// Each kind is charged to its own stage, the wait for the core to that of the first. A visit without work costs nothing, not even
// an event. `co_await` gives false if the core's machine failed.
//
//   CoreVisit receive(thread, ledger, {work, stage::kBlockServer},
//                     {connection.receive_work(...), stage::kFrontend});
//   if (!co_await receive) co_return IoStatus::failed;
#pragma once

#include <coroutine>

#include "models/host/cpu.hpp"
#include "sim/ledger.hpp"

namespace orrery {

// Core time and the stage it is charged to.
struct CoreWork {
  Duration time{};
  StageId stage = 0;
};

class [[nodiscard]] CoreVisit {
 public:
  CoreVisit(const Thread& thread, Ledger& ledger, CoreWork first, CoreWork second = {},
            CoreWork third = {})
      : second_(second),
        third_(third),
        ledger_(ledger),
        stage_(first.time.count() > 0    ? first.stage
               : second.time.count() > 0 ? second.stage
                                         : third.stage),
        use_(first.time + second.time + third.time > Duration{} ? thread.core()
                                                                : thread.cpu().core(0),
             first.time + second.time + third.time, {&ledger, stage_}, kWorkPriority) {}

  bool await_ready() const { return use_.service() == Duration{}; }
  bool await_suspend(std::coroutine_handle<> waiter) { return use_.await_suspend(waiter); }
  bool await_resume() {
    if (await_ready()) return true;
    if (use_.await_resume() != Served::done) return false;
    if (second_.stage != stage_) ledger_.move_service(stage_, second_.stage, second_.time);
    if (third_.stage != stage_) ledger_.move_service(stage_, third_.stage, third_.time);
    return true;
  }

 private:
  CoreWork second_;
  CoreWork third_;
  Ledger& ledger_;
  StageId stage_;
  Station::Use use_;
};

}  // namespace orrery
