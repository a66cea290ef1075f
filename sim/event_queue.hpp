// The events that are pending, ordered by time and, at one time, by the order in which they were
// put in.
//
// A calendar queue (Brown, CACM 1988). Time is cut into slices; the next thousand or so have room
// for a few events each, in one cache line; what finds no room there, or lies beyond the last
// slice, stands in a heap. When a slice's time has come its events are sorted, by exchanges without
// branches. So an event costs the same however many are pending, and a cancelled one leaves its
// place at once. The length of a slice and their number follow the load, by counts alone and
// without any influence on the order.
//
// Nothing is allocated per event once the queue has seen its largest number of pending events.
#pragma once

#include <array>
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

  // A slot for an event, which belongs to the caller until it is given back; the event is not
  // pending yet. `also_needed` is what the callback will touch besides its argument.
  Slot take(Callback callback, void* argument, const void* also_needed) {
    if (free_ == kNone) [[unlikely]]
      make_slot();
    const Slot slot = free_;
    Event& event = events_[slot];
    free_ = event.next_free;
    event.callback = callback;
    event.argument = argument;
    event.also_needed = also_needed;
    return slot;
  }
  void give_back(Slot slot) {
    events_[slot].next_free = free_;
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
    if (first_ == last_ && !advance()) return kNever;
    return TimePoint{Duration{static_cast<std::int64_t>(present_events_[first_] >> 64)}};
  }
  // Takes out the event whose time first_time() has just told.
  Slot take_first() {
    const Slot slot = slot_of(present_events_[first_++]);
    events_[slot].place = Place::nowhere;
    if (first_ != last_) fetch_for(events_[slot_of(present_events_[first_])]);
    if (++removed_ == kLookEvery) [[unlikely]]
      adapt();
    return slot;
  }

  Callback callback_of(Slot slot) const { return events_[slot].callback; }
  void* argument_of(Slot slot) const { return events_[slot].argument; }
  void forget_callback(Slot slot) { events_[slot].callback = nullptr; }

  std::size_t size() const { return last_ - first_ + in_slices_ + heap_.size(); }
  std::size_t slots() const { return events_.size(); }

 private:
  friend struct CalendarProbe;  // tests: to reach the end of the sequence numbers

  // Time above, (sequence << kSlotBits | slot) below: one comparison orders by time, then by order
  // of scheduling.
  __extension__ typedef unsigned __int128 Key;
  static constexpr int kSlotBits = 24;
  static constexpr std::uint64_t kSlotMask = (1u << kSlotBits) - 1;
  static constexpr std::uint64_t kSequenceLimit = 1ull << (64 - kSlotBits);
  static constexpr std::uint32_t kLookEvery = 1u << 14;  // events

  enum class Place : std::uint8_t { nowhere, present, slice, heap };
  struct alignas(64) Event {
    Callback callback = nullptr;
    void* argument = nullptr;
    const void* also_needed = nullptr;
    std::uint64_t time = 0;
    std::uint64_t below = 0;  // the lower half of its key
    Slot next_free = kNone;
    std::uint32_t index = 0;  // in the heap
    Place place = Place::nowhere;
  };
  static constexpr std::size_t kRoom = 4;
  static constexpr Key kNoKey = ~Key{0};
  struct alignas(64) Slice {
    std::array<Key, kRoom> keys{kNoKey, kNoKey, kNoKey, kNoKey};
  };

  static Slot slot_of(Key key) {
    return static_cast<Slot>(static_cast<std::uint64_t>(key) & kSlotMask);
  }
  std::uint64_t slice_of(Key key) const { return static_cast<std::uint64_t>(key >> 64) >> shift_; }
  static void fetch_for(const Event& event) {
    __builtin_prefetch(event.argument);
    __builtin_prefetch(event.also_needed);
  }

  void put(Key key) {
    Event& event = events_[slot_of(key)];
    event.time = static_cast<std::uint64_t>(key >> 64);
    event.below = static_cast<std::uint64_t>(key);
    const std::uint64_t slice = slice_of(key);
    if (slice - present_ - 1 < mask_) [[likely]] {
      const std::size_t at = slice & mask_;
      const std::size_t used = used_[at];
      if (used < kRoom) [[likely]] {
        event.place = Place::slice;
        slices_[at].keys[used] = key;
        used_[at] = static_cast<std::uint8_t>(used + 1);
        occupied_[at / 64] |= std::uint64_t{1} << (at % 64);
        ++in_slices_;
        return;
      }
    }
    if (slice <= present_) put_in_present(key);
    else put_in_heap(key);
  }
  void put_in_present(Key key);
  void put_in_heap(Key key);
  void make_slot();
  bool advance();
  void take_slice(std::size_t at);
  std::uint64_t next_slice() const;
  void adapt();
  void rebuild(int shift, std::size_t slices);
  std::vector<Key> take_all();
  void renumber();

  void remove_from_heap(std::size_t index);
  void set_in_heap(std::size_t index, Key key) {
    heap_[index] = key;
    events_[slot_of(key)].index = static_cast<std::uint32_t>(index);
  }
  void sift_up(std::size_t index, Key key);
  void sift_down(std::size_t index, Key key);

  std::vector<Event> events_;
  Slot free_ = kNone;
  std::uint64_t sequence_ = 0;

  // Events of slices up to the present one, in order, from first_ to before last_.
  std::vector<Key> present_events_;
  std::size_t first_ = 0;
  std::size_t last_ = 0;
  // Those of the slices after it, by slice modulo their number.
  std::vector<Slice> slices_;
  std::vector<std::uint8_t> used_;       // keys in a slice
  std::vector<std::uint64_t> occupied_;  // a bit per slice
  std::size_t mask_ = 0;                 // number of slices - 1
  std::size_t in_slices_ = 0;
  std::vector<Key> heap_;  // 4-ary
  std::uint64_t present_ = 0;
  int shift_;

  // Counted since the last look at the load.
  std::uint32_t removed_ = 0;
  std::uint32_t advances_ = 0;
  std::uint32_t skipped_ = 0;
  std::uint32_t put_in_heap_ = 0;
};

}  // namespace orrery
