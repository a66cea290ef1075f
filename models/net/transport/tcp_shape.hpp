// What kernel TCP and LUNA look like on the wire: the same, since LUNA speaks TCP.
#pragma once

#include <algorithm>
#include <string>

#include "models/net/transport/channel.hpp"
#include "sim/params.hpp"

namespace orrery {

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;

// What the profiles of both have in common.
struct TcpProfile {
  Bytes window;
  Bytes tso_burst;
  Bytes tcp_ip_header;
  Bytes message_header;
  std::string congestion;  // cubic, dctcp, reno, or none: the window alone
  std::int64_t initial_window = 0;
  Duration least_timeout{}, most_timeout{};
  Duration ack_delay{};
  Duration give_up{};
};

// Their declarations, before a stack's own.
template <class Profile>
Declare<Profile>& declare_tcp(Declare<Profile>& fields) {
  return fields
      .field("window", &Profile::window, "most bytes in flight per connection",
             between(4096, 0x1p40))
      .field("tso_burst", &Profile::tso_burst, "largest burst handed to the NIC",
             between(1460, 1 << 26))
      .field("tcp_ip_header", &Profile::tcp_ip_header, "TCP and IP headers of a frame",
             between(40, 120))
      .field("message_header", &Profile::message_header, "RPC and EBS headers of a message",
             between(0, 4096))
      .field("congestion", &Profile::congestion, "congestion control; none: the window alone")
      .one_of({"cubic", "dctcp", "reno", "none"})
      .field("initial_window", &Profile::initial_window, "initial window, in segments",
             between(1, 1000))
      .field("least_timeout", &Profile::least_timeout, "shortest retransmission timeout",
             any_timeout())
      .field("most_timeout", &Profile::most_timeout, "longest, after doubling", any_timeout())
      .field("ack_delay", &Profile::ack_delay,
             "time for which the acknowledgement of a message without payload waits for company",
             any_latency())
      .field("give_up", &Profile::give_up, "silence after which a connection fails", any_timeout());
}

inline ChannelShape tcp_shape(const Fabric& fabric, const TcpProfile& profile) {
  ChannelShape shape;
  shape.frame_payload = fabric.profile().mtu - profile.tcp_ip_header;
  shape.frame_header = profile.tcp_ip_header + fabric.profile().frame_overhead;
  shape.window = profile.window;
  shape.packet_payload =
      std::min(profile.tso_burst, shape.frame_payload * kMostFrames - profile.message_header);
  shape.message_header = profile.message_header;
  shape.ack_wire = shape.frame_header;
  shape.recovery = Recovery::selective;
  shape.ack_delay = profile.ack_delay;
  shape.least_timeout = profile.least_timeout;
  shape.most_timeout = profile.most_timeout;
  shape.measured_timeout = true;
  shape.backoff = 2;
  shape.give_up = profile.give_up;
  if (profile.congestion != "none") {
    const TcpWindow window{shape.frame_payload.count(), profile.initial_window};
    shape.congestion = [name = profile.congestion, window] {
      return make_tcp_congestion(name, window);
    };
  }
  return shape;
}

}  // namespace orrery
