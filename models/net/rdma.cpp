#include "models/net/rdma.hpp"

#include "models/net/tcp_shape.hpp"

namespace orrery {

const Declarations& RdmaProfile::declarations() {
  static const Declarations all =
      Declare<RdmaProfile>("RDMA: RoCEv2, transport in the NIC")
          .field("window", &RdmaProfile::window, "bytes in flight per connection", at_least(4096))
          .field("path_mtu", &RdmaProfile::path_mtu, "payload of a frame", between(256, 4096))
          .field("burst", &RdmaProfile::burst, "largest run of frames sent back to back",
                 at_least(256))
          .field("frame_header", &RdmaProfile::frame_header, "IP, UDP, BTH and ICRC of a frame",
                 between(28, 256))
          .field("message_header", &RdmaProfile::message_header, "RPC and EBS headers of a message",
                 between(0, 4096))
          .build();
  return all;
}

namespace {

class RdmaConnection final : public Connection {
 public:
  using Connection::Connection;
  Duration send_work(Side, Bytes) const override { return {}; }
  Duration receive_work(Side, Bytes) const override { return {}; }
};

}  // namespace

std::unique_ptr<Connection> Rdma::connect(Fabric& fabric, const Endpoint& client,
                                          const Endpoint& server, std::uint16_t source_port) {
  return std::make_unique<RdmaConnection>(fabric, client, server, shape_on(fabric), kUdp,
                                          source_port, 1);
}

ChannelShape Rdma::make_shape(const Fabric& fabric) const {
  ChannelShape shape;
  shape.window = profile_.window;
  shape.packet_payload = profile_.burst;
  shape.frame_payload = profile_.path_mtu;
  shape.frame_header = profile_.frame_header + fabric.profile().frame_overhead;
  shape.message_header = profile_.message_header;
  shape.ack_wire = shape.frame_header;
  return shape;
}

}  // namespace orrery
