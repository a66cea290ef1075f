// A queue in a ring that doubles when it is full and never shrinks: first in, first out, without
// allocation in steady state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace orrery {

// T is cheap to make and to assign. `kFirst`: slots that the first element makes, a power of two;
// few where rings are many.
template <class T, std::uint32_t kFirst = 16>
class Ring {
 public:
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  // The i-th from the front.
  const T& operator[](std::size_t i) const { return slots_[(head_ + i) & (capacity_ - 1)]; }
  T& operator[](std::size_t i) { return slots_[(head_ + i) & (capacity_ - 1)]; }
  const T& front() const { return slots_[head_]; }

  void push(T value) {
    if (count_ == capacity_) [[unlikely]]
      grow();
    slots_[(head_ + count_++) & (capacity_ - 1)] = std::move(value);
  }
  T pop() {
    T value = std::move(slots_[head_]);
    head_ = (head_ + 1) & (capacity_ - 1);
    --count_;
    return value;
  }

 private:
  void grow() {
    const std::uint32_t capacity = capacity_ == 0 ? kFirst : 2 * capacity_;
    auto larger = std::make_unique<T[]>(capacity);
    for (std::uint32_t i = 0; i < count_; ++i) larger[i] = std::move((*this)[i]);
    slots_ = std::move(larger);
    capacity_ = capacity;
    head_ = 0;
  }

  std::unique_ptr<T[]> slots_;
  std::uint32_t capacity_ = 0;  // a power of two, or nothing
  std::uint32_t head_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace orrery
