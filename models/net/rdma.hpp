// RDMA: RoCEv2 with the transport in the NIC.
//
// The network of the storage cluster (block server to chunk servers), and a frontend variant. Segmentation, acknowledgement and
// data movement are the NIC's; posting a work request and polling its completion are part of the measured core time of whoever
// does it (block server, chunk server, agent), so a connection costs no core time of its own. On the wire: frames of the path MTU
// on one 5-tuple, in order, acknowledged by the NIC.
#pragma once

#include "models/net/connection.hpp"
#include "sim/params.hpp"

namespace orrery {

struct RdmaProfile {
  Bytes window;
  Bytes path_mtu;      // payload of a frame
  Bytes burst;         // frames the NIC sends back to back
  Bytes frame_header;  // IP, UDP, BTH, ICRC
  Bytes message_header;
  std::string congestion;  // dcqcn, or none: the window alone
  double dcqcn_gain = 0;
  Duration dcqcn_cut_interval{};
  Duration dcqcn_alpha_interval{};
  Duration dcqcn_increase_interval{};
  Bytes dcqcn_increase_bytes;
  std::int64_t dcqcn_fast_recovery = 0;
  BitRate dcqcn_additive;
  BitRate dcqcn_hyper_additive;
  BitRate dcqcn_least_rate;
  BitRate line_rate;
  Duration timeout{};
  Duration ack_delay{};
  Duration give_up{};
  static const Declarations& declarations();
};

class Rdma final : public Stack {
 public:
  explicit Rdma(const RdmaProfile& profile) : profile_(profile) {}
  std::unique_ptr<Connection> connect(Fabric& fabric, const Endpoint& client,
                                      const Endpoint& server, std::uint16_t source_port) override;

 private:
  ChannelShape make_shape(const Fabric& fabric) const override;

  RdmaProfile profile_;
};

}  // namespace orrery
