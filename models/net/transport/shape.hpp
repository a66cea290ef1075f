// What the two directions of a connection look like on the wire, and how they mend losses; a stack
// makes it from its profile.
#pragma once

#include <functional>
#include <memory>

#include "models/net/packet.hpp"
#include "models/net/transport/congestion.hpp"
#include "models/net/transport/recovery.hpp"
#include "sim/units.hpp"

namespace orrery {

// Frames of a packet: each is a bit.
constexpr std::int64_t kMostFrames = 64;

struct ChannelShape {
  Bytes window;          // bytes of payload in flight per path, whatever congestion control allows
  Bytes packet_payload;  // payload of one packet or TSO burst
  Bytes frame_payload;   // payload of one frame on the wire
  Bytes frame_header;    // all headers of one frame, Ethernet overhead included
  Bytes message_header;  // RPC and EBS headers, once per message
  Bytes ack_wire;        // an acknowledgement on the wire
  TrafficClass traffic_class = TrafficClass::tcp;
  TrafficClass ack_class = TrafficClass::tcp;
  // Work that each data packet costs the core at either end: on arrival at the receiver, on its ACK
  // at the sender.
  Duration receiver_packet_work{};
  Duration sender_packet_work{};
  // Work per 4 KiB that is sent again, and that arrives again; the first time is the stack's to
  // charge.
  Duration resent_block_work{};
  Duration duplicate_block_work{};

  const Recovery* recovery = &no_recovery();
  bool ordered = true;
  Duration ack_delay{};
  Duration least_timeout{}, most_timeout{};
  bool measured_timeout =
      false;           // from round trips (RFC 6298), never below the least; else the least
  double backoff = 1;  // of timeouts in a row
  std::int64_t dead_after = 0;  // 0: a path is never given up
  Duration give_up{};
  bool telemetry = false;
  std::function<std::unique_ptr<Congestion>()> congestion;  // empty: the window alone
};

}  // namespace orrery
