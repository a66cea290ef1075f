// A pool's host: the kernel that volumes are attached to, and the threads an I/O meets there.
//
// A thread runs on one core, the next one of its host that is not set apart for the engine. A core
// that has had nothing to do for `idle_after` sleeps and takes `idle_exit` to wake: a completion
// after a long wait finds the core asleep, one after a short wait or under load does not.
#pragma once

#include "models/host/node.hpp"
#include "models/pool/profile.hpp"

namespace orrery {

class HostThread {
 public:
  explicit HostThread(Thread thread) : thread_(thread) {}

  const Thread& thread() const { return thread_; }
  // How long it takes until it can run, if something wakes it at `now`.
  Duration wake_time(TimePoint now, const InitiatorProfile& profile) const {
    if (now - last_ran_ <= profile.idle_after) return {};
    const Station& core = thread_.core();
    return core.busy() + core.queued() > 0 ? Duration{} : profile.idle_exit;
  }
  void ran(TimePoint now) { last_ran_ = now; }

 private:
  Thread thread_;
  TimePoint last_ran_{};
};

class Initiator {
 public:
  // `cores_set_apart`: the engine's, the first of the node.
  Initiator(Node& node, const InitiatorProfile& profile, std::size_t cores_set_apart)
      : node_(node), profile_(profile), next_core_(cores_set_apart) {
    node.cpu().set_apart(cores_set_apart);
  }

  // An engine as the initiator of a connection to another one: its threads are its reactors.
  Initiator(Node& node, const InitiatorProfile& profile, const std::vector<Thread>& reactors)
      : node_(node), profile_(profile), reactors_(reactors) {}

  Node& node() { return node_; }
  const InitiatorProfile& profile() const { return profile_; }
  Calendar& calendar() { return node_.cpu().calendar(); }
  HostThread new_thread() {
    if (!reactors_.empty()) return HostThread(reactors_[next_core_++ % reactors_.size()]);
    Cpu& cpu = node_.cpu();
    if (next_core_ >= cpu.cores()) next_core_ = cpu.first_shared_core();
    return HostThread(Thread::pinned(cpu, next_core_++));
  }

 private:
  Node& node_;
  InitiatorProfile profile_;
  std::vector<Thread> reactors_;  // none: the node's cores that are not set apart
  std::size_t next_core_ = 0;
};

}  // namespace orrery
