// One port, and lines of ports, against what a wire can do.
#include "models/net/port.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "models/net/object_pool.hpp"
#include "models/net/packet.hpp"
#include "tests/models/net/rig.hpp"

namespace orrery {
namespace port_test {

constexpr BitRate kRate = gigabits_per_second(25);  // 320 ps per byte
constexpr Duration kLatency = nanoseconds(500);

// A line of ports and who stands at its end.
class Line : public PacketSink {
 public:
  struct Hop {
    BitRate rate = kRate;
    Duration latency = kLatency;
    Bytes buffer = mebibytes(1);
  };
  explicit Line(const std::vector<Hop>& hops) {
    for (const Hop& hop : hops) {
      ports_.push_back(std::make_unique<Port>(calendar, pool_,
                                              "port-" + std::to_string(ports_.size()), hop.rate,
                                              hop.latency, hop.buffer, queues_));
      route_.ports[route_.length++] = ports_.back().get();
    }
  }
  Line() : Line(std::vector<Hop>{Hop{}}) {}

  void send(int id, std::int32_t wire, std::int32_t frame = 0,
            TrafficClass traffic_class = TrafficClass::tcp) {
    Packet* packet = pool_.take();
    packet->route = &route_;
    packet->sink = this;
    packet->wire_bytes = wire;
    packet->frame_bytes = frame > 0 ? frame : wire;
    packet->payload = id;
    packet->traffic_class = traffic_class;
    port().accept(packet);
  }
  Port& port(std::size_t hop = 0) { return *ports_[hop]; }
  std::size_t hops() const { return ports_.size(); }

  void packet_arrived(Packet* packet) override {
    order.push_back(packet->payload);
    arrived[packet->payload] = calendar.now();
    queued[packet->payload] = packet->queued;
    pool_.give_back(packet);
  }
  void packet_dropped(Packet* packet) override {
    dropped.push_back(packet->payload);
    pool_.give_back(packet);
  }

  Calendar calendar;
  std::vector<int> order;
  std::map<int, TimePoint> arrived;
  std::map<int, Duration> queued;
  std::vector<int> dropped;

