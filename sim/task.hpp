// Task<T>: a process on the data path, as a coroutine.
//
// A task starts when it is awaited or spawned and its frame has exactly one owner: the task that
// awaits it, or the TaskScope it was spawned into. Destroying the owner destroys the frame, and
// with it whatever the task was waiting for: its place in a station's queue, its timer, its tokens.
// That is how work is cancelled; there is no flag to test.
//
// Frames come from a pool by size class (in sanitizer builds from the plain heap, so that use after
// free shows). Exceptions pass through to whoever runs the calendar: they mean a broken invariant,
// never a failed I/O.
//
// GCC 12: keep captures out of coroutine lambdas, take parameters by value, and name what co_await
// is given unless that is the whole statement: in `if (co_await call())` it may lay out the frame
// wrongly. tools/check-coroutines looks for such lines, and a frame that was laid out wrongly ends
// the run when it is made.
#pragma once

#include <coroutine>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include "sim/assert.hpp"
#include "sim/calendar.hpp"

namespace orrery {

// Storage for coroutine frames and other short-lived nodes: free lists by size class, 64 bytes
// apart.
class FramePool {
 public:
  static void* take(std::size_t bytes);
  static void give_back(void* memory, std::size_t bytes) noexcept;
};

class TaskScope;

namespace task_detail {

// Called at the end of a task that runs under a combinator; names who continues.
using Finished = std::coroutine_handle<> (*)(void*);

class PromiseBase {
 public:
  PromiseBase() = default;
  PromiseBase(const PromiseBase&) = delete;
  PromiseBase& operator=(const PromiseBase&) = delete;
  ~PromiseBase() {
    if (scope_ != nullptr) leave_scope();
  }

  static void* operator new(std::size_t bytes) { return newest_frame = FramePool::take(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    FramePool::give_back(memory, bytes);
  }

  std::suspend_always initial_suspend() noexcept { return {}; }

  // A spawned task does not suspend at its end: the frame is gone at once. Any other hands over to
  // who waits for it.
  struct Final {
    PromiseBase* promise;
    bool await_ready() const noexcept { return promise->scope_ != nullptr; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<>) const noexcept {
      if (promise->finished_ != nullptr) return promise->finished_(promise->finished_argument_);
      return promise->continuation_;
    }
    void await_resume() const noexcept {}
  };
  Final final_suspend() noexcept { return {this}; }
  void unhandled_exception() { throw; }

  // A handle finds its frame by the promise's place in it; GCC 12 may put a temporary before both.
  template <class Handle>
  static Handle checked(Handle handle) {
    ORRERY_INVARIANT(handle.address() == newest_frame, "task",
                     "the compiler laid out this coroutine's frame wrongly");
    return handle;
  }

  void set_continuation(std::coroutine_handle<> waiter) { continuation_ = waiter; }
  void set_finished(Finished finished, void* argument) {
    finished_ = finished;
    finished_argument_ = argument;
  }

 private:
  friend class orrery::TaskScope;
  void leave_scope() noexcept;

  static inline void* newest_frame = nullptr;

  std::coroutine_handle<> continuation_ = std::noop_coroutine();
  Finished finished_ = nullptr;
  void* finished_argument_ = nullptr;
  TaskScope* scope_ = nullptr;
  PromiseBase* previous_ = nullptr;
  PromiseBase* next_ = nullptr;
  std::coroutine_handle<> self_;
};

template <class T>
class Promise;

}  // namespace task_detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = task_detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;
  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() { destroy(); }

  // A Task<> without a coroutine behind it is one that is over.
  bool await_ready() const noexcept { return !handle_; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) noexcept {
    handle_.promise().set_continuation(waiter);
    return handle_;
  }
  T await_resume() {
    if constexpr (!std::is_void_v<T>) return handle_.promise().take();
  }

  Handle handle() const { return handle_; }
  Handle release() { return std::exchange(handle_, nullptr); }

 private:
  void destroy() {
    if (handle_) std::exchange(handle_, nullptr).destroy();
  }
  Handle handle_ = nullptr;
};

namespace task_detail {

template <class T>
class Promise : public PromiseBase {
 public:
  Task<T> get_return_object() { return Task<T>{checked(Task<T>::Handle::from_promise(*this))}; }
  void return_value(T value) { value_.emplace(std::move(value)); }
  T take() { return std::move(*value_); }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  Task<void> get_return_object() {
    return Task<void>{checked(Task<void>::Handle::from_promise(*this))};
  }
  void return_void() {}
};

}  // namespace task_detail

// Owns tasks that nobody awaits. A spawned task runs at once up to its first wait; what is still
// suspended when the scope ends is destroyed, the youngest first.
class TaskScope {
 public:
  TaskScope() = default;
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  ~TaskScope() { clear(); }

  void spawn(Task<void> task);
  void clear();
  std::size_t size() const { return size_; }

 private:
  friend class task_detail::PromiseBase;
  task_detail::PromiseBase* newest_ = nullptr;
  std::size_t size_ = 0;
};

// `co_await within(calendar, limit, task)`: the task's result, or nothing if `limit` passed first;
// then the task is destroyed, and with it whatever it waited for.
template <class T>
class [[nodiscard]] Within {
 public:
  Within(Calendar& calendar, Duration limit, Task<T> task)
      : calendar_(calendar),
        limit_(limit),
        task_(std::move(task)),
        timer_(calendar, &expired, this) {}

  bool await_ready() const { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    timer_.arm(after(calendar_.now(), limit_));
    task_.handle().promise().set_finished(&finished, this);
    return task_.handle();
  }
  auto await_resume() {
    if constexpr (std::is_void_v<T>) return in_time_;
    else return in_time_ ? std::optional<T>(task_.await_resume()) : std::nullopt;
  }

 private:
  static void expired(void* self) {
    auto* within = static_cast<Within*>(self);
    within->task_ = Task<T>{};
    within->waiter_.resume();
  }
  static std::coroutine_handle<> finished(void* self) {
    auto* within = static_cast<Within*>(self);
    within->timer_.disarm();
    within->in_time_ = true;
    return within->waiter_;
  }

  Calendar& calendar_;
  Duration limit_;
  Task<T> task_;
  Timer timer_;
  std::coroutine_handle<> waiter_;
  bool in_time_ = false;
};

template <class T>
Within<T> within(Calendar& calendar, Duration limit, Task<T> task) {
  return Within<T>(calendar, limit, std::move(task));
}

}  // namespace orrery
