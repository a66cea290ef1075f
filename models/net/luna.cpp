#include "models/net/luna.hpp"

#include "models/net/transport/tcp_shape.hpp"

namespace orrery {

const Declarations& LunaProfile::declarations() {
  Declare<LunaProfile> fields("LUNA: user-space TCP, run to completion on polling cores");
  static const Declarations all =
      declare_tcp(fields)
          .field("transport_per_block", &LunaProfile::transport_per_block,
                 "core time of RPC and TCP per 4 KiB at either end", any_latency())
          .build();
  return all;
}

namespace {

class LunaConnection final : public Connection {
 public:
  LunaConnection(Fabric& fabric, const Endpoint& client, const Endpoint& server,
                 const ChannelShape& shape, const LunaProfile& profile, std::uint16_t source_port)
      : Connection(fabric, client, server, shape, kTcp, source_port, 1), profile_(profile) {}

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
  return std::make_unique<LunaConnection>(fabric, client, server, shape_on(fabric), profile_,
                                          source_port);
}

ChannelShape Luna::make_shape(const Fabric& fabric) const {
  ChannelShape shape = tcp_shape(fabric, profile_);
  shape.resent_block_work = shape.duplicate_block_work = profile_.transport_per_block;
  return shape;
}

}  // namespace orrery
