// SOLAR's protocol (Deng et al., SIGCOMM'22, section 4).
//
// One block, one packet: a packet is a block of the disk with all that its receiver needs to know,
// so it can be delivered in any order and from any path, and there is nothing to put together. A
// connection has several persistent paths, each its own source port and with it its own way through
// the fabric, window, round-trip time, and acknowledgements. A block leaves on the path that has
// been the fastest of those with room. What is lost on one path, told by the acknowledgement of
// what was sent after it there, or by a timer, goes again on any. A path with `dead_after` timeouts
// in a row is given up: it gets another source port, and is used again when a probe has come back
// over it. That is how SOLAR leaves a black hole within milliseconds (section 4.5).
#include "models/net/solar.hpp"

#include "models/net/transport/channel.hpp"
#include "models/net/transport/message.hpp"
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

class SolarMultipath final : public Recovery {
 public:
  constexpr SolarMultipath() : Recovery(true, false, false) {}

  // The path with the shortest round trip of those with room.
  int choose_path(Channel& channel, std::int64_t payload, std::int64_t* allowed) const override {
    const std::span<Path> paths = channel.paths();
    int best = -1;
    for (int i = 0; i < static_cast<int>(paths.size()); ++i) {
      if (best >= 0 && paths[i].srtt >= paths[best].srtt) continue;
      const std::int64_t room = channel.room_on(paths[i], payload);
      if (room < 0) continue;
      best = i;
      *allowed = room;
    }
    return best;
  }

  void find_lost(Channel& channel, Path& path, std::uint32_t end) const override {
    channel.find_overtaken(path, end);
    AckSample sample;
    channel.acknowledge_through(path, path.base, sample);
  }

  // A block is taken off its path, to go on any; should it arrive after all, nobody waits for it.
  void mend(Channel& channel, Path& path, Segment& segment) const override {
    if (segment.message != nullptr)
      channel.send_again_anywhere({segment.message, segment.payload, segment.headed});
    segment.message = nullptr;
    segment.missing = segment.unacked = segment.resend = 0;
    --path.lost;
  }

  void path_timed_out(Channel& channel, int path) const override {
    if (channel.paths()[path].timeouts >= channel.shape().dead_after) redraw(channel, path);
  }

 private:
  // A path that is given up gets another source port, and with it another way, which a probe tries.
  static void redraw(Channel& channel, int index) {
    Fabric& fabric = channel.fabric();
    Path& path = channel.paths()[index];
    ++fabric.counters().path_changes;
    path.dead = true;
    path.srtt = path.rttvar = {};  // of another way
    PathState& state = *path.state;
    state.flow.source_port =
        static_cast<std::uint16_t>(state.flow.source_port + channel.paths().size());
    state.epoch = path.epoch = fabric.epoch() - 1;
    if (channel.peer() != nullptr) channel.peer()->paths()[index].epoch = state.epoch;
    Segment probe;
    probe.probe = true;
    probe.missing = probe.unacked = 1;
    const std::uint32_t sequence = path.next();
    path.segments.push(probe);
    channel.transmit(index, sequence, 1);
  }
};

// All work is per packet and charged as packets and ACKs come in.
class SolarConnection final : public Connection {
 public:
  using Connection::Connection;
  Duration send_work(Side, Bytes) const override { return {}; }
  Duration receive_work(Side, Bytes) const override { return {}; }
};

}  // namespace

const Recovery& solar_multipath() {
  static const SolarMultipath only;
  return only;
}

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
  shape.recovery = &solar_multipath();
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
    p.least = std::min(profile_.packet, profile_.window).count();
    shape.congestion = [p] { return make_hpcc(p); };
  }
  return shape;
}

}  // namespace orrery
