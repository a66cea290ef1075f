// What a controller has to do at known times: it sleeps until the earliest, and news may bring an
// earlier one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/actor.hpp"
#include "sim/units.hpp"

namespace orrery::control {

// Actors wake by a clock that is a double in seconds: some may be so much early, and to wait for
// the rest would take no time, for ever.
inline constexpr Duration kActorStep = nanoseconds(10);

template <class Item>
class TimedQueue {
 public:
  explicit TimedQueue(Simulation& simulation) : wake_up_(simulation) {}

  void add(TimePoint when, Item item) {
    entries_.push_back({when, next_++, std::move(item)});
    std::push_heap(entries_.begin(), entries_.end(), std::greater<>{});
    wake_up_.notify();
  }

  // Waits until an entry is due and takes it off. For the one actor whose agenda it is.
  Item next(ActorContext& actor) {
    for (;;) {
      if (entries_.empty()) {
        actor.wait(wake_up_);
      } else if (entries_.front().when > after(actor.now(), kActorStep)) {
        actor.wait_for(wake_up_, entries_.front().when - actor.now());
      } else {
        std::pop_heap(entries_.begin(), entries_.end(), std::greater<>{});
        Item item = std::move(entries_.back().item);
        entries_.pop_back();
        return item;
      }
    }
  }

 private:
  struct Entry {
    TimePoint when;
    std::uint64_t order;
    Item item;
    bool operator>(const Entry& other) const {
      return when != other.when ? when > other.when : order > other.order;
    }
  };
  Notification wake_up_;
  std::vector<Entry> entries_;  // a heap
  std::uint64_t next_ = 0;
};

}  // namespace orrery::control
