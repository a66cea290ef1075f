// Kernel TCP: sockets over the Linux stack, on host cores.
//
// A message costs a syscall at either end, and per 4 KiB block a copy between user and kernel
// memory, TCP/IP output at the sender and softirq input at the receiver. What is not CPU is named:
// interrupt moderation holds a packet's interrupt back, and the scheduler takes time to wake the
// thread that sleeps in recv. Both scale with the host's speed; neither occupies a core. CPU per
// block from SIGCOMM'22 Table 1 (4 cores at 50 Gbit/s), waits from its single-RPC latency.
//
// What is sent again costs output once more, what arrives twice input; acknowledgements are in the
// costs per block, as measured. Segments travel as TSO bursts of MTU frames on one 5-tuple, in
// order.
#pragma once

#include "models/net/connection.hpp"
#include "models/net/transport/tcp_shape.hpp"
#include "sim/params.hpp"

namespace orrery {

struct KernelTcpProfile : TcpProfile {
  Duration syscall{};
  Duration transmit_per_block{};
  Duration softirq_per_block{};
  Duration interrupt_moderation{};
  Duration wake_up{};
  static const Declarations& declarations();
};

class KernelTcp final : public Stack {
 public:
  explicit KernelTcp(const KernelTcpProfile& profile) : profile_(profile) {}
  std::unique_ptr<Connection> connect(Fabric& fabric, const Endpoint& client,
                                      const Endpoint& server, std::uint16_t source_port) override;

 private:
  ChannelShape make_shape(const Fabric& fabric) const override;

  KernelTcpProfile profile_;
};

}  // namespace orrery
