// Queues of a port against their closed forms: shares of deficit round robin (Shreedhar and
// Varghese, SIGCOMM'95), marking (Floyd and Jacobson, 1993; RFC 8257), dynamic thresholds
// (Choudhury and Hahne, 1998), PFC (IEEE 802.1Qbb).
#include <gmock/gmock.h>

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "models/net/port.hpp"
#include "tests/models/net/rig.hpp"

namespace orrery {
namespace net_queues_test {

constexpr BitRate kRate = gigabits_per_second(25);

// Ports of one switch that keep what they are given; whatever arrives or is lost is counted by
// class.
class Bench : public PacketSink {
 public:
  Bench(const QueueProfiles& queues, SwitchBuffer buffer, std::size_t ports = 1,
        Bytes limit = gibibytes(1))
      : queues_(queues), buffer_(buffer) {
    for (std::size_t i = 0; i < ports; ++i) {
      ports_.push_back(std::make_unique<Port>(calendar, pool_, "port-" + std::to_string(i), kRate,
                                              nanoseconds(500), limit, queues_, &buffer_));
      Route& route = routes_.emplace_back();
      route.ports[0] = ports_.back().get();
      route.length = 1;
    }
  }
  ~Bench() {
    for (const auto& port : ports_) {
      EXPECT_TRUE(port->is_balanced());
      const Port::Counters all = port->totals();
      EXPECT_EQ(all.packets_in, all.packets_passed + all.packets_dropped + port->in_flight());
    }
  }
  void send(TrafficClass c, std::int32_t wire, std::int32_t frame = 0, std::size_t port = 0) {
    Packet* packet = pool_.take();
    packet->route = &routes_[port];
    packet->sink = this;
    packet->wire_bytes = wire;
    packet->frame_bytes = frame > 0 ? frame : wire;
    if (packet->frame_bytes < wire)
      packet->frames = (std::uint64_t{1} << (wire + frame - 1) / frame) - 1;
    packet->traffic_class = c;
    ports_[port]->accept(packet);
  }
  void packet_arrived(Packet* packet) override {
    const auto c = static_cast<std::size_t>(packet->traffic_class);
    bytes[c] += packet->wire_bytes;
    ++arrived;
    marked += packet->marked ? 1 : 0;
    const TrafficClass again = packet->traffic_class;
    const std::int32_t wire = packet->wire_bytes;
    pool_.give_back(packet);
    if (refill) send(again, wire);
  }
  void packet_dropped(Packet* packet) override {
    ++dropped[static_cast<std::size_t>(packet->traffic_class)];
    pool_.give_back(packet);
  }
  double share(TrafficClass c) const {
    double sum = 0;
    for (const std::int64_t b : bytes) sum += static_cast<double>(b);
    return static_cast<double>(bytes[static_cast<std::size_t>(c)]) / sum;
  }
  Port& port(std::size_t i = 0) { return *ports_[i]; }
  SwitchBuffer& buffer() { return buffer_; }

  Calendar calendar;
  bool refill = false;  // what has arrived is sent again: the queues never run empty
  std::array<std::int64_t, kTrafficClasses> bytes{}, dropped{};
  std::int64_t arrived = 0, marked = 0;

