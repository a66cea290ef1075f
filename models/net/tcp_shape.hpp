// What kernel TCP and LUNA look like on the wire: the same, since LUNA speaks TCP.
#pragma once

#include "models/net/channel.hpp"

namespace orrery {

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;

inline ChannelShape tcp_shape(const Fabric& fabric, Bytes window, Bytes tso_burst,
                              Bytes tcp_ip_header, Bytes message_header) {
  ChannelShape shape;
  shape.window = window;
  shape.packet_payload = tso_burst;
  shape.frame_payload = fabric.profile().mtu - tcp_ip_header;
  shape.frame_header = tcp_ip_header + fabric.profile().frame_overhead;
  shape.message_header = message_header;
  shape.ack_wire = shape.frame_header;
  return shape;
}

}  // namespace orrery
