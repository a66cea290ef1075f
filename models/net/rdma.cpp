#include "models/net/rdma.hpp"

#include <algorithm>
#include <utility>

#include "models/net/transport/tcp_shape.hpp"

namespace orrery {

const Declarations& RdmaProfile::declarations() {
  static const Declarations all =
      Declare<RdmaProfile>("RDMA: RoCEv2, transport in the NIC")
          .field("window", &RdmaProfile::window, "bytes in flight per connection",
                 between(4096, 0x1p40))
          .field("path_mtu", &RdmaProfile::path_mtu, "payload of a frame", between(256, 4096))
          .field("burst", &RdmaProfile::burst, "largest run of frames sent back to back",
                 between(256, 1 << 26))
          .field("frame_header", &RdmaProfile::frame_header, "IP, UDP, BTH and ICRC of a frame",
                 between(28, 256))
          .field("message_header", &RdmaProfile::message_header, "RPC and EBS headers of a message",
                 between(0, 4096))
          .field("congestion", &RdmaProfile::congestion,
                 "congestion control; none: the window alone")
          .one_of({"dcqcn", "none"})
          .field("dcqcn_gain", &RdmaProfile::dcqcn_gain, "DCQCN's g", between(1e-5, 1))
          .field("dcqcn_cut_interval", &RdmaProfile::dcqcn_cut_interval,
                 "shortest time between two rate cuts", any_latency())
          .field("dcqcn_alpha_interval", &RdmaProfile::dcqcn_alpha_interval,
                 "time without a mark after which alpha decays", any_timeout())
          .field("dcqcn_increase_interval", &RdmaProfile::dcqcn_increase_interval,
                 "timer of rate increases", any_timeout())
          .field("dcqcn_increase_bytes", &RdmaProfile::dcqcn_increase_bytes,
                 "byte counter of rate increases", between(1500, 0x1p40))
          .field("dcqcn_fast_recovery", &RdmaProfile::dcqcn_fast_recovery, "steps of fast recovery",
                 between(1, 100))
          .field("dcqcn_additive", &RdmaProfile::dcqcn_additive, "additive increase", any_rate())
          .field("dcqcn_hyper_additive", &RdmaProfile::dcqcn_hyper_additive,
                 "hyper-additive increase", any_rate())
          .field("dcqcn_least_rate", &RdmaProfile::dcqcn_least_rate, "slowest rate", any_rate())
          .field("line_rate", &RdmaProfile::line_rate, "rate of the NIC port, at which flows begin",
                 any_rate())
          .field("timeout", &RdmaProfile::timeout, "transport timer", any_timeout())
          .field(
              "ack_delay", &RdmaProfile::ack_delay,
              "time for which the acknowledgement of a message without payload waits for company",
              any_latency())
          .field("give_up", &RdmaProfile::give_up, "silence after which a connection fails",
                 any_timeout())
          .field("cached_connections", &RdmaProfile::cached_connections,
                 "connections whose contexts a NIC holds", between(1, 1 << 30))
          .field("context_fetch", &RdmaProfile::context_fetch,
                 "time in which a NIC reads the context of a connection over PCIe", any_latency())
          .build();
  return all;
}

namespace {

class RdmaConnection final : public Connection {
 public:
  RdmaConnection(Fabric& fabric, const Endpoint& client, const Endpoint& server,
                 const ChannelShape& shape, const RdmaProfile& profile, std::uint16_t source_port,
                 RdmaNic& client_nic, RdmaNic& server_nic)
      : Connection(fabric, client, server, shape, kUdp, source_port, 1),
        profile_(profile),
        nics_{&client_nic, &server_nic} {
    for (RdmaNic* nic : nics_) ++nic->connections;
  }
  ~RdmaConnection() override { release_contexts(); }
  void close() override {
    release_contexts();
    Connection::close();
  }
  Duration send_work(Side, Bytes) const override { return {}; }
  Duration receive_work(Side, Bytes) const override { return {}; }

