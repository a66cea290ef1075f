#include "sim/event_queue.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "sim/assert.hpp"

namespace orrery {

namespace {
constexpr int kFirstShift = 15;  // slices of 33 ns
constexpr int kMostShift = 40;   // 1 s
constexpr std::size_t kFewestSlices = 1024;
constexpr std::size_t kMostSlices = 1u << 16;
}  // namespace

EventQueue::EventQueue() : present_events_(kRoom), shift_(kFirstShift) {
  rebuild(kFirstShift, kFewestSlices);
}

void EventQueue::make_slot() {
  const auto slot = static_cast<Slot>(events_.size());
  ORRERY_INVARIANT(slot < kSlotMask, "calendar", "more than 16 million pending events");
  events_.emplace_back();
  free_ = slot;
}

// Among the events of the present slice, of which there are few.
void EventQueue::put_in_present(Key key) {
  events_[slot_of(key)].place = Place::present;
  if (last_ == present_events_.size()) {
    if (first_ > present_events_.size() / 2) {
      std::move(present_events_.begin() + static_cast<std::ptrdiff_t>(first_),
                present_events_.end(), present_events_.begin());
      last_ -= std::exchange(first_, 0);
    } else {
      present_events_.resize(2 * present_events_.size());
    }
  }
  const auto end = present_events_.begin() + static_cast<std::ptrdiff_t>(last_);
  const auto at =
      std::lower_bound(present_events_.begin() + static_cast<std::ptrdiff_t>(first_), end, key);
  std::move_backward(at, end, end + 1);
  *at = key;
  ++last_;
}

bool EventQueue::remove(Slot slot) {
  Event& event = events_[slot];
  const Key key = static_cast<Key>(event.time) << 64 | event.below;
  switch (std::exchange(event.place, Place::nowhere)) {
    case Place::nowhere: return false;
    case Place::heap: remove_from_heap(event.index); return true;
    case Place::present: {
      const auto end = present_events_.begin() + static_cast<std::ptrdiff_t>(last_);
      const auto at =
          std::lower_bound(present_events_.begin() + static_cast<std::ptrdiff_t>(first_), end, key);
      std::move(at + 1, end, at);
      --last_;
      return true;
    }
    case Place::slice: break;
  }
  const std::size_t at = slice_of(key) & mask_;
  Slice& slice = slices_[at];
  const std::size_t left = --used_[at];
  *std::find(slice.keys.begin(), slice.keys.end(), key) = slice.keys[left];
  slice.keys[left] = kNoKey;
  if (left == 0) occupied_[at / 64] &= ~(std::uint64_t{1} << (at % 64));
  --in_slices_;
  return true;
}

// Makes the next slice with events the present one; false if there are no events.
bool EventQueue::advance() {
  first_ = last_ = 0;
  const std::uint64_t in_heap = heap_.empty() ? UINT64_MAX : slice_of(heap_.front());
  std::uint64_t slice = in_heap;
  if (in_slices_ != 0) {
    const std::uint64_t next = next_slice();
    if (next <= in_heap) take_slice(next & mask_);
    slice = std::min(next, in_heap);
  } else if (heap_.empty()) {
    return false;
  }
  ++advances_;
  skipped_ += static_cast<std::uint32_t>(std::min<std::uint64_t>(slice - present_ - 1, 1024));
  present_ = slice;
  while (!heap_.empty() && slice_of(heap_.front()) <= present_) {
    const Key key = heap_.front();
    remove_from_heap(0);
    put_in_present(key);
  }
  return true;
}

// Moves the events of a slice to the present ones, of which there are none, in order.
void EventQueue::take_slice(std::size_t at) {
  std::array<Key, kRoom> k = std::exchange(slices_[at], {}).keys;
  const auto in_order = [&k](std::size_t a, std::size_t b) {
    const Key low = k[a] < k[b] ? k[a] : k[b];
    k[b] = k[a] < k[b] ? k[b] : k[a];
    k[a] = low;
  };
  in_order(0, 1);
  in_order(2, 3);
  in_order(0, 2);
  in_order(1, 3);
  in_order(1, 2);
  std::copy(k.begin(), k.end(), present_events_.begin());
  last_ = std::exchange(used_[at], 0);
  in_slices_ -= last_;
  occupied_[at / 64] &= ~(std::uint64_t{1} << (at % 64));
  for (std::size_t i = 0; i < last_; ++i) {
    Event& event = events_[slot_of(k[i])];
    event.place = Place::present;
    fetch_for(event);
  }
}

// The nearest slice after the present one that has events; there is one.
std::uint64_t EventQueue::next_slice() const {
  const std::size_t from = (present_ + 1) & mask_;
  std::size_t word = from / 64;
  std::uint64_t bits = occupied_[word] & (~std::uint64_t{0} << (from % 64));
  while (bits == 0) {
    word = (word + 1) & (occupied_.size() - 1);
    bits = occupied_[word];
  }
  const std::size_t at = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
  return present_ + 1 + ((at - from) & mask_);
}

// One to two events per slice, few slices without any, and few events in the heap.
void EventQueue::adapt() {
  const double per_slice = removed_ / std::max(1.0, static_cast<double>(advances_));
  const double empty_per_slice = skipped_ / std::max(1.0, static_cast<double>(advances_));
  const bool heap_is_busy = put_in_heap_ > removed_ / 16;
  removed_ = advances_ = skipped_ = put_in_heap_ = 0;
  int shift = shift_;
  std::size_t slices = slices_.size();
  if (per_slice > 2.5) shift -= std::max(1, std::ilogb(per_slice));
  else if (empty_per_slice > 16) shift += 2;
  else if (heap_is_busy && slices == kMostSlices) ++shift;
  if (heap_is_busy && slices < kMostSlices) slices *= 2;
  shift = std::clamp(shift, 0, kMostShift);
  if (shift != shift_ || slices != slices_.size()) rebuild(shift, slices);
}

void EventQueue::rebuild(int shift, std::size_t slices) {
  const std::vector<Key> keys = take_all();
  const std::uint64_t now = present_ << shift_;
  shift_ = shift;
  present_ = now >> shift_;
  slices_.assign(slices, {});
  used_.assign(slices, 0);
  occupied_.assign(slices / 64, 0);
  mask_ = slices - 1;
  for (const Key key : keys) put(key);
  put_in_heap_ = 0;
}

std::vector<EventQueue::Key> EventQueue::take_all() {
  std::vector<Key> keys(present_events_.begin() + static_cast<std::ptrdiff_t>(first_),
                        present_events_.begin() + static_cast<std::ptrdiff_t>(last_));
  first_ = last_ = 0;
  keys.insert(keys.end(), heap_.begin(), heap_.end());
  heap_.clear();
  for (std::size_t at = 0; at < slices_.size(); ++at) {
    const Slice slice = std::exchange(slices_[at], {});
    keys.insert(keys.end(), slice.keys.begin(), slice.keys.begin() + std::exchange(used_[at], 0));
  }
  std::fill(occupied_.begin(), occupied_.end(), 0);
  in_slices_ = 0;
  return keys;
}

// After 2^40 events the sequence numbers are used up: the pending events are numbered afresh in
// their order.
void EventQueue::renumber() {
  std::vector<Key> keys = take_all();
  std::sort(keys.begin(), keys.end());
  sequence_ = 0;
  for (const Key key : keys) put((key >> 64 << 64) | (sequence_++ << kSlotBits) | slot_of(key));
}

void EventQueue::put_in_heap(Key key) {
  events_[slot_of(key)].place = Place::heap;
  ++put_in_heap_;
  heap_.push_back(key);
  sift_up(heap_.size() - 1, key);
}

void EventQueue::remove_from_heap(std::size_t index) {
  const Key last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  if (index != 0 && last < heap_[(index - 1) / 4]) sift_up(index, last);
  else sift_down(index, last);
}

void EventQueue::sift_up(std::size_t index, Key key) {
  while (index != 0) {
    const std::size_t parent = (index - 1) / 4;
    if (heap_[parent] < key) break;
    set_in_heap(index, heap_[parent]);
    index = parent;
  }
  set_in_heap(index, key);
}

void EventQueue::sift_down(std::size_t index, Key key) {
  for (;;) {
    const std::size_t first = 4 * index + 1;
    if (first >= heap_.size()) break;
    std::size_t least = first;
    const std::size_t end = std::min(first + 4, heap_.size());
    for (std::size_t child = first + 1; child < end; ++child)
      if (heap_[child] < heap_[least]) least = child;
    if (key < heap_[least]) break;
    set_in_heap(index, heap_[least]);
    index = least;
  }
  set_in_heap(index, key);
}

}  // namespace orrery
