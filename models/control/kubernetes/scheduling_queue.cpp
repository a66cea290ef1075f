// Turns of pods that back off.
#include "models/control/kubernetes/scheduling_queue.hpp"

#include <algorithm>
#include <functional>

#include "models/control/fleet/timed_queue.hpp"

namespace orrery::control {

namespace {

Duration doubled(Duration first, std::int32_t times, Duration most) {
  Duration wait = first;
  for (std::int32_t i = 1; i < times && wait < most; ++i) wait *= 2;
  return std::min(wait, most);
}

}  // namespace

SchedulingQueue::SchedulingQueue(FleetContext& context)
    : context_(context), wake_up_(context.simulation) {}

void SchedulingQueue::enqueue(PodId id) {
  if (stands_.size() <= id) stands_.resize(id + 1);
  if (stands_[id] != 0) return;
  stands_[id] = 1;
  active_.push(id);
  wake_up_.notify();
}

TimePoint SchedulingQueue::turn_of(PodId id) const {
  const PodRecord& pod = context_.cluster.pods[id];
  const Duration wait =
      doubled(context_.kube.backoff_initial, pod.attempts, context_.kube.backoff_max);
  return after(pod.tried, wait);
}

void SchedulingQueue::back_off(PodId id) {
  backoff_.push_back({turn_of(id), id});
  std::push_heap(backoff_.begin(), backoff_.end(), std::greater<>{});
  wake_up_.notify();
}

PodId SchedulingQueue::next(ActorContext& actor) {
  for (;;) {
    while (!backoff_.empty() && backoff_.front().until <= after(actor.now(), kActorStep)) {
      std::pop_heap(backoff_.begin(), backoff_.end(), std::greater<>{});
      active_.push(backoff_.back().pod);
      backoff_.pop_back();
    }
    if (!active_.empty()) break;
    if (backoff_.empty()) actor.wait(wake_up_);
    else actor.wait_for(wake_up_, backoff_.front().until - actor.now());
  }
  const PodId pod = active_.pop();
  stands_[pod] = 0;
  return pod;
}

}  // namespace orrery::control
