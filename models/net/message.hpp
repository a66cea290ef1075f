// A message on its way through a channel: what its packets report to.
#pragma once

#include "models/net/channel.hpp"

namespace orrery {

struct Message final : PacketSink {
  Channel* channel = nullptr;
  Message* next = nullptr;  // in the channel's queue, or in the pool
  Channel::Send* waiter = nullptr;
  std::int64_t unsent = 0;       // payload not yet on the wire
  std::int64_t outstanding = 0;  // packets on the wire
  TimePoint asked{};
  Duration waited{};  // of the packet that arrived last
  bool started = false;
  bool lost = false;
  bool queued = false;

  void packet_arrived(Packet* packet) override { channel->data_arrived(packet, this); }
  void packet_dropped(Packet* packet) override { channel->data_dropped(packet, this); }
};

}  // namespace orrery
