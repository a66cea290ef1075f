#include "models/net/solar.hpp"

#include "models/net/tcp_shape.hpp"

namespace orrery {

const Declarations& SolarProfile::declarations() {
  static const Declarations all =
      Declare<SolarProfile>("SOLAR: one 4 KiB block is one UDP packet, several paths")
          .field("paths", &SolarProfile::paths, "persistent paths per block server", between(1, 64))
          .field("window", &SolarProfile::window, "bytes in flight per path", at_least(4096))
          .field("packet_header", &SolarProfile::packet_header,
                 "IP, UDP, RPC and EBS headers of a packet", between(28, 512))
          .field("ack_header", &SolarProfile::ack_header, "IP, UDP and acknowledgement",
                 between(28, 512))
          .field(
              "packet_work", &SolarProfile::packet_work,
              "core time of ACK, path state and congestion control per data packet at either end",
              any_duration())
          .build();
  return all;
}

namespace {

// All work is per packet and charged as packets and ACKs come in.
class SolarConnection final : public Connection {
 public:
  using Connection::Connection;
  Duration send_work(Side, Bytes) const override { return {}; }
  Duration receive_work(Side, Bytes) const override { return {}; }
};

}  // namespace

std::unique_ptr<Connection> Solar::connect(Fabric& fabric, const Endpoint& client,
                                           const Endpoint& server, std::uint16_t source_port) {
  return std::make_unique<SolarConnection>(fabric, client, server, shape_on(fabric), kUdp,
                                           source_port, static_cast<std::size_t>(profile_.paths));
}

ChannelShape Solar::make_shape(const Fabric& fabric) const {
  ChannelShape shape;
  shape.window = profile_.window;
  shape.packet_payload = kBlock;
  shape.frame_payload = kBlock;
  shape.frame_header = profile_.packet_header + fabric.profile().frame_overhead;
  shape.ack_wire = profile_.ack_header + fabric.profile().frame_overhead;
  shape.traffic_class = TrafficClass::solar;
  shape.ack_class = TrafficClass::solar;
  shape.receiver_packet_work = profile_.packet_work;
  shape.sender_packet_work = profile_.packet_work;
  return shape;
}

}  // namespace orrery
