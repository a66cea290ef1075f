#include "models/net/kernel_tcp.hpp"

#include <array>
#include <utility>

#include "models/net/tcp_shape.hpp"
#include "sim/sync.hpp"

namespace orrery {

const Declarations& KernelTcpProfile::declarations() {
  static const Declarations all =
      Declare<KernelTcpProfile>("kernel TCP on host cores")
          .field("window", &KernelTcpProfile::window, "bytes in flight per connection",
                 at_least(4096))
          .field("tso_burst", &KernelTcpProfile::tso_burst, "largest burst handed to the NIC",
                 at_least(1460))
          .field("tcp_ip_header", &KernelTcpProfile::tcp_ip_header, "TCP and IP headers of a frame",
                 between(40, 120))
          .field("message_header", &KernelTcpProfile::message_header,
                 "RPC and EBS headers of a message", between(0, 4096))
          .field("syscall", &KernelTcpProfile::syscall, "core time of a send or receive call",
                 any_duration())
          .field("transmit_per_block", &KernelTcpProfile::transmit_per_block,
                 "core time of TCP/IP output per 4 KiB, without the copy", any_duration())
          .field("softirq_per_block", &KernelTcpProfile::softirq_per_block,
                 "core time of TCP/IP input in softirq per 4 KiB, without the copy", any_duration())
          .field("interrupt_moderation", &KernelTcpProfile::interrupt_moderation,
                 "time the NIC holds an interrupt back", any_duration())
          .field("wake_up", &KernelTcpProfile::wake_up,
                 "time from softirq to the receiving thread running", any_duration())
          .build();
  return all;
}

namespace {

class KernelTcpConnection final : public Connection {
 public:
  KernelTcpConnection(Fabric& fabric, const Endpoint& client, const Endpoint& server,
                      const KernelTcpProfile& profile, std::uint16_t source_port)
      : Connection(fabric, client, server,
                   tcp_shape(fabric, profile.window, profile.tso_burst, profile.tcp_ip_header,
                             profile.message_header),
                   kTcp, source_port, 1),
        profile_(profile) {}

  Duration send_work(Side from, Bytes payload) const override {
    const Endpoint& here = end(from);
    return here.cpu->time_for(profile_.syscall + profile_.transmit_per_block * blocks_of(payload)) +
           here.copy_time(payload);
  }
  Duration receive_work(Side to, Bytes payload) const override {
    return end(to).cpu->time_for(profile_.syscall) + end(to).copy_time(payload);
  }

  Task<bool> deliver(Side from, Bytes payload, Charge charge) override {
    const Endpoint& to = end(other(from));
    Channel::Send send = channel(from).send(payload);
    bool arrived = co_await send;
    co_await Delay(calendar_, to.cpu->time_for(profile_.interrupt_moderation));
    if (charge.ledger != nullptr)
      charge.ledger->charge(charge.stage, calendar_.now(), send.waited());
    // One core at a time takes a connection's interrupts, so its messages stay in order.
    Semaphore& turn = softirq_[static_cast<std::size_t>(from)];
    co_await turn.acquire();
    Held held(turn);
    if (charge.ledger != nullptr) charge.ledger->charge_wait(charge.stage, calendar_.now());
    if (const std::int64_t blocks = blocks_of(payload); arrived && blocks > 0) {
      Station::Use softirq = to.cpu->cores().use(
          to.cpu->time_for(profile_.softirq_per_block * blocks), charge, kInterruptPriority);
      arrived = co_await softirq == Served::done;
    }
    held.release();
    co_await Delay(calendar_, to.cpu->time_for(profile_.wake_up));
    if (charge.ledger != nullptr) charge.ledger->charge_service(charge.stage, calendar_.now());
    co_return arrived;
  }

 private:
  // Gives the turn back when it is over or its task is destroyed.
  struct Held {
    explicit Held(Semaphore& turn) : turn_(&turn) {}
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() { release(); }
    void release() {
      if (turn_ != nullptr) std::exchange(turn_, nullptr)->release();
    }

   private:
    Semaphore* turn_;
  };

  const KernelTcpProfile& profile_;
  std::array<Semaphore, 2> softirq_{Semaphore{calendar_, 1}, Semaphore{calendar_, 1}};
};

}  // namespace

std::unique_ptr<Connection> KernelTcp::connect(Fabric& fabric, const Endpoint& client,
                                               const Endpoint& server, std::uint16_t source_port) {
  return std::make_unique<KernelTcpConnection>(fabric, client, server, profile_, source_port);
}

}  // namespace orrery