 private:
  QueueProfiles queues_;
  SwitchBuffer buffer_;
  Pool<Packet> pool_;
  std::vector<std::unique_ptr<Port>> ports_;
  std::deque<Route> routes_;
};

QueueProfile weighted(std::int64_t weight) {
  QueueProfile queue;
  queue.schedule = "weighted";
  queue.weight = weight;
  return queue;
}

SwitchBuffer large() {
  SwitchBuffer buffer;
  buffer.capacity = std::int64_t{1} << 40;
  return buffer;
}

struct Shares {
  std::vector<std::int64_t> weights;    // of solar, tcp, rdma; 0: sends nothing
  std::array<std::int32_t, 3> packets;  // their sizes
};

class DeficitRoundRobin : public testing::TestWithParam<Shares> {};

TEST_P(DeficitRoundRobin, shares_bytes_by_weight_whatever_the_packets_sizes) {
  QueueProfiles queues = plain_queues();
  constexpr std::array kClasses = {TrafficClass::solar, TrafficClass::tcp, TrafficClass::rdma};
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    queues[static_cast<std::size_t>(kClasses[i])] =
        weighted(std::max<std::int64_t>(1, GetParam().weights[i]));
    sum += static_cast<double>(GetParam().weights[i]);
  }
  Bench bench(queues, large());
  bench.refill = true;
  for (std::size_t i = 0; i < 3; ++i)
    for (int n = 0; GetParam().weights[i] > 0 && n < 100; ++n)
      bench.send(kClasses[i], GetParam().packets[i]);
  bench.calendar.run_until(TimePoint{milliseconds(20)});
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_NEAR(bench.share(kClasses[i]), static_cast<double>(GetParam().weights[i]) / sum,
                0.02 * static_cast<double>(GetParam().weights[i]) / sum)
        << "class " << i;
  // Work conserving: the port never rests.
  EXPECT_NEAR(to_seconds(bench.port().busy_time()), 20e-3, 20e-6);
}
INSTANTIATE_TEST_SUITE_P(
    Weights, DeficitRoundRobin,
    testing::Values(Shares{{3, 1, 0}, {1538, 1538, 1538}}, Shares{{1, 3, 0}, {4238, 1538, 1538}},
                    Shares{{1, 1, 0}, {84, 9000, 84}}, Shares{{4, 2, 1}, {4238, 20000, 300}},
                    Shares{{1, 1, 1}, {65000, 1538, 4238}}, Shares{{0, 1, 0}, {84, 1538, 84}}));

TEST(Queues, strict_classes_take_what_they_need_and_weighted_ones_share_the_rest) {
  QueueProfiles queues = plain_queues();
  queues[static_cast<std::size_t>(TrafficClass::tcp)] = weighted(3);
  queues[static_cast<std::size_t>(TrafficClass::rdma)] = weighted(1);
  Bench bench(queues, large());
  bench.refill = true;
  for (int n = 0; n < 100; ++n) {
    bench.send(TrafficClass::tcp, 1538);
    bench.send(TrafficClass::rdma, 4238);
  }
  // One packet of the strict class, sent again when it arrives: waits for the packet on the wire
  // and no other.
  bench.send(TrafficClass::solar, 1538);
  bench.calendar.run_until(TimePoint{milliseconds(10)});
  const double rest = 1 - bench.share(TrafficClass::solar);
  // A cycle of it: the latency, its own time, and what is left of the packet on the wire, a
  // fraction of it.
  const double cycle_us = 0.5 + 1538 * 320e-6 + 0.5 * 4238 * 320e-6;
  EXPECT_NEAR(bench.share(TrafficClass::solar), 1538 * 320e-6 / cycle_us, 0.1);
  EXPECT_NEAR(bench.share(TrafficClass::tcp), 0.75 * rest, 0.02 * 0.75);
  EXPECT_NEAR(bench.share(TrafficClass::rdma), 0.25 * rest, 0.02 * 0.75);
}

TEST(Queues, a_strict_class_that_never_rests_leaves_nothing) {
  QueueProfiles queues = plain_queues();
  queues[static_cast<std::size_t>(TrafficClass::tcp)] = weighted(1);
  Bench bench(queues, large());
  bench.refill = true;
  for (int n = 0; n < 100; ++n) {
    bench.send(TrafficClass::control, 1538);
    bench.send(TrafficClass::tcp, 1538);
  }
  bench.calendar.run_until(TimePoint{milliseconds(1)});
  EXPECT_EQ(bench.bytes[static_cast<std::size_t>(TrafficClass::tcp)], 0);
}

// Fills a queue of a port that does not send, to `level` bytes, and then offers packets to the
// queue at that level.
double marked_share_at(double level_us, const QueueProfile& tcp) {
  QueueProfiles queues = plain_queues();
  queues[static_cast<std::size_t>(TrafficClass::tcp)] = tcp;
  constexpr int kTrials = 20000;
  Bench bench(queues, large());
  const auto level = static_cast<std::int64_t>(level_us * 1e6 / 320);
  std::int64_t marked = 0;
  bench.port().pause(TrafficClass::tcp);
  // What is above the level: packets of one byte, so the level stays what it is.
  std::int64_t queued = 0;
  while (queued < level) {
    const std::int64_t wire = std::min<std::int64_t>(1000, level - queued);
    bench.send(TrafficClass::tcp, static_cast<std::int32_t>(wire));
    queued += wire;
  }
  marked = bench.port().packets_marked();
  for (int i = 0; i < kTrials; ++i) bench.send(TrafficClass::tcp, 1);
  // The level has risen by kTrials bytes (6.4 us); its middle counts.
  marked = bench.port().packets_marked() - marked;
  return static_cast<double>(marked) / kTrials;
}

TEST(Queues, marking_rises_linearly_between_its_thresholds) {
  QueueProfile red;
  red.schedule = "strict";
  red.mark_from = microseconds(32);
  red.mark_to = microseconds(128);
  red.mark_probability = 0.2;
  const double half_a_trial_us = 20000 * 320e-6 / 2;
  // 3 sigma of 20,000 coins at 0.2 is 0.0085.
  EXPECT_EQ(marked_share_at(32 - 2 * half_a_trial_us - 0.01, red), 0);
  for (const double at : {0.1, 0.25, 0.5, 0.75, 0.9})
    EXPECT_NEAR(marked_share_at(32 + at * 96 - half_a_trial_us, red), 0.2 * at, 0.0085) << at;
  EXPECT_EQ(marked_share_at(128, red), 1);
  EXPECT_EQ(marked_share_at(400, red), 1);
}

TEST(Queues, dctcps_threshold_is_a_step) {
  QueueProfile step;
  step.schedule = "strict";
  step.mark_from = step.mark_to = microseconds(24);
  step.mark_probability = 1;
  EXPECT_EQ(marked_share_at(24 - 20000 * 320e-6 - 0.01, step), 0);
  EXPECT_EQ(marked_share_at(24, step), 1);
}

TEST(Queues, thresholds_are_times_and_follow_the_ports_rate) {
  QueueProfile step;
  step.schedule = "strict";
  step.mark_from = step.mark_to = microseconds(24);
  step.mark_probability = 1;
  QueueProfiles queues = plain_queues();
  queues[static_cast<std::size_t>(TrafficClass::tcp)] = step;
  for (const double gbps : {10.0, 25.0, 100.0}) {
    Bench bench(queues, large());
    bench.port().set_rate(gigabits_per_second(gbps));
    bench.port().pause(TrafficClass::tcp);
    int unmarked = 0;
    while (bench.port().packets_marked() == 0) {
      bench.send(TrafficClass::tcp, 100);
      ++unmarked;
    }
    // K = 30 KB at 10 Gbit/s (SIGCOMM'19 section 5.1).
    EXPECT_NEAR((unmarked - 1) * 100, 30000 * gbps / 10, 100) << gbps;
  }
}

TEST(Queues, a_profile_that_begins_to_mark_at_zero_marks_nothing) {
  QueueProfile none;
  none.schedule = "strict";
  none.mark_to = microseconds(10);
  none.mark_probability = 1;
  EXPECT_EQ(marked_share_at(100, none), 0);
}

struct Threshold {
  double alpha;
  std::size_t congested;
};
class DynamicThreshold : public testing::TestWithParam<Threshold> {};

TEST_P(DynamicThreshold, gives_each_congested_queue_alpha_over_one_plus_n_alpha) {
  const auto [alpha, n] = GetParam();
  SwitchBuffer buffer;
  buffer.capacity = 10'000'000;
  buffer.alpha = alpha;
  Bench bench(plain_queues(), buffer, n);
  for (std::size_t port = 0; port < n; ++port) bench.port(port).pause(TrafficClass::tcp);
  // In turns, a thousand bytes each, far more than there is room for.
  for (int i = 0; i < 20000; ++i)
    for (std::size_t port = 0; port < n; ++port) bench.send(TrafficClass::tcp, 1000, 0, port);
  const double share = alpha / (1 + static_cast<double>(n) * alpha);
  for (std::size_t port = 0; port < n; ++port)
    EXPECT_NEAR(static_cast<double>(bench.port(port).queued().count()), share * 10e6, 2000)
        << "port " << port;
  EXPECT_EQ(bench.dropped[static_cast<std::size_t>(TrafficClass::tcp)],
            static_cast<std::int64_t>(n) * 20000 - bench.buffer().used / 1000);
}
INSTANTIATE_TEST_SUITE_P(Ports, DynamicThreshold,
                         testing::Values(Threshold{1, 1}, Threshold{1, 2}, Threshold{1, 8},
                                         Threshold{0.5, 1}, Threshold{0.5, 2}, Threshold{8, 1},
                                         Threshold{8, 2}));

TEST(Queues, a_newly_congested_port_takes_its_share_as_the_other_drains) {
  SwitchBuffer buffer;
  buffer.capacity = 9'000'000;
  Bench bench(plain_queues(), buffer, 2);
  bench.port(0).pause(TrafficClass::tcp);
  bench.port(1).pause(TrafficClass::tcp);
  for (int i = 0; i < 9000; ++i) bench.send(TrafficClass::tcp, 1000, 0, 0);
  EXPECT_NEAR(static_cast<double>(bench.port(0).queued().count()), 4.5e6, 2000);  // alone: a half
  for (int i = 0; i < 9000; ++i) bench.send(TrafficClass::tcp, 1000, 0, 1);
  EXPECT_NEAR(static_cast<double>(bench.port(1).queued().count()), 2.25e6, 2000);  // half the rest
  // The first one sends what it has too much, while both are offered as much as they take.
  bench.port(0).resume(TrafficClass::tcp);
  for (int us = 1; us <= 2000; ++us) {
    bench.calendar.run_until(TimePoint{microseconds(us)});
    bench.calendar.advance_to(TimePoint{microseconds(us)});
    for (int i = 0; i < 5; ++i)
      for (const std::size_t port : {0, 1}) bench.send(TrafficClass::tcp, 1000, 0, port);
  }
  EXPECT_NEAR(static_cast<double>(bench.port(0).queued().count()), 3e6, 10000);
  EXPECT_NEAR(static_cast<double>(bench.port(1).queued().count()), 3e6, 10000);
}

TEST(Queues, a_burst_is_cut_at_the_tail_to_the_frame) {
  SwitchBuffer buffer;
  buffer.capacity = 1'000'000;
  Bench bench(plain_queues(), buffer, 1, Bytes{100'000});
  bench.port().pause(TrafficClass::tcp);
  for (int i = 0; i < 5; ++i) bench.send(TrafficClass::tcp, 30 * 1538, 1538);
  // 65 frames of 1538 bytes fit into 100,000: two bursts and five frames of the third.
  EXPECT_EQ(bench.port().queued().count(), 65 * 1538);
  EXPECT_EQ(bench.port().frames_lost(), 25);
  EXPECT_EQ(bench.dropped[static_cast<std::size_t>(TrafficClass::tcp)], 2);
}

}  // namespace net_queues_test
}  // namespace orrery
