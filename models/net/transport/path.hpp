// One path of a connection: its 5-tuple and routes, and what is under way on it in one direction.
#pragma once

#include <cstdint>
#include <memory>

#include "models/net/fabric.hpp"
#include "models/net/transport/congestion.hpp"
#include "sim/ring.hpp"

namespace orrery {

struct Message;

// A path of a connection, which both its directions use.
struct PathState {
  FiveTuple flow;  // from client to server
  Duration end_latency{};
  std::uint32_t epoch = 0;  // of the fabric's routes, when these were found
  Route* there = nullptr;
  Route* back = nullptr;
};

// Sent and not acknowledged.
struct alignas(64) Segment {
  Message* message = nullptr;  // none: delivered, given up, or a probe
  TimePoint sent_at{};
  TimePoint arrived{};        // less the time it had waited until then
  std::uint64_t missing = 0;  // frames that the receiver lacks
  std::uint64_t unacked = 0;  // frames that the sender does not know to have arrived
  std::uint64_t resend = 0;   // of these, found lost and not sent again yet
  std::int32_t payload = 0;
  std::int32_t flight = 0;  // bytes that count as in flight
  std::uint32_t order = 0;  // of its last transmission
  std::uint8_t frames = 1;
  bool headed = false;  // begins a message
  bool again = false;   // was sent more than once
  bool probe = false;
};
// There are thousands of paths, and a packet finds its own in no cache: what each one touches is in
// the first two lines.
struct alignas(64) Path {
  Route* forward = nullptr;  // the state's, as of `epoch`
  Route* back = nullptr;
  Ring<Segment, 1> segments;  // from sequence number `base`
  std::int64_t in_flight = 0;
  std::uint32_t base = 0;
  std::uint32_t expected = 0;  // the receiver's: all before have arrived
  std::uint32_t order = 0;     // of the last transmission
  std::uint32_t newest = 0;    // order of the newest transmission known to have arrived

  std::uint32_t epoch = 0;
  std::uint32_t round_end = 0;
  std::int32_t lost = 0;  // segments with frames to send again
  std::int32_t timeouts = 0;
  std::int32_t in_nic = 0;  // packets that wait in the sender's NIC
  bool recovering = false;
  bool dead = false;
  bool refused = false;    // the receiver has said so and waits
  bool ack_owed = false;   // the receiver's
  bool held = false;       // until `not_before`
  bool paced = false;      // as congestion control has said last, like `window`
  bool hears_all = false;  // congestion control
  std::int64_t window = 0;
  TimePoint progress{};  // last time something was heard, or sent after silence
  TimePoint heard{};     // since when nothing has been heard
  Duration srtt{}, rttvar{};

  std::unique_ptr<Congestion> congestion;
  PathState* state = nullptr;
  std::uint32_t recovery_end = 0;
  TimePoint ack_due{};
  TimePoint not_before{};
  std::uint32_t next() const { return base + static_cast<std::uint32_t>(segments.size()); }
  Segment& at(std::uint32_t sequence) { return segments[sequence - base]; }
  bool holds(std::uint32_t sequence) const { return sequence - base < segments.size(); }
};
// Lost on one path, to be sent on any.
struct LostSegment {
  Message* message = nullptr;
  std::int32_t payload = 0;
  bool headed = false;
};

// Sequence numbers and frames.

constexpr std::uint64_t all_frames(int count) {
  return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}
// Whether sequence number or order `a` comes before `b`, around the end of their range.
constexpr bool precedes(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b) < 0;
}
constexpr std::uint64_t lowest_frames(std::uint64_t frames, std::int64_t count) {
  std::uint64_t taken = 0;
  for (; count > 0 && frames != 0; --count) {
    const std::uint64_t one = frames & (~frames + 1);
    taken |= one;
    frames &= ~one;
  }
  return taken;
}

}  // namespace orrery
