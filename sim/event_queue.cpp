#include "sim/event_queue.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

#include "sim/assert.hpp"

namespace orrery {

namespace {
constexpr int kFirstShift = 16;  // slices of 65 ns
constexpr int kMostShift = 40;   // 1 s
constexpr std::size_t kFewestSlices = 1024;
constexpr std::size_t kMostSlices = 1u << 17;
}  // namespace

EventQueue::EventQueue() : shift_(kFirstShift) { rebuild(kFirstShift, kFewestSlices); }

void EventQueue::make_slot() {
  const auto slot = static_cast<Slot>(events_.size());
  ORRERY_INVARIANT(slot < kSlotMask, "calendar", "more than 16 million pending events");
  events_.emplace_back();
  free_ = slot;
}

// Among the events of the present slice, of which there are few; most are put in later than the others.
void EventQueue::put_in_present(Key key) {
  events_[slot_of(key)].place = Place::present;
  const auto at =
      std::upper_bound(present_events_.begin(), present_events_.end(), key, std::greater<Key>());
  present_events_.insert(at, key);
}

bool EventQueue::remove(Slot slot) {
  Event& event = events_[slot];
  switch (std::exchange(event.place, Place::nowhere)) {
    case Place::nowhere: return false;
    case Place::present:
      present_events_.erase(std::lower_bound(present_events_.begin(), present_events_.end(),
                                             event.key, std::greater<Key>()));
      return true;
    case Place::far: remove_far(event.index); return true;
    case Place::slice: break;
  }
  if (event.next != kNone) events_[event.next].previous = event.previous;
  if (event.previous != kNone) {
    events_[event.previous].next = event.next;
  } else {
    const std::size_t at = slice_of(event.key) & mask_;
    slices_[at] = event.next;
    if (event.next == kNone) occupied_[at / 64] &= ~(std::uint64_t{1} << (at % 64));
  }
  --in_slices_;
  return true;
}

// Makes the next slice with events the present one; false if there are no events.
bool EventQueue::advance() {
  if (in_slices_ == 0) {
    if (far_.empty()) return false;
    present_ = slice_of(far_.front());
    fetch_from_far();
    return true;
  }
  const std::uint64_t slice = next_slice();
  ++advances_;
  skipped_ += static_cast<std::uint32_t>(slice - present_ - 1);
  present_ = slice;
  const std::size_t at = slice & mask_;
  occupied_[at / 64] &= ~(std::uint64_t{1} << (at % 64));
  for (Slot slot = std::exchange(slices_[at], kNone); slot != kNone;) {
    Event& event = events_[slot];
    event.place = Place::present;
    __builtin_prefetch(event.argument);
    __builtin_prefetch(event.also_needed);
    present_events_.push_back(event.key);
    slot = event.next;
  }
  in_slices_ -= present_events_.size();
  sort_present();
  if (!far_.empty()) fetch_from_far();
  return true;
}

// The latest first. There are a few events in a slice, and their list has the latest to be put in first.
void EventQueue::sort_present() {
  constexpr std::size_t kFew = 12;
  Key* const keys = present_events_.data();
  const std::size_t count = present_events_.size();
  if (count > kFew) {
    std::sort(keys, keys + count, std::greater<Key>());
    return;
  }
  for (std::size_t i = 1; i < count; ++i) {
    const Key key = keys[i];
    std::size_t at = i;
    for (; at > 0 && keys[at - 1] < key; --at) keys[at] = keys[at - 1];
    keys[at] = key;
  }
}

// The nearest slice after the present one that has events; there is one.
std::uint64_t EventQueue::next_slice() const {
  const std::size_t mask = mask_;
  const std::size_t from = (present_ + 1) & mask;
  std::size_t word = from / 64;
  std::uint64_t bits = occupied_[word] & (~std::uint64_t{0} << (from % 64));
  while (bits == 0) {
    word = (word + 1) & (occupied_.size() - 1);
    bits = occupied_[word];
  }
  const std::size_t at = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
  return present_ + 1 + ((at - from) & mask);
}

void EventQueue::fetch_from_far() {
  while (!far_.empty() && slice_of(far_.front()) - present_ < slices_.size()) {
    const Key key = far_.front();
    remove_far(0);
    put(key);
  }
}

// Two to four events per slice, few slices without any, and few events beyond the last.
void EventQueue::adapt() {
  const double per_slice = removed_ / std::max(1.0, static_cast<double>(advances_));
  const double empty_per_slice = skipped_ / std::max(1.0, static_cast<double>(advances_));
  const bool far_is_busy = put_far_ > removed_ / 16;
  removed_ = advances_ = skipped_ = put_far_ = 0;
  int shift = shift_;
  std::size_t slices = slices_.size();
  if (per_slice > 4) shift -= std::bit_width(static_cast<unsigned>(std::min(per_slice, 1e6))) - 2;
  else if (empty_per_slice > 16) shift += 2;
  if (far_is_busy) {
    if (slices < kMostSlices) slices *= 2;
    else if (per_slice <= 4) ++shift;
  }
  shift = std::clamp(shift, 0, kMostShift);
  if (shift != shift_ || slices != slices_.size()) rebuild(shift, slices);
}

void EventQueue::rebuild(int shift, std::size_t slices) {
  const std::vector<Key> keys = take_all();
  const std::uint64_t now = present_ << shift_;
  shift_ = shift;
  present_ = now >> shift_;
  slices_.assign(slices, kNone);
  mask_ = slices - 1;
  occupied_.assign(slices / 64, 0);
  for (const Key key : keys) put(key);
  put_far_ = 0;
}

std::vector<EventQueue::Key> EventQueue::take_all() {
  std::vector<Key> keys = present_events_;
  present_events_.clear();
  keys.insert(keys.end(), far_.begin(), far_.end());
  far_.clear();
  for (Slot& head : slices_)
    for (Slot slot = std::exchange(head, kNone); slot != kNone; slot = events_[slot].next)
      keys.push_back(events_[slot].key);
  std::fill(occupied_.begin(), occupied_.end(), 0);
  in_slices_ = 0;
  return keys;
}

// After 2^40 events the sequence numbers are used up: the pending events are numbered afresh in their order.
void EventQueue::renumber() {
  std::vector<Key> keys = take_all();
  std::sort(keys.begin(), keys.end());
  sequence_ = 0;
  for (const Key key : keys) put((key >> 64 << 64) | (sequence_++ << kSlotBits) | slot_of(key));
}

void EventQueue::put_far(Key key) {
  events_[slot_of(key)].place = Place::far;
  ++put_far_;
  far_.push_back(key);
  sift_up(far_.size() - 1, key);
}

void EventQueue::remove_far(std::size_t index) {
  const Key last = far_.back();
  far_.pop_back();
  if (index == far_.size()) return;
  if (index != 0 && last < far_[(index - 1) / 4]) sift_up(index, last);
  else sift_down(index, last);
}

void EventQueue::sift_up(std::size_t index, Key key) {
  while (index != 0) {
    const std::size_t parent = (index - 1) / 4;
    if (far_[parent] < key) break;
    set_far(index, far_[parent]);
    index = parent;
  }
  set_far(index, key);
}

void EventQueue::sift_down(std::size_t index, Key key) {
  for (;;) {
    const std::size_t first = 4 * index + 1;
    if (first >= far_.size()) break;
    std::size_t least = first;
    const std::size_t end = std::min(first + 4, far_.size());
    for (std::size_t child = first + 1; child < end; ++child)
      if (far_[child] < far_[least]) least = child;
    if (key < far_[least]) break;
    set_far(index, far_[least]);
    index = least;
  }
  set_far(index, key);
}

}  // namespace orrery
