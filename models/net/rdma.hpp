// RDMA: RoCEv2 with the transport in the NIC.
//
// The network of the storage cluster (block server to chunk servers), and a frontend variant.
// Segmentation, acknowledgement and data movement are the NIC's; posting a work request and polling
// its completion are part of the measured core time of whoever does it (block server, chunk server,
// agent), so a connection costs no core time of its own. On the wire: frames of the path MTU on one
// 5-tuple, in order, acknowledged by the NIC.
//
// A NIC holds the contexts of `cached_connections` of its n connections. With more, a message finds
// its connection's missing with probability max(0, 1 - cached / n), all being used alike, and the
// NIC reads it over PCIe, one at a time. Every message is charged the expectation at both ends, n
// being that end's:
//     context_fetch x max(0, 1 - cached_connections / n)
// Up to `cached_connections` nothing changes (SIGCOMM'22 section 3.1: throughput collapses beyond
// about 5,000).
#pragma once

#include <map>

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
  std::int64_t cached_connections = 0;
  Duration context_fetch{};
  static const Declarations& declarations();
};

// A server's NIC: its connections, and the engine that fetches their contexts.
struct RdmaNic {
  RdmaNic(Calendar& calendar, const std::string& name) : engine(calendar, name + "/rdma-nic", 1) {}
  // Per message.
  Duration expected_fetch(const RdmaProfile& profile) const;

  Station engine;
  std::int64_t connections = 0;
};

class Rdma final : public Stack {
 public:
  explicit Rdma(const RdmaProfile& profile) : profile_(profile) {}
  std::unique_ptr<Connection> connect(Fabric& fabric, const Endpoint& client,
                                      const Endpoint& server, std::uint16_t source_port) override;

 private:
  ChannelShape make_shape(const Fabric& fabric) const override;

  RdmaNic& nic_of(Fabric& fabric, const Node& node);

  RdmaProfile profile_;
  std::map<const Node*, std::unique_ptr<RdmaNic>> nics_;
};

}  // namespace orrery
