// No stack: messages as bare frames, no core time, no DMA. What is left is the fabric: the base
// round trip that the stacks' latencies contain, and the bound that none of them may beat.
#pragma once

#include "models/net/connection.hpp"
#include "sim/params.hpp"

namespace orrery {

struct NullStackProfile {
  Bytes window;
  Bytes frame_payload;
  Bytes frame_header;  // IP and UDP
  static const Declarations& declarations();
};

class NullStack final : public Stack {
 public:
  explicit NullStack(const NullStackProfile& profile) : profile_(profile) {}
  std::unique_ptr<Connection> connect(Fabric& fabric, const Endpoint& client,
                                      const Endpoint& server, std::uint16_t source_port) override;

 private:
  ChannelShape make_shape(const Fabric& fabric) const override;

  NullStackProfile profile_;
};

}  // namespace orrery
