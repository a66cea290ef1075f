// What travels through the fabric: a packet, or a burst of frames that the NIC cut from one TSO
// segment.
//
// A burst is one object of `wire_bytes` on the wire, made of frames of `frame_bytes`. Switches
// store and forward frame by frame: the next hop begins when the first frame has arrived, and ends
// no earlier than one frame after the last has; `tail` is how far the last frame is behind the
// first. A faster link is occupied for the burst's bytes alone, so bursts of slow senders share it.
// A SOLAR block is a burst of one frame. Packets come from the fabric's pool and belong to it until
// they are delivered or dropped.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/units.hpp"

namespace orrery {

class Port;
struct Packet;
struct Route;

// Queue classes of a port. Every stack's traffic has one; which are served in strict order and
// which by weight, where they are marked and which are lossless say the fabric's queue profiles
// (models/net/queues.hpp).
enum class TrafficClass : std::uint8_t { control, solar, tcp, rdma };
constexpr std::size_t index_of(TrafficClass c) { return static_cast<std::size_t>(c); }
constexpr std::size_t kTrafficClasses = 4;

// In-band telemetry: what each hop of a packet's way looked like when the packet left it (HPCC,
// SIGCOMM'19 section 4.1).
struct Telemetry {
  static constexpr std::size_t kMaxHops = 6;
  struct Hop {
    TimePoint at{};
    std::int64_t bytes_sent = 0;  // by the port, ever
    std::int64_t queued = 0;      // bytes that waited there
  };
  std::array<Hop, kMaxHops> hops{};
  Route* route = nullptr;     // there, while its packet comes back
  Telemetry* next = nullptr;  // in its pool
};

// Who gets a packet at the end of its route, or hears of its loss. Either call hands over the
// packet.
class PacketSink {
 public:
  virtual void packet_arrived(Packet* packet) = 0;
  virtual void packet_dropped(Packet* packet) = 0;
  // A packet with data begins to wait in its sender's NIC, and leaves it for the wire after it has
  // waited.
  virtual void packet_waits_in_nic(const Packet&) {}
  virtual void packet_left_nic(const Packet&, Duration /*waited*/) {}

 protected:
  ~PacketSink() = default;
};

// The ports a packet passes, from the sender's NIC port to the last switch port before the
// receiver. None: there is no way. All that hops touch is in one cache line.
struct alignas(64) Route {
  static constexpr std::size_t kMaxHops = Telemetry::kMaxHops;
  std::array<Port*, kMaxHops> ports{};
  // Both needed on the last hop alone.
  TimePoint last_arrival{};  // a route is a FIFO: nothing arrives before what was sent earlier
  std::int64_t end_latency : 56 = 0;  // picoseconds: the DMA of both ends
  std::uint8_t length = 0;

  std::uint64_t flow = 0;  // the hash of its 5-tuple
  // The fabric's.
  std::uint64_t id = 0;    // no other route has had it
  std::uint32_t seen = 0;  // the last sweep that found a packet under way
  Route* next_free = nullptr;
};
static_assert(offsetof(Route, flow) == 64);

// The first cache line is all that hops touch, the second what ends do: millions of packets pass
// through thousands of ports.
struct alignas(64) Packet {
  Packet* next = nullptr;  // in a port's queue
  Route* route = nullptr;
  PacketSink* sink = nullptr;
  TimePoint queued_at{};
  Duration queued{};  // waiting in queues so far
  Telemetry* telemetry = nullptr;
  std::int32_t wire_bytes = 0;
  std::int32_t frame_bytes = 0;
  std::int32_t tail = 0;  // picoseconds from now until the last frame is here
  std::uint8_t hop = 0;   // which port of the route it stands before or has left
  bool on_wire = false;   // has left that port and not arrived
  bool is_lost = false;   // the link went down meanwhile, or damaged it
  TrafficClass traffic_class = TrafficClass::tcp;

  std::uint64_t frames = 1;  // those of its burst that it holds, a bit each
  bool marked = false;       // congestion experienced

  // The transport's.
  bool is_ack = false;
  bool in_nic = false;      // waits in its sender's NIC
  bool is_refusal = false;  // of what came out of order
  std::uint16_t path = 0;
  std::int32_t payload = 0;
  std::uint32_t sequence = 0;  // of the segment, or of the one acknowledged
  std::uint32_t order = 0;     // of its transmission
  std::uint32_t acknowledged =
      0;  // all segments before have arrived, with those from `block` to `sequence`
  std::uint32_t block = 0;
};
static_assert(sizeof(Packet) == 128);

}  // namespace orrery
