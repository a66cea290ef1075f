#include "models/net/solar.hpp"

#include "models/net/transport/tcp_shape.hpp"

namespace orrery {

const Declarations& SolarProfile::declarations() {
  static const Declarations all =
      Declare<SolarProfile>("SOLAR: one 4 KiB block is one UDP packet, several paths")
          .field("paths", &SolarProfile::paths, "persistent paths per block server", between(1, 64))
          .field("packet", &SolarProfile::packet, "payload of a packet: a block of the disk",
                 between(512, 16384))
          .field("window", &SolarProfile::window,
                 "most bytes in flight per path, and the first window", between(4096, 0x1p40))
          .field("packet_header", &SolarProfile::packet_header,
                 "IP, UDP, RPC and EBS headers of a packet", between(28, 512))
          .field("ack_header", &SolarProfile::ack_header, "IP, UDP and acknowledgement",
                 between(28, 512))
          .field(
              "packet_work", &SolarProfile::packet_work,
              "core time of ACK, path state and congestion control per data packet at either end",
              any_latency())
          .field("queue", &SolarProfile::queue, "queue class in switches: its own, or TCP's")
          .one_of({"solar", "tcp"})
          .field("congestion", &SolarProfile::congestion,
                 "congestion control of a path; none: the window alone")
          .one_of({"hpcc", "none"})
          .field("hpcc_eta", &SolarProfile::hpcc_eta, "HPCC's target utilisation", between(0.1, 1))
          .field("hpcc_max_stage", &SolarProfile::hpcc_max_stage,
                 "HPCC's additive steps before a multiplicative one", between(0, 1000))
          .field("hpcc_additive", &SolarProfile::hpcc_additive, "HPCC's additive increase W_AI",
                 between(0, 0x1p40))
          .field("hpcc_base_rtt", &SolarProfile::hpcc_base_rtt, "HPCC's base RTT T",
                 between(1e-7, 1))
          .field("timeout", &SolarProfile::timeout,
                 "time after which a packet without ACK is sent again", any_timeout())
          .field("dead_after", &SolarProfile::dead_after,
                 "timeouts in a row after which a path is given up and drawn anew",
                 between(1, 1000))
          .field(
              "ack_delay", &SolarProfile::ack_delay,
              "time for which the acknowledgement of a message without payload waits for company",
              any_latency())
          .field("give_up", &SolarProfile::give_up, "silence after which a connection fails",
                 any_timeout())
          .build();
  return all;
}

namespace {

// All work is per packet and charged as packets and ACKs come in.
class SolarConnection final : public Connection {
 public:
  using Connection::Connection;
  Duration send_work(Side, Bytes) const override { return {}; }
  Duration receive_work(Side, Bytes) const override { return {}; }
};

}  // namespace

std::unique_ptr<Connection> Solar::connect(Fabric& fabric, const Endpoint& client,
                                           const Endpoint& server, std::uint16_t source_port) {
  return std::make_unique<SolarConnection>(fabric, client, server, shape_on(fabric), kUdp,
                                           source_port, static_cast<std::size_t>(profile_.paths));
}

ChannelShape Solar::make_shape(const Fabric& fabric) const {
  ChannelShape shape;
  shape.window = profile_.window;
  shape.packet_payload = profile_.packet;
  shape.frame_payload = profile_.packet;
  shape.frame_header = profile_.packet_header + fabric.profile().frame_overhead;
  shape.ack_wire = profile_.ack_header + fabric.profile().frame_overhead;
  shape.traffic_class = profile_.queue == "solar" ? TrafficClass::solar : TrafficClass::tcp;
  shape.ack_class = shape.traffic_class;
  shape.receiver_packet_work = profile_.packet_work;
  shape.sender_packet_work = profile_.packet_work;
  shape.recovery = Recovery::any_path;
  shape.ordered = false;
  shape.least_timeout = shape.most_timeout = profile_.timeout;
  shape.dead_after = profile_.dead_after;
  shape.ack_delay = profile_.ack_delay;
  shape.give_up = profile_.give_up;
  if (profile_.congestion == "hpcc") {
    shape.telemetry = true;
    HpccParameters p;
    p.eta = profile_.hpcc_eta;
    p.max_stage = profile_.hpcc_max_stage;
    p.additive = profile_.hpcc_additive.count();
    p.base_rtt = profile_.hpcc_base_rtt;
    p.initial = profile_.window.count();
    p.least = profile_.packet.count();
    shape.congestion = [p] { return make_hpcc(p); };
  }
  return shape;
}

}  // namespace orrery
