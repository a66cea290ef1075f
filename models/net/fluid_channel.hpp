// One direction of a connection over a fluid network: messages, in order, each a flow.
//
// A connection's paths are lanes: a stream has one, SOLAR as many as its paths can use NIC ports. A
// lane carries one message, or part of one, at a time, so a connection gets one share of a link
// however many messages wait; then come the latencies of an idle way, with a frame stored and
// forwarded at each hop, while the lane goes on. A window that holds fewer packets than a round
// trip has room for makes the sender of a long message stop and go. Work per packet (SOLAR) is done
// for the packets the message would have been. A message without payload is no flow: it is
// serialised and on its way.
//
// Where the way is down a message is tried again, as a whole, after the transport's timeout, until
// the connection gives up.
#pragma once

#include <cstdint>
#include <vector>

#include "models/net/fluid.hpp"
#include "models/net/transport/channel.hpp"

namespace orrery {

class FluidChannel {
 public:
  // For the channel that owns it, whose queue it serves.
  explicit FluidChannel(Channel& channel);
  FluidChannel(const FluidChannel&) = delete;
  FluidChannel& operator=(const FluidChannel&) = delete;
  ~FluidChannel();

  // Sends what lanes are free for.
  void pump();
  // Nothing that is under way arrives for anybody: the message of each part is the caller's.
  std::vector<Message*> give_up();

 private:
  // What a lane carries at once.
  struct Part {
    Message* message;
    Bytes payload;
    Bytes wire;   // with all headers
    Bytes frame;  // its largest
    std::int64_t packets;
  };
  class UnderWay;

  using WayPointer = FluidNetwork::WayPointer;

  Part next_part(Message& message);
  Bytes wire_of(Bytes bytes) const;
  WayPointer open_way();
  Duration stalls(const Part& part, const FluidNetwork::Way& way) const;
  Task<> carry(Part part);
  Task<bool> cross(Part part, UnderWay* under_way);
  void begin_packet_work(const Part& part, const FluidNetwork::Way& way);
  Task<> packet_work(Thread thread, Duration work, std::int64_t packets, Duration first,
                     Duration spacing);

  Channel& channel_;
  FluidNetwork& network_;
  Calendar& calendar_;
  int lanes_;
  int lanes_free_;
  std::int64_t part_packets_ = 0;  // of the message that is being sent
  WayPointer way_;                 // none: routing knows none
  std::uint32_t way_epoch_ = 0;
  TimePoint last_arrival_{};
  std::uint32_t life_ = 0;  // a connection that gave up begins anew
  std::vector<UnderWay*> under_way_;
  TaskScope tasks_;
};

}  // namespace orrery
