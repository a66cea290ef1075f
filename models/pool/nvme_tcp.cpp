#include "models/pool/nvme_tcp.hpp"

namespace orrery {

namespace {

class NvmeTcpConnection final : public Connection {
 public:
  using Connection::Connection;
  Duration send_work(Side, Bytes) const override { return {}; }
  Duration receive_work(Side, Bytes) const override { return {}; }
};

}  // namespace

std::unique_ptr<Connection> NvmeTcp::connect(Fabric& fabric, const Endpoint& client,
                                             const Endpoint& server, std::uint16_t source_port) {
  return std::make_unique<NvmeTcpConnection>(fabric, client, server, shape_on(fabric), kTcp,
                                             source_port, 1);
}

// The overlay takes its header out of the MTU.
ChannelShape NvmeTcp::make_shape(const Fabric& fabric) const {
  NvmeTcpProfile wrapped = profile_;
  wrapped.tcp_ip_header += profile_.overlay_header;
  return tcp_shape(fabric, wrapped);
}

}  // namespace orrery
