#include "models/net/null_stack.hpp"

#include "models/net/transport/tcp_shape.hpp"

namespace orrery {

const Declarations& NullStackProfile::declarations() {
  static const Declarations all =
      Declare<NullStackProfile>("the wire alone: bare frames, no core time")
          .field("window", &NullStackProfile::window, "bytes in flight per connection",
                 between(4096, 0x1p40))
          .field("frame_payload", &NullStackProfile::frame_payload, "payload of a frame",
                 between(64, 9216))
          .field("frame_header", &NullStackProfile::frame_header, "IP and UDP headers",
                 between(0, 256))
          .build();
  return all;
}

namespace {

class WireConnection final : public Connection {
 public:
  using Connection::Connection;
  Duration send_work(Side, Bytes) const override { return {}; }
  Duration receive_work(Side, Bytes) const override { return {}; }
};

}  // namespace

std::unique_ptr<Connection> NullStack::connect(Fabric& fabric, const Endpoint& client,
                                               const Endpoint& server, std::uint16_t source_port) {
  auto bare = [](Endpoint endpoint) {
    endpoint.on_dpu = true;  // no DMA between memory and NIC
    return endpoint;
  };
  return std::make_unique<WireConnection>(fabric, bare(client), bare(server), shape_on(fabric),
                                          kUdp, source_port, 1);
}

ChannelShape NullStack::make_shape(const Fabric& fabric) const {
  ChannelShape shape;
  shape.window = profile_.window;
  shape.packet_payload = profile_.frame_payload;
  shape.frame_payload = profile_.frame_payload;
  shape.frame_header = profile_.frame_header + fabric.profile().frame_overhead;
  shape.ack_wire = shape.frame_header;
  return shape;
}

}  // namespace orrery
