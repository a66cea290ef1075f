#include "models/net/kernel_tcp.hpp"

#include <array>

#include "models/net/transport/tcp_shape.hpp"

namespace orrery {

const Declarations& KernelTcpProfile::declarations() {
  Declare<KernelTcpProfile> fields("kernel TCP on host cores");
  static const Declarations all =
      declare_tcp(fields)
          .field("syscall", &KernelTcpProfile::syscall, "core time of a send or receive call",
                 any_latency())
          .field("transmit_per_block", &KernelTcpProfile::transmit_per_block,
                 "core time of TCP/IP output per 4 KiB, without the copy", any_latency())
          .field("softirq_per_block", &KernelTcpProfile::softirq_per_block,
                 "core time of TCP/IP input in softirq per 4 KiB, without the copy", any_latency())
          .field("interrupt_moderation", &KernelTcpProfile::interrupt_moderation,
                 "time the NIC holds an interrupt back", any_latency())
          .field("wake_up", &KernelTcpProfile::wake_up,
                 "time from softirq to the receiving thread running", any_latency())
          .build();
  return all;
}

namespace {

class KernelTcpConnection final : public Connection {
 public:
  KernelTcpConnection(Fabric& fabric, const Endpoint& client, const Endpoint& server,
                      const ChannelShape& shape, const KernelTcpProfile& profile,
                      std::uint16_t source_port)
      : Connection(fabric, client, server, shape, kTcp, source_port, 1),
        profile_(profile),
        interrupts_{Thread::pinned(client.thread.cpu(), hash_of(five_tuple().reversed())),
                    Thread::pinned(server.thread.cpu(), hash_of(five_tuple()))} {}

  Duration send_work(Side from, Bytes payload) const override {
    const Endpoint& here = end(from);
    return here.thread.time_for(profile_.syscall +
                                profile_.transmit_per_block * blocks_of(payload)) +
           here.copy_time(payload);
  }
  Duration receive_work(Side to, Bytes payload) const override {
    return end(to).thread.time_for(profile_.syscall) + end(to).copy_time(payload);
  }

  bool wakes_receiver() const override { return true; }

  Delivery deliver(Side from, Bytes payload, Charge charge) override {
    return Delivery(steps(from, payload, charge));
  }

 private:
  // After the wire: the NIC holds its interrupt back; softirq on the core that the flow's hash
  // picked (RSS), before any thread's work there and in order; the scheduler wakes the thread that
  // sleeps in recv.
  Task<bool> steps(Side from, Bytes payload, Charge charge) {
    const Side to = other(from);
    Channel::Send send = channel(from).send(payload);
    bool arrived = co_await send;
    co_await Delay(calendar_, end(to).thread.time_for(profile_.interrupt_moderation));
    if (charge.ledger != nullptr) {
      charge.ledger->charge(charge.stage, calendar_.now(), send.waited());
      if (send.disturbed()) charge.ledger->note_disturbance();
    }
    Thread& interrupts = interrupts_[static_cast<std::size_t>(to)];
    Station::Use softirq =
        interrupts.core().use(interrupts.time_for(profile_.softirq_per_block * blocks_of(payload)),
                              charge, kInterruptPriority);
    const Served served = co_await softirq;
    arrived = arrived && served == Served::done;
    co_await Delay(calendar_, end(to).thread.time_for(profile_.wake_up));
    if (charge.ledger != nullptr) charge.ledger->charge_service(charge.stage, calendar_.now());
    co_return arrived;
  }

  const KernelTcpProfile& profile_;
  std::array<Thread, 2> interrupts_;
};

}  // namespace

std::unique_ptr<Connection> KernelTcp::connect(Fabric& fabric, const Endpoint& client,
                                               const Endpoint& server, std::uint16_t source_port) {
  return std::make_unique<KernelTcpConnection>(fabric, client, server, shape_on(fabric), profile_,
                                               source_port);
}

ChannelShape KernelTcp::make_shape(const Fabric& fabric) const {
  ChannelShape shape = tcp_shape(fabric, profile_);
  shape.resent_block_work = profile_.transmit_per_block;
  shape.duplicate_block_work = profile_.softirq_per_block;
  return shape;
}

}  // namespace orrery
