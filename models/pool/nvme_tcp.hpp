// NVMe/TCP on the wire: TCP between a host's kernel and an engine's sockets, in frames that an
// overlay network may have wrapped.
//
// Only what is on the wire: what a PDU costs at either end depends on who is there, and the
// attachment charges it (models/pool/attachment.cpp).
#pragma once

#include "models/net/connection.hpp"
#include "models/pool/profile.hpp"

namespace orrery {

class NvmeTcp final : public Stack {
 public:
  explicit NvmeTcp(const NvmeTcpProfile& profile) : profile_(profile) {}
  std::unique_ptr<Connection> connect(Fabric& fabric, const Endpoint& client,
                                      const Endpoint& server, std::uint16_t source_port) override;

 private:
  ChannelShape make_shape(const Fabric& fabric) const override;

  NvmeTcpProfile profile_;
};

}  // namespace orrery
