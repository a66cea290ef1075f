// A join of several branches: released when `needed` of them have succeeded, or when so many have
// failed that they cannot.
#pragma once

#include <coroutine>
#include <new>
#include <optional>
#include <utility>

#include "sim/calendar.hpp"
#include "sim/task.hpp"

namespace orrery {

// Every branch takes a ticket and hands in its result; the result that released the join is the one
// the waiter gets (for an I/O: the ledger of the branch that counted). Branches that end later run
// on and are ignored; a ticket that is destroyed unused counts as a failure. The shared state comes
// from the frame pool and lives until the last holder is gone.
//
//   Join<Ledger> join(calendar, 2, 3);
//   for (Replica* r : replicas) scope.spawn(r->append(io, join.ticket()));
//   if (const Ledger* releasing = co_await join.reached()) ...
template <class Result>
class Join {
  struct State {
    Calendar* calendar;
    int needed;
    int outstanding;  // branches that have not handed in yet
    int succeeded = 0;
    int holders = 1;
    bool released = false;
    std::optional<Result> result{};
    std::coroutine_handle<> waiter{};
    Calendar::Handle handle = Calendar::kNone;

    void drop() {
      if (--holders > 0) return;
      this->~State();
      FramePool::give_back(this, sizeof(State));
    }
    void release() {
      released = true;
      if (waiter) handle = calendar->schedule(calendar->now(), &State::wake, this);
    }
    void forget_waiter() {
      if (handle != Calendar::kNone) calendar->cancel(handle);
      handle = Calendar::kNone;
      waiter = nullptr;
    }
    static void wake(void* self) {
      auto* state = static_cast<State*>(self);
      state->handle = Calendar::kNone;
      state->waiter.resume();
    }
    void hand_in(std::optional<Result> outcome) {
      --outstanding;
      if (released) return;
      if (outcome && ++succeeded == needed) {
        result = std::move(outcome);
        release();
      } else if (succeeded + outstanding < needed) {
        release();
      }
    }
  };

 public:
  Join(Calendar& calendar, int needed, int branches)
      : state_(new (FramePool::take(sizeof(State))) State{&calendar, needed, branches}) {}
  Join(const Join&) = delete;
  Join& operator=(const Join&) = delete;
  ~Join() {
    state_->forget_waiter();
    state_->released = true;
    state_->drop();
  }

  class Ticket {
   public:
    explicit Ticket(State* state) : state_(state) { ++state_->holders; }
    Ticket(Ticket&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (state_ == nullptr) return;
      state_->hand_in(std::nullopt);
      state_->drop();
    }
    void succeed(Result result) {
      State* state = std::exchange(state_, nullptr);
      state->hand_in(std::move(result));
      state->drop();
    }

   private:
    State* state_;
  };

  Ticket ticket() { return Ticket(state_); }

  // The result that released the join, or null if too many branches failed; it lives as long as the
  // join. Awaited by one task.
  auto reached() {
    struct Reached {
      State* state;
      explicit Reached(State* joined) : state(joined) { ++state->holders; }
      Reached(const Reached&) = delete;
      Reached& operator=(const Reached&) = delete;
      ~Reached() {
        state->forget_waiter();
        state->drop();
      }
      bool await_ready() const {
        return state->released || state->succeeded + state->outstanding < state->needed ||
               state->needed == 0;
      }
      void await_suspend(std::coroutine_handle<> waiter) { state->waiter = waiter; }
      const Result* await_resume() const { return state->result ? &*state->result : nullptr; }
    };
    return Reached(state_);
  }

 private:
  State* state_;
};

namespace join_detail {
struct Nothing {};
template <class TicketOf>
Task<> run_branch(Task<> task, TicketOf ticket) {
  co_await task;
  ticket.succeed(Nothing{});
}
}  // namespace join_detail

// `co_await n_of(calendar, scope, n, tasks)`: completes when n of the tasks have ended; the others
// run on in the scope.
template <class Tasks>
Task<> n_of(Calendar& calendar, TaskScope& scope, int needed, Tasks tasks) {
  Join<join_detail::Nothing> join(calendar, needed, static_cast<int>(tasks.size()));
  for (auto& task : tasks) {
    auto ticket = join.ticket();
    scope.spawn(join_detail::run_branch(std::move(task), std::move(ticket)));
  }
  co_await join.reached();
}

// Completes when all of the tasks have ended. Destroying the waiter destroys them.
template <class Tasks>
Task<> all_of(Calendar& calendar, Tasks tasks) {
  TaskScope scope;
  const int count = static_cast<int>(tasks.size());
  co_await n_of(calendar, scope, count, std::move(tasks));
}

}  // namespace orrery
