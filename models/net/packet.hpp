// What travels through the fabric: a packet, or a burst of frames that the NIC cut from one TSO segment.
//
// A burst is one object of `wire_bytes` on the wire, made of frames of `frame_bytes`. Switches store and forward frame by frame:
// the next hop begins when the first frame has arrived, and ends no earlier than one frame after the last has; `tail` is how far
// the last frame is behind the first. A faster link is occupied for the burst's bytes alone, so bursts of slow senders share it.
// A SOLAR block is a burst of one frame. Packets come from the fabric's pool and belong to it until they are delivered or dropped.
#pragma once

#include <array>
#include <cstdint>

#include "sim/units.hpp"

namespace orrery {

class Port;
struct Packet;

// Queue classes of a port, served in this order.
enum class TrafficClass : std::uint8_t { control, solar, bulk };
constexpr std::size_t kTrafficClasses = 3;

// Who gets a packet at the end of its route, or hears of its loss. Either call hands over the packet.
class PacketSink {
 public:
  virtual void packet_arrived(Packet* packet) = 0;
  virtual void packet_dropped(Packet* packet) = 0;

 protected:
  ~PacketSink() = default;
};

// The ports a packet passes, from the sender's NIC port to the last switch port before the receiver.
struct alignas(64) Route {
  static constexpr std::size_t kMaxHops = 6;
  std::array<Port*, kMaxHops> ports{};
  std::uint8_t length = 0;
  // Needed on the last hop alone.
  Duration end_latency{};    // the DMA of both ends
  TimePoint last_arrival{};  // a route is a FIFO: nothing arrives before what was sent earlier
};

// One cache line: millions of them pass through thousands of ports.
struct alignas(64) Packet {
  Packet* next = nullptr;  // in a port's queue
  Route* route = nullptr;
  PacketSink* sink = nullptr;
  TimePoint queued_at{};
  Duration queued{};  // waiting in queues so far
  std::int32_t wire_bytes = 0;
  std::int32_t frame_bytes = 0;
  std::int32_t payload = 0;  // the transport's
  std::int32_t tail = 0;     // picoseconds from now until the last frame is here
  std::uint16_t path = 0;    // the transport's
  std::uint8_t hop = 0;      // which port of the route it stands before or has left
  bool on_wire = false;      // has left that port and not arrived
  bool is_lost = false;      // the link went down meanwhile
  TrafficClass traffic_class = TrafficClass::bulk;
  bool is_ack = false;  // the transport's
};
static_assert(sizeof(Packet) == 64);

}  // namespace orrery
