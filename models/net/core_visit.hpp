// One visit to a core for several kinds of work, run to completion one after the other: a
// component's own, and the transports' at either side of it.
//
// Each kind is charged to its own stage, the wait for the thread to the stage of its owner. What
// has come over the network is an arrival, which a polling thread has to look for unless the stack
// wakes it; all else goes on at once. A visit without work costs nothing, not even an event, unless
// it has to be looked for. `co_await` gives false if the core's machine failed.
//
//   CoreVisit receive(thread, stage::kBlockServer, arrival_over(connection), ledger,
//                     {connection.receive_work(...), stage::kFrontend}, {work,
//                     stage::kBlockServer});
//   if (!co_await receive) co_return IoStatus::failed;
#pragma once

#include <coroutine>
#include <cstdint>

#include "models/host/cpu.hpp"
#include "models/net/connection.hpp"
#include "sim/ledger.hpp"

namespace orrery {

// Core time and the stage it is charged to.
struct CoreWork {
  Duration time{};
  StageId stage = 0;
};

enum class Visit : std::uint8_t { arrival, continuation };
// Of what a connection has delivered: a stack that wakes its receiver leaves nothing to look for.
inline Visit arrival_over(const Connection& connection) {
  return connection.wakes_receiver() ? Visit::continuation : Visit::arrival;
}

class [[nodiscard]] CoreVisit {
 public:
  CoreVisit(const Thread& thread, StageId owner, Visit visit, Ledger& ledger, CoreWork first,
            CoreWork second = {}, CoreWork third = {})
      : owner_(owner),
        first_(first),
        second_(second),
        third_(third),
        ledger_(ledger),
        is_idle_((first.time + second.time + third.time).count() == 0 &&
                 !(visit == Visit::arrival && thread.looks_at_intervals())),
        use_(is_idle_ ? thread.cpu().core(0) : thread.core(), first.time + second.time + third.time,
             {&ledger, owner}, kWorkPriority, visit == Visit::arrival) {}

  bool await_ready() const { return is_idle_; }
  bool await_suspend(std::coroutine_handle<> waiter) { return use_.await_suspend(waiter); }
  bool await_resume() {
    if (is_idle_) return true;
    if (use_.await_resume() != Served::done) return false;
    for (const CoreWork& work : {first_, second_, third_})
      ledger_.move_service(owner_, work.stage, work.time);
    return true;
  }

 private:
  StageId owner_;
  CoreWork first_;
  CoreWork second_;
  CoreWork third_;
  Ledger& ledger_;
  bool is_idle_;
  Station::Use use_;
};

}  // namespace orrery
