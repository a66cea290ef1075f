#include "models/net/luna.hpp"

#include "models/net/tcp_shape.hpp"

namespace orrery {

const Declarations& LunaProfile::declarations() {
  static const Declarations all =
      Declare<LunaProfile>("LUNA: user-space TCP, run to completion on polling cores")
          .field("window", &LunaProfile::window, "bytes in flight per connection", at_least(4096))
          .field("tso_burst", &LunaProfile::tso_burst, "largest burst handed to the NIC",
                 at_least(1460))
          .field("tcp_ip_header", &LunaProfile::tcp_ip_header, "TCP and IP headers of a frame",
                 between(40, 120))
          .field("message_header", &LunaProfile::message_header, "RPC and EBS headers of a message",
                 between(0, 4096))
          .field("transport_per_block", &LunaProfile::transport_per_block,
                 "core time of RPC and TCP per 4 KiB at either end", any_duration())
          .build();
  return all;
}

namespace {

class LunaConnection final : public Connection {
 public:
  LunaConnection(Fabric& fabric, const Endpoint& client, const Endpoint& server,
                 const LunaProfile& profile, std::uint16_t source_port)
      : Connection(fabric, client, server,
                   tcp_shape(fabric, profile.window, profile.tso_burst, profile.tcp_ip_header,
                             profile.message_header),
                   kTcp, source_port, 1),
        profile_(profile) {}

  Duration send_work(Side from, Bytes payload) const override {
    return end(from).thread.time_for(profile_.transport_per_block * blocks_of(payload));
  }
  Duration receive_work(Side to, Bytes payload) const override { return send_work(to, payload); }

 private:
  const LunaProfile& profile_;
};

}  // namespace

std::unique_ptr<Connection> Luna::connect(Fabric& fabric, const Endpoint& client,
                                          const Endpoint& server, std::uint16_t source_port) {
  return std::make_unique<LunaConnection>(fabric, client, server, profile_, source_port);
}

}  // namespace orrery
