// A gate: whoever comes to it while it is closed waits, and goes on when it is opened, in order of
// arrival.
#pragma once

#include <coroutine>
#include <cstdint>

#include "sim/wait_queue.hpp"

namespace orrery {

// Passing an open gate costs nothing. Who was let go on passes even if the gate is closed again
// before it runs.
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
  WaitQueue<Pass> queue_;

 public:
  class [[nodiscard]] Pass : public TaskWaiter {
   public:
    explicit Pass(Gate& gate) : gate_(gate) {}
    ~Pass();
    bool await_ready() const { return gate_.open_; }
    void await_suspend(std::coroutine_handle<> waiter);
    void await_resume() const {}

   private:
    Gate& gate_;
  };
};

inline Gate::Pass Gate::pass() { return Pass(*this); }

}  // namespace orrery
