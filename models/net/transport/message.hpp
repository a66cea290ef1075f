// A message on its way through a channel, and who waits for its end.
#pragma once

#include <coroutine>
#include <cstdint>

#include "sim/units.hpp"
#include "sim/wait_queue.hpp"

namespace orrery {

class Channel;
struct Message;

struct MessageWaiter {
  Message* message = nullptr;  // none: it has ended, or was not sent yet
  std::coroutine_handle<> task;
  Duration waited{};
  bool arrived = false;
  bool disturbed = false;
};

// While payload of it is unsent it waits in the channel's queue.
struct Message : WaitHook {
  Channel* channel = nullptr;
  Message* next = nullptr;  // in the pool, or among those that fail together
  MessageWaiter* waiter = nullptr;
  std::int64_t unsent = 0;       // payload not yet sent for the first time
  std::int64_t outstanding = 0;  // segments that the receiver has not been given
  TimePoint asked{};
  std::uint32_t disturbances = 0;  // the channel's, when it began to wait
  Duration waited{};               // of the segment that was delivered last
  bool started = false;
  bool lost = false;
  bool disturbed = false;  // a part of it was sent again, or waited for what was
  bool is_queued() const { return is_waiting(); }
};

}  // namespace orrery
