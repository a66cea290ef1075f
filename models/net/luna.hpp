// LUNA: TCP in user space on a polling core (USENIX ATC'23; SIGCOMM'22 section 3).
//
// One thread per core runs to completion: storage agent, RPC and TCP inline, buffers shared from
// driver to application, so no copy, no system call, no interrupt and no wake-up. What is left is
// core time per 4 KiB block at either end (SIGCOMM'22 Table 1, one core at 50 Gbit/s). On the wire
// it is TCP: TSO bursts of MTU frames on one 5-tuple, in order.
#pragma once

#include "models/net/connection.hpp"
#include "models/net/transport/tcp_shape.hpp"
#include "sim/params.hpp"

namespace orrery {

struct LunaProfile : TcpProfile {
  Duration transport_per_block{};
  static const Declarations& declarations();
};

class Luna final : public Stack {
 public:
  explicit Luna(const LunaProfile& profile) : profile_(profile) {}
  std::unique_ptr<Connection> connect(Fabric& fabric, const Endpoint& client,
                                      const Endpoint& server, std::uint16_t source_port) override;

 private:
  ChannelShape make_shape(const Fabric& fabric) const override;

  LunaProfile profile_;
};

}  // namespace orrery
