// SOLAR: one block, one packet (SIGCOMM'22 section 4).
//
// A 4 KiB block is one UDP packet that carries all a receiver needs to place it, so packets may
// take any of several persistent paths (told apart by source port, spread by ECMP) and arrive in
// any order: there is no reassembly. Every packet is acknowledged; the ACK, and the path's state
// and congestion control, cost core time per packet at either end. SOLAR has a switch queue of its
// own. SOLAR proper has the storage agent's data path in the DPU's FPGA and its bytes never touch a
// core; SOLAR* is the same protocol under an agent in software. That difference is the agent's
// (models/ebs/agent_site.hpp), not the protocol's.
#pragma once

#include "models/net/connection.hpp"
#include "sim/params.hpp"

namespace orrery {

struct SolarProfile {
  std::int64_t paths = 0;
  Bytes packet;         // payload of one: a block
  Bytes window;         // initial and largest, per path
  Bytes packet_header;  // IP, UDP, RPC and EBS headers
  Bytes ack_header;     // IP, UDP and the ACK itself
  Duration packet_work{};
  std::string queue;  // the switch queue class: its own or TCP's
  std::string congestion;
  double hpcc_eta = 0;
  std::int64_t hpcc_max_stage = 0;
  Bytes hpcc_additive;
  Duration hpcc_base_rtt{};
  Duration timeout{};
  std::int64_t dead_after = 0;
  Duration ack_delay{};
  Duration give_up{};
  static const Declarations& declarations();
};

class Solar final : public Stack {
 public:
  explicit Solar(const SolarProfile& profile) : profile_(profile) {}
  std::unique_ptr<Connection> connect(Fabric& fabric, const Endpoint& client,
                                      const Endpoint& server, std::uint16_t source_port) override;

 private:
  ChannelShape make_shape(const Fabric& fabric) const override;

  SolarProfile profile_;
};

}  // namespace orrery