  Delivery deliver(Side from, Bytes payload, Charge charge) override {
    const bool all_cached = nics_[0]->expected_fetch(profile_) == Duration{} &&
                            nics_[1]->expected_fetch(profile_) == Duration{};
    if (all_cached) return Connection::deliver(from, payload, charge);
    return Delivery(steps(from, payload, charge));
  }

 private:
  void release_contexts() {
    if (std::exchange(has_contexts_, false))
      for (RdmaNic* nic : nics_) --nic->connections;
  }

  Task<bool> steps(Side from, Bytes payload, Charge charge) {
    RdmaNic& here = *nics_[static_cast<std::size_t>(from)];
    RdmaNic& there = *nics_[static_cast<std::size_t>(other(from))];
    Station::Use fetch = here.engine.use(here.expected_fetch(profile_), charge);
    co_await fetch;
    Channel::Send send = channel(from).send(payload);
    const bool arrived = co_await send;
    if (charge.ledger != nullptr) {
      charge.ledger->charge(charge.stage, calendar_.now(), send.waited());
      if (send.disturbed()) charge.ledger->note_disturbance();
    }
    Station::Use fetch_there = there.engine.use(there.expected_fetch(profile_), charge);
    co_await fetch_there;
    co_return arrived;
  }

  const RdmaProfile& profile_;
  std::array<RdmaNic*, 2> nics_;
  bool has_contexts_ = true;
};

}  // namespace

Duration RdmaNic::expected_fetch(const RdmaProfile& profile) const {
  if (connections <= profile.cached_connections) return {};
  return scaled(profile.context_fetch, 1 - static_cast<double>(profile.cached_connections) /
                                               static_cast<double>(connections));
}

RdmaNic& Rdma::nic_of(Fabric& fabric, const Node& node) {
  std::unique_ptr<RdmaNic>& nic = nics_[&node];
  if (nic == nullptr) nic = std::make_unique<RdmaNic>(fabric.calendar(), node.name());
  return *nic;
}

std::unique_ptr<Connection> Rdma::connect(Fabric& fabric, const Endpoint& client,
                                          const Endpoint& server, std::uint16_t source_port) {
  RdmaNic& client_nic = nic_of(fabric, *client.node);
  RdmaNic& server_nic = nic_of(fabric, *server.node);
  return std::make_unique<RdmaConnection>(fabric, client, server, shape_on(fabric), profile_,
                                          source_port, client_nic, server_nic);
}

ChannelShape Rdma::make_shape(const Fabric& fabric) const {
  ChannelShape shape;
  shape.window = profile_.window;
  shape.packet_payload =
      std::min(profile_.burst, profile_.path_mtu * kMostFrames - profile_.message_header);
  shape.frame_payload = profile_.path_mtu;
  shape.frame_header = profile_.frame_header + fabric.profile().frame_overhead;
  shape.message_header = profile_.message_header;
  shape.ack_wire = shape.frame_header;
  shape.traffic_class = shape.ack_class = TrafficClass::rdma;
  shape.recovery = &rdma_go_back_n();
  shape.least_timeout = shape.most_timeout = profile_.timeout;
  shape.ack_delay = profile_.ack_delay;
  shape.give_up = profile_.give_up;
  if (profile_.congestion == "dcqcn") {
    DcqcnParameters p;
    p.gain = profile_.dcqcn_gain;
    p.cut_interval = profile_.dcqcn_cut_interval;
    p.alpha_interval = profile_.dcqcn_alpha_interval;
    p.increase_interval = profile_.dcqcn_increase_interval;
    p.increase_bytes = profile_.dcqcn_increase_bytes.count();
    p.fast_recovery_stages = profile_.dcqcn_fast_recovery;
    p.additive = profile_.dcqcn_additive;
    p.hyper_additive = profile_.dcqcn_hyper_additive;
    p.least_rate = profile_.dcqcn_least_rate;
    p.line_rate = profile_.line_rate;
    p.window = profile_.window.count();
    shape.congestion = [p] { return make_dcqcn(p); };
  }
  return shape;
}

}  // namespace orrery