 private:
  QueueProfiles queues_ = plain_queues();
  Pool<Packet> pool_;
  std::vector<std::unique_ptr<Port>> ports_;
  Route route_;
};

TimePoint at(std::int64_t picoseconds) { return TimePoint{Duration{picoseconds}}; }

TEST(Port, takes_serialisation_and_latency_to_the_picosecond) {
  Line line;
  line.send(1, 1538);
  run_dry(line.calendar);
  EXPECT_EQ(line.arrived[1], at(1538 * 320 + 500'000));
  EXPECT_EQ(line.queued[1], Duration{});
  EXPECT_EQ(line.port().busy_time(), picoseconds(1538 * 320));
}

TEST(Port, costs_one_event_per_hop_while_idle) {
  Line line({{}, {}, {}});
  line.send(1, 4238);
  run_dry(line.calendar);
  EXPECT_EQ(line.calendar.fired(), 3u);
  EXPECT_EQ(line.arrived[1], at(3 * (4238 * 320 + 500'000)));
  line.send(2, 60000, 1538);
  run_dry(line.calendar);
  EXPECT_EQ(line.calendar.fired(), 6u);
}

TEST(Port, queues_while_busy_and_sends_back_to_back) {
  Line line;
  for (int i = 0; i < 4; ++i) line.send(i, 1000);
  EXPECT_EQ(line.port().queued(), Bytes{3000});
  EXPECT_EQ(line.port().in_flight(), 4);
  run_dry(line.calendar);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(line.arrived[i], at((i + 1) * 320'000 + 500'000));
    EXPECT_EQ(line.queued[i], picoseconds(i * 320'000));
  }
  EXPECT_EQ(line.port().peak_queued(), Bytes{3000});
  EXPECT_EQ(line.port().queued(), Bytes{});
}

TEST(Port, a_packet_that_comes_as_the_last_one_ends_waits_for_nothing) {
  Line line;
  line.send(1, 1000);
  line.calendar.schedule(
      at(320'000), [](void* l) { static_cast<Line*>(l)->send(2, 1000); }, &line);
  run_dry(line.calendar);
  EXPECT_EQ(line.arrived[2], at(640'000 + 500'000));
  EXPECT_EQ(line.calendar.fired(), 3u);
}

TEST(Port, serves_classes_in_strict_order) {
  Line line;
  line.send(0, 1000, 0, TrafficClass::tcp);  // on the wire before the others come
  line.send(1, 1000, 0, TrafficClass::tcp);
  line.send(2, 1000, 0, TrafficClass::solar);
  line.send(3, 1000, 0, TrafficClass::control);
  line.send(4, 1000, 0, TrafficClass::solar);
  run_dry(line.calendar);
  EXPECT_THAT(line.order, testing::ElementsAre(0, 3, 2, 4, 1));
}

TEST(Port, drops_at_the_tail_of_a_full_class_and_of_no_other) {
  Line line({{kRate, kLatency, Bytes{3000}}});
  for (int i = 0; i < 6; ++i) line.send(i, 1000);  // 0 on the wire, 1-3 fill the buffer
  line.send(6, 1000, 0, TrafficClass::solar);
  EXPECT_THAT(line.dropped, testing::ElementsAre(4, 5));
  run_dry(line.calendar);
  EXPECT_THAT(line.order, testing::ElementsAre(0, 6, 1, 2, 3));
  const Port::Counters bulk = line.port().counters(TrafficClass::tcp);
  EXPECT_EQ(bulk.packets_in, 6);
  EXPECT_EQ(bulk.packets_sent, 4);
  EXPECT_EQ(bulk.packets_passed, 4);
  EXPECT_EQ(bulk.packets_dropped, 2);
  EXPECT_EQ(bulk.bytes_dropped, 2000);
}

TEST(Port, a_new_rate_holds_from_the_next_packet_on) {
  Line line;
  line.send(1, 1000);
  line.send(2, 1000);
  line.port().set_rate(gigabits_per_second(10));
  run_dry(line.calendar);
  EXPECT_EQ(line.arrived[1], at(320'000 + 500'000));
  EXPECT_EQ(line.arrived[2], at(320'000 + 800'000 + 500'000));
  EXPECT_THROW(line.port().set_rate(BitRate{999e3}), InvariantError);
}

TEST(Port, a_paused_class_waits_and_the_others_pass) {
  Line line;
  line.port().pause(TrafficClass::tcp);
  line.send(1, 1000, 0, TrafficClass::tcp);
  line.send(2, 1000, 0, TrafficClass::solar);
  line.calendar.run_until(at(10'000'000));
  EXPECT_THAT(line.order, testing::ElementsAre(2));
  line.calendar.advance_to(at(10'000'000));
  line.port().resume(TrafficClass::tcp);
  run_dry(line.calendar);
  EXPECT_EQ(line.arrived[1], at(10'000'000 + 320'000 + 500'000));
  EXPECT_EQ(line.queued[1], picoseconds(10'000'000));
}

TEST(Port, a_class_paused_while_the_port_is_busy_keeps_what_it_has) {
  Line line;
  for (int i = 0; i < 3; ++i) line.send(i, 1000);
  line.port().pause(TrafficClass::tcp);
  run_dry(line.calendar);
  EXPECT_THAT(line.order, testing::ElementsAre(0));
  line.port().resume(TrafficClass::tcp);
  line.port().resume(TrafficClass::tcp);  // once more changes nothing
  run_dry(line.calendar);
  EXPECT_THAT(line.order, testing::ElementsAre(0, 1, 2));
}

TEST(Port, going_down_loses_what_is_queued_and_what_is_on_the_wire) {
  Line line;
  for (int i = 0; i < 3; ++i) line.send(i, 1000);
  line.calendar.run_until(at(100'000));
  line.port().set_up(false);
  EXPECT_THAT(line.dropped, testing::ElementsAre(1, 2));
  line.send(3, 1000);
  EXPECT_THAT(line.dropped, testing::ElementsAre(1, 2, 3));
  line.calendar.advance_to(at(200'000));
  line.port().set_up(true);
  line.send(4, 1000);  // the new link is free: the old packet does not hold it
  run_dry(line.calendar);
  EXPECT_THAT(line.dropped, testing::ElementsAre(1, 2, 3, 0));
  EXPECT_THAT(line.order, testing::ElementsAre(4));
  EXPECT_EQ(line.arrived[4], at(200'000 + 320'000 + 500'000));
  EXPECT_EQ(line.port().totals().packets_dropped, 4);
  EXPECT_EQ(line.port().in_flight(), 0);
}

TEST(Port, a_filter_drops_what_it_is_asked_to) {
  Line line;
  drop_if(line.port(), [](const Packet& packet) { return packet.payload % 2 == 1; });
  for (int i = 0; i < 6; ++i) line.send(i, 1000);
  run_dry(line.calendar);
  EXPECT_THAT(line.dropped, testing::ElementsAre(1, 3, 5));
  EXPECT_THAT(line.order, testing::ElementsAre(0, 2, 4));
  line.port().set_filter({});
  line.send(7, 1000);
  run_dry(line.calendar);
  EXPECT_THAT(line.order, testing::Contains(7));
}

// Frames of one burst one by one through store-and-forward hops: when the last one is through.
Duration frame_by_frame(const std::vector<Line::Hop>& hops, std::int64_t wire, std::int64_t frame) {
  std::vector<double> ready;  // of each frame, at the present hop
  std::vector<double> size;
  for (std::int64_t left = wire; left > 0; left -= frame) {
    ready.push_back(0);
    size.push_back(static_cast<double>(std::min(left, frame)));
  }
  for (const Line::Hop& hop : hops) {
    double free = 0;
    for (std::size_t i = 0; i < ready.size(); ++i) {
      free = std::max(free, ready[i]) + size[i] * hop.rate.picoseconds_per_byte();
      ready[i] = free + static_cast<double>(hop.latency.count());
    }
  }
  return Duration{static_cast<std::int64_t>(ready.back())};
}

const std::vector<std::vector<double>> kLines = {{25, 25, 25, 25}, {25, 100, 100, 25},
                                                 {100, 25, 100},   {25, 100},
                                                 {100, 25},        {10, 40, 100, 25, 50}};

TEST(Port, a_burst_of_whole_frames_takes_as_long_as_its_frames_one_by_one) {
  for (const auto& rates : kLines)
    for (const int frames : {1, 2, 3, 44}) {
      std::vector<Line::Hop> hops;
      for (const double rate : rates) hops.push_back({gigabits_per_second(rate)});
      Line line(hops);
      line.send(1, frames * 1538, 1538);
      run_dry(line.calendar);
      const Duration taken = line.arrived[1] - kStart;
      EXPECT_NEAR(static_cast<double>(taken.count()),
                  static_cast<double>(frame_by_frame(hops, frames * 1538, 1538).count()), 10)
          << frames << " frames";
    }
}

RC_GTEST_PROP(PortProperty,
              a_burst_is_never_faster_than_its_frames_and_at_most_one_frame_per_hop_slower, ()) {
  std::vector<Line::Hop> hops;
  const auto count = *rc::gen::inRange<std::size_t>(1, 6);
  double slowest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double gbps = *rc::gen::element(10.0, 25.0, 40.0, 100.0, 400.0);
    hops.push_back({gigabits_per_second(gbps), nanoseconds(*rc::gen::inRange(0, 2000))});
    slowest = std::max(slowest, hops.back().rate.picoseconds_per_byte());
  }
  const auto wire = *rc::gen::inRange(64, 70000);
  const auto frame = *rc::gen::inRange(64, 9216);
  Line line(hops);
  line.send(1, wire, std::min(wire, frame));
  run_dry(line.calendar);
  const std::int64_t taken = (line.arrived[1] - kStart).count();
  const std::int64_t reference = frame_by_frame(hops, wire, std::min(wire, frame)).count();
  RC_ASSERT(taken >= reference - 10);
  RC_ASSERT(static_cast<double>(taken) <=
            static_cast<double>(reference) + slowest * frame * static_cast<double>(count) + 10);
}

TEST(Port, bursts_of_slow_senders_share_a_fast_link) {
  // Four senders at 25 Gbit/s, one link of 100 Gbit/s: none of them waits for the span of another
  // one's burst.
  Calendar calendar;
  struct End : PacketSink {
    explicit End(Calendar& c) : calendar(c) {}
    void packet_arrived(Packet* packet) override {
      last = std::max(last, calendar.now());
      packet->next = nullptr;
    }
    void packet_dropped(Packet*) override { ADD_FAILURE(); }
    Calendar& calendar;
    TimePoint last{};
  } end(calendar);
  Pool<Packet> pool;
  const QueueProfiles queues = plain_queues();
  Port fast(calendar, pool, "fast", gigabits_per_second(100), Duration{}, mebibytes(1), queues);
  std::vector<std::unique_ptr<Port>> slow;
  std::vector<Route> routes(4);
  constexpr std::int32_t kWire = 44 * 1538;
  for (int i = 0; i < 4; ++i) {
    slow.push_back(
        std::make_unique<Port>(calendar, pool, "slow", kRate, Duration{}, mebibytes(1), queues));
    routes[i].ports = {slow.back().get(), &fast};
    routes[i].length = 2;
    Packet* packet = pool.take();
    packet->route = &routes[i];
    packet->sink = &end;
    packet->wire_bytes = kWire;
    packet->frame_bytes = 1538;
    slow.back()->accept(packet);
  }
  run_dry(calendar);
  const double span_us = kWire * 320e-6;
  EXPECT_NEAR(to_microseconds(end.last - kStart), span_us, 2 * 1538 * 320e-6);
  EXPECT_EQ(fast.busy_time(), picoseconds(4 * kWire * 80));
}

TEST(Port, a_small_packet_never_passes_a_burst_sent_before_it) {
  for (const auto& rates : kLines) {
    std::vector<Line::Hop> hops;
    for (const double rate : rates) hops.push_back({gigabits_per_second(rate)});
    Line line(hops);
    for (int i = 0; i < 20; i += 2) {
      line.send(i, 10000, 1538);
      line.send(i + 1, 100);
    }
    run_dry(line.calendar);
    EXPECT_TRUE(std::is_sorted(line.order.begin(), line.order.end()));
    EXPECT_EQ(line.order.size(), 20u);
  }
}

// Random traffic with faults: what a port has taken in is passed, dropped, queued or on the wire,
// by class.
RC_GTEST_PROP(PortProperty, packets_in_are_passed_dropped_or_in_flight_whatever_happens, ()) {
  Line line({{gigabits_per_second(25), kLatency, Bytes{20000}},
             {gigabits_per_second(10), kLatency, Bytes{20000}}});
  const int steps = *rc::gen::inRange(1, 150);
  int sent = 0;
  std::array<std::int64_t, kTrafficClasses> sent_by_class{};
  TimePoint now{};
  for (int step = 0; step < steps; ++step) {
    const auto c = static_cast<TrafficClass>(*rc::gen::inRange(0, 3));
    Port& port = line.port(*rc::gen::inRange<std::size_t>(0, 2));
    switch (*rc::gen::inRange(0, 12)) {
      case 0: port.set_up(!port.up()); break;
      case 1: port.pause(c); break;
      case 2: port.resume(c); break;
      case 3: port.set_rate(gigabits_per_second(*rc::gen::inRange(1, 100))); break;
      case 4: drop_if(port, [](const Packet& p) { return p.payload % 3 == 0; }); break;
      case 5: port.set_filter({}); break;
      default: {
        const auto wire = *rc::gen::inRange(64, 15000);
        line.send(sent++, wire, std::min(wire, 1538), c);
        ++sent_by_class[static_cast<std::size_t>(c)];
      }
    }
    now += nanoseconds(*rc::gen::inRange(0, 2000));
    line.calendar.run_until(now);
    line.calendar.advance_to(now);
    for (std::size_t hop = 0; hop < 2; ++hop) {
      RC_ASSERT(line.port(hop).in_flight() >= 0);
      RC_ASSERT(line.port(hop).is_balanced());
    }
  }
  // Nothing is paused or down any more: all that is left gets out.
  for (std::size_t hop = 0; hop < 2; ++hop) {
    line.port(hop).set_up(true);
    for (int c = 0; c < 3; ++c) line.port(hop).resume(static_cast<TrafficClass>(c));
  }
  run_dry(line.calendar);
  RC_ASSERT(static_cast<int>(line.order.size() + line.dropped.size()) == sent);
  std::int64_t dropped = 0;
  for (std::size_t i = 0; i < kTrafficClasses; ++i) {
    const auto c = static_cast<TrafficClass>(i);
    const Port::Counters first = line.port(0).counters(c);
    const Port::Counters second = line.port(1).counters(c);
    RC_ASSERT(first.packets_in == sent_by_class[i]);
    RC_ASSERT(first.packets_in == first.packets_passed + first.packets_dropped);
    RC_ASSERT(second.packets_in == first.packets_passed);
    RC_ASSERT(second.packets_in == second.packets_passed + second.packets_dropped);
    RC_ASSERT(first.packets_sent >= first.packets_passed && first.packets_sent <= first.packets_in);
    dropped += first.packets_dropped + second.packets_dropped;
  }
  RC_ASSERT(dropped == static_cast<std::int64_t>(line.dropped.size()));
  for (std::size_t hop = 0; hop < 2; ++hop) {
    RC_ASSERT(line.port(hop).in_flight() == 0);
    RC_ASSERT(line.port(hop).queued() == Bytes{});
  }
}

// One rate, no faults: the wire carries what it can and no more.
RC_GTEST_PROP(PortProperty, the_wire_is_never_busier_than_its_rate_allows, ()) {
  Line line;
  TimePoint now{};
  std::int64_t bytes = 0;
  const int packets = *rc::gen::inRange(1, 100);
  for (int i = 0; i < packets; ++i) {
    const auto wire = *rc::gen::inRange(64, 10000);
    line.send(i, wire);
    bytes += wire;
    now += nanoseconds(*rc::gen::inRange(0, 3000));
    line.calendar.run_until(now);
    line.calendar.advance_to(now);
  }
  run_dry(line.calendar);
  RC_ASSERT(line.port().busy_time() == picoseconds(bytes * 320));
  RC_ASSERT(line.arrived[packets - 1] >= at(bytes * 320 + 500'000));
  RC_ASSERT(std::is_sorted(line.order.begin(), line.order.end()));
}

}  // namespace port_test
}  // namespace orrery
