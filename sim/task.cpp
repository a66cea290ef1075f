#include "sim/task.hpp"

#include <array>
#include <new>

namespace orrery {

#ifdef ORRERY_SANITIZE

void* FramePool::take(std::size_t bytes) { return ::operator new(bytes); }
void FramePool::give_back(void* memory, std::size_t) noexcept { ::operator delete(memory); }

#else

namespace {
constexpr std::size_t kClass = 64;
constexpr std::size_t kClasses = 64;
struct Free {
  Free* next;
};
constinit std::array<Free*, kClasses> free_lists{};
}  // namespace

void* FramePool::take(std::size_t bytes) {
  const std::size_t size_class = (bytes + kClass - 1) / kClass;
  if (size_class >= kClasses) return ::operator new(bytes);
  if (Free* head = free_lists[size_class]) {
    free_lists[size_class] = head->next;
    return head;
  }
  return ::operator new(size_class* kClass);
}

void FramePool::give_back(void* memory, std::size_t bytes) noexcept {
  const std::size_t size_class = (bytes + kClass - 1) / kClass;
  if (size_class >= kClasses) {
    ::operator delete(memory);
    return;
  }
  auto* node = static_cast<Free*>(memory);
  node->next = free_lists[size_class];
  free_lists[size_class] = node;
}

#endif

namespace task_detail {

void PromiseBase::leave_scope() noexcept {
  if (next_ != nullptr) next_->previous_ = previous_;
  if (previous_ != nullptr) previous_->next_ = next_;
  else scope_->newest_ = next_;
  --scope_->size_;
  scope_ = nullptr;
}

}  // namespace task_detail

void TaskScope::spawn(Task<void> task) {
  auto handle = task.release();
  auto& promise = handle.promise();
  promise.scope_ = this;
  promise.self_ = handle;
  promise.next_ = newest_;
  if (newest_ != nullptr) newest_->previous_ = &promise;
  newest_ = &promise;
  ++size_;
  handle.resume();
}

void TaskScope::clear() {
  while (newest_ != nullptr) newest_->self_.destroy();
}

}  // namespace orrery
