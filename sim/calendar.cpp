#include "sim/calendar.hpp"

#include <algorithm>

#include "sim/assert.hpp"

namespace orrery {

Calendar::Handle Calendar::schedule(TimePoint when, Callback callback, void* argument) {
  const std::uint32_t slot = take_slot();
  slots_[slot] = {callback, argument};
  if (when <= now_) {
    push_ring(slot);
    return slot;
  }
  if (sequence_ == kSequenceLimit) [[unlikely]]
    renumber();
  const auto time = static_cast<std::uint64_t>(when.time_since_epoch().count());
  const Key key = (static_cast<Key>(time) << 64) | (sequence_++ << kSlotBits) | slot;
  if (root_vacant_) {
    root_vacant_ = false;
    sift_down(0, key);
  } else {
    heap_.push_back(key);
    sift_up(heap_.size() - 1, key);
  }
  return slot;
}

void Calendar::cancel(Handle handle) {
  const std::uint32_t position = position_[handle];
  if (position == kInRing) {
    slots_[handle].callback = nullptr;  // the ring drops it when its turn comes
    ++ring_cancelled_;
    return;
  }
  remove_at(position);
  free_slots_.push_back(handle);
}

void Calendar::run_until(TimePoint limit, std::uint64_t events) {
  interrupted_ = false;
  if (root_vacant_) fill_root();  // an exception left the last event
  const std::uint64_t last = events < UINT64_MAX - fired_ ? fired_ + events : UINT64_MAX;
  while (!interrupted_ && fired_ != last) {
    if (ring_count_ != 0 && (heap_.empty() || time_of(heap_.front()) > now_)) {
      const std::uint32_t slot = ring_[ring_head_];
      ring_head_ = (ring_head_ + 1) & (ring_.size() - 1);
      --ring_count_;
      fire(slot);
      continue;
    }
    if (heap_.empty()) return;
    const Key top = heap_.front();
    if (time_of(top) > limit) return;
    now_ = time_of(top);
    // The root keeps the key of what fires, which is below all others, until the event schedules its successor there.
    root_vacant_ = true;
    prefetch_next();
    fire(slot_of(top));
    if (root_vacant_) fill_root();
  }
}

void Calendar::fill_root() {
  root_vacant_ = false;
  const Key last = heap_.back();
  heap_.pop_back();
  if (!heap_.empty()) sift_down(0, last);
}

// What fires next is most likely one of the root's children: its argument can be on its way to the cache meanwhile.
void Calendar::prefetch_next() const {
  if (heap_.size() < 5) return;
  const Key left = heap_[2] < heap_[1] ? heap_[2] : heap_[1];
  const Key right = heap_[4] < heap_[3] ? heap_[4] : heap_[3];
  __builtin_prefetch(slots_[slot_of(right < left ? right : left)].argument);
}

void Calendar::advance_to(TimePoint time) {
  ORRERY_INVARIANT(time <= now_ || time <= next_time(), "calendar",
                   "the clock was moved over a pending event");
  now_ = std::max(now_, time);
}

TimePoint Calendar::next_time() const {
  if (ring_count_ != ring_cancelled_) return now_;
  const std::size_t first = root_vacant_ ? 1 : 0;
  if (heap_.size() <= first) return kNever;
  const std::size_t end = std::min<std::size_t>(heap_.size(), root_vacant_ ? 5 : 1);
  return time_of(*std::min_element(heap_.begin() + static_cast<std::ptrdiff_t>(first),
                                   heap_.begin() + static_cast<std::ptrdiff_t>(end)));
}

std::uint32_t Calendar::take_slot() {
  if (!free_slots_.empty()) {
    const std::uint32_t slot = free_slots_.back();
    free_slots_.pop_back();
    return slot;
  }
  const auto slot = static_cast<std::uint32_t>(slots_.size());
  ORRERY_INVARIANT(slot < kSlotMask, "calendar", "more than 16 million pending events");
  slots_.emplace_back();
  position_.push_back(0);
  return slot;
}

void Calendar::sift_up(std::size_t index, Key key) {
  while (index != 0) {
    const std::size_t parent = (index - 1) / 4;
    if (heap_[parent] < key) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, key);
}

void Calendar::sift_down(std::size_t index, Key key) {
  const std::size_t size = heap_.size();
  const Key* const heap = heap_.data();
  for (;;) {
    const std::size_t first = 4 * index + 1;
    if (first >= size) break;
    std::size_t least;
    if (first + 4 <= size) [[likely]] {
      const std::size_t left = first + (heap[first + 1] < heap[first]);
      const std::size_t right = first + 2 + (heap[first + 3] < heap[first + 2]);
      least = heap[right] < heap[left] ? right : left;
    } else {
      least = first;
      for (std::size_t child = first + 1; child < size; ++child)
        if (heap[child] < heap[least]) least = child;
    }
    if (key < heap[least]) break;
    place(index, heap[least]);
    index = least;
  }
  place(index, key);
}

void Calendar::remove_at(std::size_t index) {
  const Key last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  if (index != 0 && last < heap_[(index - 1) / 4]) sift_up(index, last);
  else sift_down(index, last);
}

// After 2^40 events the sequence numbers are used up: the pending events are numbered afresh in their order.
void Calendar::renumber() {
  if (root_vacant_) fill_root();
  std::sort(heap_.begin(), heap_.end());
  sequence_ = 0;
  for (std::size_t i = 0; i < heap_.size(); ++i) {
    const Key time = heap_[i] >> 64;
    place(i, (time << 64) | (sequence_++ << kSlotBits) | slot_of(heap_[i]));
  }
}

void Calendar::push_ring(std::uint32_t slot) {
  if (ring_count_ == ring_.size()) {
    std::vector<std::uint32_t> larger(ring_.empty() ? 64 : ring_.size() * 2);
    for (std::size_t i = 0; i < ring_count_; ++i)
      larger[i] = ring_[(ring_head_ + i) & (ring_.size() - 1)];
    ring_ = std::move(larger);
    ring_head_ = 0;
  }
  ring_[(ring_head_ + ring_count_) & (ring_.size() - 1)] = slot;
  ++ring_count_;
  position_[slot] = kInRing;
}

void Calendar::fire(std::uint32_t slot) {
  const Slot event = slots_[slot];
  free_slots_.push_back(slot);
  if (event.callback == nullptr) {
    --ring_cancelled_;
    return;
  }
  ++fired_;
  event.callback(event.argument);
}

}  // namespace orrery
