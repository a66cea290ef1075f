// Counted permits, handed over in order of arrival.
//
//   co_await slots.acquire();
//   Permit permit(slots);
#pragma once

#include <coroutine>
#include <cstdint>

#include "sim/wait_queue.hpp"

namespace orrery {

// A waiter that is destroyed leaves the queue; one that is destroyed after its permits were handed
// over, but before it ran, gives them back.
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
  WaitQueue<Acquire> queue_;

 public:
  class [[nodiscard]] Acquire : public TaskWaiter {
   public:
    Acquire(Semaphore& semaphore, std::int64_t permits)
        : semaphore_(semaphore), permits_(permits) {}
    ~Acquire();
    bool await_ready();
    void await_suspend(std::coroutine_handle<> waiter);
    void await_resume() const {}

   private:
    friend class Semaphore;
    Semaphore& semaphore_;
    std::int64_t permits_;
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

}  // namespace orrery
