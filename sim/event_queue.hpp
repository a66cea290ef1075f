// The events that are pending, ordered by time and, at one time, by the order in which they were put in.
//
// A calendar queue (Brown, CACM 1988). Time is cut into slices: events of the present slice stand sorted, those of the slices after
// it in a list per slice, and those beyond the last slice in a heap. An event is sorted among the few of its slice only, so it costs
// the same however many are pending; a cancelled one leaves its place at once. The length of a slice and their number follow the
// load, by counts alone and without any influence on the order.
//
// Nothing is allocated per event once the queue has seen its largest number of pending events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/units.hpp"

namespace orrery {

class EventQueue {
 public:
  using Callback = void (*)(void*);
  using Slot = std::uint32_t;
  static constexpr Slot kNone = UINT32_MAX;

  EventQueue();

  // A slot for an event, which belongs to the caller until it is given back; the event is not pending yet.
  Slot take(Callback callback, void* argument, const void* also_needed) {
    if (free_ == kNone) [[unlikely]]
      make_slot();
    const Slot slot = free_;
    Event& event = events_[slot];
    free_ = event.next;
    event.callback = callback;
    event.argument = argument;
    event.also_needed = also_needed;
    return slot;
  }
  void give_back(Slot slot) {
    events_[slot].next = free_;
    free_ = slot;
  }

  void insert(Slot slot, TimePoint when) {
    if (sequence_ == kSequenceLimit) [[unlikely]]
      renumber();
    const auto time = static_cast<std::uint64_t>(when.time_since_epoch().count());
    put((static_cast<Key>(time) << 64) | (sequence_++ << kSlotBits) | slot);
  }
  // Takes a pending event out; false if it is not pending.
  bool remove(Slot slot);
  // Time of the earliest event, kNever if there is none.
  TimePoint first_time() {
    if (present_events_.empty() && !advance()) return kNever;
    return TimePoint{Duration{static_cast<std::int64_t>(present_events_.back() >> 64)}};
  }
  // Takes out the event whose time first_time() has just told.
  Slot take_first() {
    const Slot slot = slot_of(present_events_.back());
    present_events_.pop_back();
    events_[slot].place = Place::nowhere;
    if (++removed_ == kLookEvery) [[unlikely]]
      adapt();
    return slot;
  }

  Callback callback_of(Slot slot) const { return events_[slot].callback; }
  void* argument_of(Slot slot) const { return events_[slot].argument; }
  void forget_callback(Slot slot) { events_[slot].callback = nullptr; }

  std::size_t size() const { return present_events_.size() + in_slices_ + far_.size(); }
  std::size_t slots() const { return events_.size(); }

 private:
  friend struct CalendarProbe;  // tests: to reach the end of the sequence numbers

  // Time above, (sequence << kSlotBits | slot) below: one comparison orders by time, then by order of scheduling.
  __extension__ typedef unsigned __int128 Key;
  static constexpr int kSlotBits = 24;
  static constexpr std::uint64_t kSlotMask = (1u << kSlotBits) - 1;
  static constexpr std::uint64_t kSequenceLimit = 1ull << (64 - kSlotBits);
  static constexpr std::uint32_t kLookEvery = 1u << 14;  // events

  enum class Place : std::uint8_t { nowhere, present, slice, far };
  struct alignas(64) Event {
    Callback callback = nullptr;
    void* argument = nullptr;
    Key key = 0;
    const void* also_needed = nullptr;
    Slot next = kNone;  // in its slice, or of the free slots
    Slot previous = kNone;
    std::uint32_t index = 0;  // in the heap
    Place place = Place::nowhere;
  };

  static Slot slot_of(Key key) {
    return static_cast<Slot>(static_cast<std::uint64_t>(key) & kSlotMask);
  }
  std::uint64_t slice_of(Key key) const { return static_cast<std::uint64_t>(key >> 64) >> shift_; }

  void put(Key key) {
    events_[slot_of(key)].key = key;
    const std::uint64_t slice = slice_of(key);
    if (slice - present_ - 1 < mask_) [[likely]]
      put_in_slice(key, slice);
    else if (slice <= present_) put_in_present(key);
    else put_far(key);
  }
  void put_in_slice(Key key, std::uint64_t slice) {
    const std::size_t at = slice & mask_;
    const Slot slot = slot_of(key);
    Event& event = events_[slot];
    const Slot next = slices_[at];
    event.place = Place::slice;
    event.previous = kNone;
    event.next = next;
    if (next != kNone) events_[next].previous = slot;
    else occupied_[at / 64] |= std::uint64_t{1} << (at % 64);
    slices_[at] = slot;
    ++in_slices_;
  }
  void put_in_present(Key key);
  void put_far(Key key);
  void make_slot();
  bool advance();
  void sort_present();
  std::uint64_t next_slice() const;
  void fetch_from_far();
  void adapt();
  void rebuild(int shift, std::size_t slices);
  std::vector<Key> take_all();
  void renumber();

  void remove_far(std::size_t index);
  void set_far(std::size_t index, Key key) {
    far_[index] = key;
    events_[slot_of(key)].index = static_cast<std::uint32_t>(index);
  }
  void sift_up(std::size_t index, Key key);
  void sift_down(std::size_t index, Key key);

  std::vector<Event> events_;
  Slot free_ = kNone;
  std::uint64_t sequence_ = 0;

  std::vector<Key> present_events_;  // of slices up to the present one, the earliest last
  std::vector<Slot> slices_;  // the lists of the slices after it, by slice modulo their number
  std::vector<std::uint64_t> occupied_;  // a bit per slice
  std::vector<Key> far_;  // a 4-ary heap of the events from slice present_ + slices on
  std::size_t mask_ = 0;  // number of slices - 1
  std::size_t in_slices_ = 0;
  std::uint64_t present_ = 0;
  int shift_;

  // Counted since the last look at the load.
  std::uint32_t removed_ = 0;
  std::uint32_t advances_ = 0;
  std::uint32_t skipped_ = 0;
  std::uint32_t put_far_ = 0;
};

}  // namespace orrery
