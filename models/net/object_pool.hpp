// Objects that come and go by the million, and are all gone with their pool.
#pragma once

#include <cstddef>
#include <deque>

namespace orrery {

// T has a member `next` for the pool's use and is made anew by T{}.
template <class T>
class Pool {
 public:
  T* take() {
    if (free_ == nullptr) {
      all_.emplace_back();
      return &all_.back();
    }
    T* object = free_;
    free_ = object->next;
    *object = T{};
    return object;
  }
  void give_back(T* object) {
    object->next = free_;
    free_ = object;
  }
  // Those given back as well.
  std::size_t size() const { return all_.size(); }
  // Visits those given back as well.
  template <class Visit>
  void for_each(Visit visit) {
    for (T& object : all_) visit(object);
  }

 private:
  std::deque<T> all_;
  T* free_ = nullptr;
};

}  // namespace orrery
