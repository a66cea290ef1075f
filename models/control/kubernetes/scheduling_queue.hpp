// kube-scheduler's queue: pods whose turn it is, in order of arrival, and behind them those that
// back off, for 1 s, 2 s, ... up to 10 s since their last attempt. Which pods wait for room is not
// known here, but that they do: a pod stands in one place at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "models/control/fleet/fleet_context.hpp"
#include "sim/actor.hpp"
#include "sim/ring.hpp"

namespace orrery::control {

class SchedulingQueue {
 public:
  explicit SchedulingQueue(FleetContext& context);

  // At the end of the active ones, unless it stands somewhere already.
  void enqueue(PodId pod);
  // Until its turn.
  void back_off(PodId pod);
  TimePoint turn_of(PodId pod) const;
  // Stands elsewhere, or nowhere any more.
  void set_elsewhere(PodId pod, bool is_there) { stands_[pod] = is_there ? 1 : 0; }
  // Waits for the next pod and takes it off. For the one actor whose queue it is.
  PodId next(ActorContext& actor);

  std::size_t size() const { return active_.size() + backoff_.size(); }

 private:
  struct Waiting {
    TimePoint until;
    PodId pod;
    bool operator>(const Waiting& other) const {
      return until != other.until ? until > other.until : pod > other.pod;
    }
  };

  FleetContext& context_;
  Notification wake_up_;
  Ring<PodId> active_;
  std::vector<Waiting> backoff_;      // a heap
  std::vector<std::uint8_t> stands_;  // of pod i: whether anywhere
};

}  // namespace orrery::control
