// A message on its way through a channel.
#pragma once

#include "models/net/transport/channel.hpp"

namespace orrery {

struct Message {
  Channel* channel = nullptr;
  Message* next = nullptr;  // in the channel's queue, or in the pool
  Channel::Send* waiter = nullptr;
  std::int64_t unsent = 0;       // payload not yet sent for the first time
  std::int64_t outstanding = 0;  // segments that the receiver has not been given
  TimePoint asked{};
  Duration waited{};  // of the segment that was delivered last
  bool started = false;
  bool lost = false;
  bool disturbed = false;  // a part of it was sent again, or waited for what was
  bool queued = false;
};

}  // namespace orrery
