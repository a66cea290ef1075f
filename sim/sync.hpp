// Waiting for others: semaphores, token buckets, and joins of several branches.
#pragma once

#include <coroutine>
#include <cstdint>
#include <new>
#include <utility>

#include "sim/calendar.hpp"
#include "sim/task.hpp"

namespace orrery {

// Counted permits, handed over in order of arrival. A waiter that is destroyed leaves the queue; one that is destroyed after its
// permits were handed over, but before it ran, gives them back.
class Semaphore {
 public:
  Semaphore(Calendar& calendar, std::int64_t permits) : calendar_(calendar), free_(permits) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  class Acquire;
  Acquire acquire(std::int64_t permits = 1);
  void release(std::int64_t permits = 1);
  std::int64_t available() const { return free_; }
  std::int64_t waiting() const { return waiting_; }

 private:
  void serve();
  Calendar& calendar_;
  std::int64_t free_;
  std::int64_t waiting_ = 0;
  Acquire* first_ = nullptr;
  Acquire* last_ = nullptr;

 public:
  class [[nodiscard]] Acquire {
   public:
    Acquire(Semaphore& semaphore, std::int64_t permits)
        : semaphore_(semaphore), permits_(permits) {}
    Acquire(const Acquire&) = delete;
    Acquire& operator=(const Acquire&) = delete;
    ~Acquire();
    bool await_ready();
    void await_suspend(std::coroutine_handle<> waiter);
    void await_resume() const {}

   private:
    friend class Semaphore;
    static void wake(void* self);
    Semaphore& semaphore_;
    std::int64_t permits_;
    std::coroutine_handle<> waiter_;
    Acquire* previous_ = nullptr;
    Acquire* next_ = nullptr;
    bool queued_ = false;
    Calendar::Handle handle_ = Calendar::kNone;
  };
};

inline Semaphore::Acquire Semaphore::acquire(std::int64_t permits) {
  return Acquire(*this, permits);
}

// Gives a permit that was acquired back when it goes out of scope.
class Permit {
 public:
  explicit Permit(Semaphore& semaphore) : semaphore_(semaphore) {}
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;
  ~Permit() { semaphore_.release(); }

 private:
  Semaphore& semaphore_;
};

// A gate: whoever comes to it while it is closed waits, and goes on when it is opened, in order of arrival. Passing an open gate
// costs nothing. Who was let go on passes even if the gate is closed again before it runs.
class Gate {
 public:
  explicit Gate(Calendar& calendar, bool is_open = true) : calendar_(calendar), open_(is_open) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  class Pass;
  Pass pass();
  void open();
  void close() { open_ = false; }
  bool is_open() const { return open_; }
  std::int64_t waiting() const { return waiting_; }

 private:
  Calendar& calendar_;
  bool open_;
  std::int64_t waiting_ = 0;
  Pass* first_ = nullptr;
  Pass* last_ = nullptr;

 public:
  class [[nodiscard]] Pass {
   public:
    explicit Pass(Gate& gate) : gate_(gate) {}
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass();
    bool await_ready() const { return gate_.open_; }
    void await_suspend(std::coroutine_handle<> waiter);
    void await_resume() const {}

   private:
    friend class Gate;
    static void wake(void* self);
    Gate& gate_;
    std::coroutine_handle<> waiter_;
    Pass* previous_ = nullptr;
    Pass* next_ = nullptr;
    bool queued_ = false;
    Calendar::Handle handle_ = Calendar::kNone;
  };
};

inline Gate::Pass Gate::pass() { return Pass(*this); }

// A token bucket: `rate` tokens a second, at most `burst` saved up. Tokens are I/Os or bytes, as its user counts. Takers are
// served in order of asking, the first one's timer is the bucket's; a taker that is destroyed leaves its tokens to the next. A
// bucket without a rate never waits.
class TokenBucket {
 public:
  TokenBucket(Calendar& calendar, double tokens_per_second, double burst);
  TokenBucket(const TokenBucket&) = delete;
  TokenBucket& operator=(const TokenBucket&) = delete;

  class Take;
  // `co_await bucket.take(n)`: completes when the tokens are there. Asking for more than the burst waits for the excess.
  Take take(double tokens);
  // Applies to those who wait as well; tokens saved so far stay, up to the new burst. A bucket that gets its first rate is full.
  void set_rate(double tokens_per_second, double burst);
  bool limited() const { return picoseconds_per_token_ > 0; }

 private:
  Duration time_for(double tokens) const;
  void serve();
  static void tokens_are_there(void* bucket);

  Calendar& calendar_;
  double picoseconds_per_token_ = 0;
  Duration burst_{};
  TimePoint empty_until_{};    // when all tokens taken so far have flowed in
  bool saving_ended_ = false;  // the first taker waits
  Take* first_ = nullptr;
  Take* last_ = nullptr;
  Timer timer_;  // the first taker's

 public:
  class [[nodiscard]] Take {
   public:
    Take(TokenBucket& bucket, double tokens) : bucket_(bucket), tokens_(tokens) {}
    Take(const Take&) = delete;
    Take& operator=(const Take&) = delete;
    ~Take();
    bool await_ready();
    void await_suspend(std::coroutine_handle<> waiter);
    void await_resume() const {}

   private:
    friend class TokenBucket;
    static void wake(void* self);
    TokenBucket& bucket_;
    double tokens_;
    std::coroutine_handle<> waiter_;
    Take* previous_ = nullptr;
    Take* next_ = nullptr;
    bool queued_ = false;
    Calendar::Handle handle_ = Calendar::kNone;
  };
};

inline TokenBucket::Take TokenBucket::take(double tokens) { return Take(*this, tokens); }

// A join of several branches: released when `needed` of them have succeeded, or when so many have failed that they cannot.
//
// Every branch takes a ticket and hands in its result; the result that released the join is the one the waiter gets (for an I/O:
// the ledger of the branch that counted). Branches that end later run on and are ignored; a ticket that is destroyed unused counts
// as a failure. The shared state comes from the frame pool and lives until the last holder is gone.
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

  // The result that released the join, or null if too many branches failed; it lives as long as the join. Awaited by one task.
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

namespace sync_detail {
struct Nothing {};
template <class TicketOf>
Task<> run_branch(Task<> task, TicketOf ticket) {
  co_await task;
  ticket.succeed(Nothing{});
}
}  // namespace sync_detail

// `co_await n_of(calendar, scope, n, tasks)`: completes when n of the tasks have ended; the others run on in the scope.
template <class Tasks>
Task<> n_of(Calendar& calendar, TaskScope& scope, int needed, Tasks tasks) {
  Join<sync_detail::Nothing> join(calendar, needed, static_cast<int>(tasks.size()));
  for (auto& task : tasks) {
    auto ticket = join.ticket();
    scope.spawn(sync_detail::run_branch(std::move(task), std::move(ticket)));
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
