// How losses are found and mended: what differs between the transports once packets are lost. Each
// is one file of its own name:
//
//   no_recovery      a lost packet fails its message
//   tcp_sack         TCP: the receiver keeps what comes out of order and says so
//   rdma_go_back_n   RoCEv2: the receiver refuses what is out of order, the sender starts again
//                    from there
//   solar_multipath  SOLAR, in models/net/solar.cpp: a block that is lost on one path goes on
//                    another
//
// All are told at the same moments by the channel, whose parts they put together. One object serves
// all channels: what they know is in the paths.
#pragma once

#include <cstdint>

namespace orrery {

class Channel;
struct Packet;
struct Path;
struct Segment;

class Recovery {
 public:
  // Whether a sender waits for acknowledgements and sends again.
  const bool sends_again;
  // Whether a stream is cut where the window ends, congestion control or not.
  const bool cuts_at_window;
  // Whether the receiver asks `accepts` for each packet.
  const bool may_refuse;

  // The sender of several paths: one of them that has room for a part of the payload, and for how
  // much; -1 if none has.
  virtual int choose_path(Channel&, std::int64_t /*payload*/, std::int64_t* /*allowed*/) const {
    return -1;
  }
  // The receiver: false if it will not have a packet, which then is answered or given back.
  virtual bool accepts(Channel&, Path&, Packet*) const { return true; }
  // The sender has heard of what was sent after the segments up to `end`.
  virtual void find_lost(Channel&, Path&, std::uint32_t /*end*/) const {}
  // A segment was found lost and is marked so.
  virtual void mend(Channel&, Path&, Segment&) const {}
  // All of a path was found lost, by a timer.
  virtual void path_timed_out(Channel&, int /*path*/) const {}

 protected:
  constexpr Recovery(bool sends, bool cuts, bool refuses)
      : sends_again(sends), cuts_at_window(cuts), may_refuse(refuses) {}
  ~Recovery() = default;
};

const Recovery& no_recovery();
const Recovery& tcp_sack();
const Recovery& rdma_go_back_n();
const Recovery& solar_multipath();

}  // namespace orrery
