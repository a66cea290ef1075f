// Congestion control at one bottleneck: HPCC's utilisation and queue (SIGCOMM'19), DCTCP's queue at
// its threshold (SIGCOMM'10), fair shares, PFC's losslessness and head-of-line blocking, SOLAR's
// paths and the contexts of RDMA's NICs.
#include "tests/theory/net_flows.hpp"

namespace orrery {
namespace net_congestion_test {

// `senders` servers, four to a rack, and one more in the next rack that receives from all by one
// port.
struct Incast {
  Incast(const std::string& name, std::map<std::string, Value> parameters, std::size_t senders,
         Bytes message, int outstanding, std::size_t paths = 1,
         std::function<void(FabricProfile&, QueueProfiles&)> adjust = {}) {
    NetOptions options;
    options.adjust = std::move(adjust);
    options.racks.clear();
    for (std::size_t i = 0; i < senders; ++i) options.racks.push_back(i / 4);
    options.racks.push_back((senders + 3) / 4);
    rig = std::make_unique<NetRig>(options);
    stack = stack_with(name, parameters);
    const std::string rack = std::to_string((senders + 3) / 4);
    bottleneck =
        rig->fabric().find_port("net/tor-" + rack + "a->server-" + std::to_string(senders));
    const std::uint8_t protocol = name == "solar" || name == "rdma" ? 17 : 6;
    for (std::size_t i = 0; i < senders; ++i) {
      const std::uint16_t port = port_through(
          rig->fabric(), static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(senders),
          *bottleneck, protocol, static_cast<std::uint16_t>(50000 + 100 * i), paths);
      flows.push_back(std::make_unique<EndlessFlow>(
          rig->calendar(), rig->connect(*stack, i, senders, port), message, outstanding));
    }
  }
  void start() {
    for (auto& flow : flows) flow->start();
  }
  // Each flow's share of the mean over a span.
  std::vector<double> shares(Duration span) {
    std::vector<double> before, all;
    for (auto& flow : flows) before.push_back(static_cast<double>(flow->delivered()));
    run_to(rig->calendar(), rig->calendar().now() + span);
    double sum = 0;
    for (std::size_t i = 0; i < flows.size(); ++i) {
      all.push_back(static_cast<double>(flows[i]->delivered()) - before[i]);
      sum += all.back();
    }
    for (double& share : all) share *= static_cast<double>(flows.size()) / sum;
    return all;
  }
  std::int64_t dropped(TrafficClass c) const {
    std::int64_t sum = 0;
    for (const auto& port : rig->fabric().ports()) sum += port->counters(c).packets_dropped;
    return sum;
  }

  std::unique_ptr<NetRig> rig;
  std::unique_ptr<Stack> stack;
  Port* bottleneck = nullptr;
  std::vector<std::unique_ptr<EndlessFlow>> flows;
};

const std::map<std::string, Value> kFreeSolar = {{"paths", std::int64_t{1}},
                                                 {"packet_work", Duration{}}};

class Hpcc : public testing::TestWithParam<std::size_t> {};

TEST_P(Hpcc, fills_the_bottleneck_to_eta_and_leaves_its_queue_nearly_empty) {
  Incast incast("solar", kFreeSolar, GetParam(), kBlock, 64);
  incast.start();
  run_to(incast.rig->calendar(), TimePoint{milliseconds(5)});
  const Utilisation utilisation(incast.rig->calendar(), *incast.bottleneck);
  QueueSamples queue =
      watch(incast.rig->calendar(), *incast.bottleneck, milliseconds(20), nanoseconds(1013));
  const double bdp = 25e9 / 8 * 9e-6;
  RecordProperty("utilisation", std::to_string(utilisation.value()));
  EXPECT_GT(utilisation.value(), 0.91);
  EXPECT_LT(utilisation.value(), 0.97);
  EXPECT_LT(queue.mean(), 3 * 4300);
  EXPECT_LT(queue.quantile(0.99), bdp);
  EXPECT_EQ(incast.dropped(TrafficClass::solar), 0);
}
// Up to a BDP of 28 KB over packets of 4 KiB: with more paths the floor of one packet per path
// rules (S22 slide 21).
INSTANTIATE_TEST_SUITE_P(Senders, Hpcc, testing::Values(2, 3, 4));

TEST(HpccFloor, many_paths_keep_one_packet_each_in_flight_and_the_queue_holds_the_rest) {
  Incast incast("solar", kFreeSolar, 16, kBlock, 64);
  incast.start();
  run_to(incast.rig->calendar(), TimePoint{milliseconds(5)});
  const Utilisation utilisation(incast.rig->calendar(), *incast.bottleneck);
  QueueSamples queue =
      watch(incast.rig->calendar(), *incast.bottleneck, milliseconds(10), nanoseconds(1013));
  EXPECT_GT(utilisation.value(), 0.98);
  EXPECT_LT(queue.mean(), 16 * 4226.0);
}

class Dctcp : public testing::TestWithParam<std::size_t> {};

TEST_P(Dctcp, keeps_the_queue_at_its_threshold) {
  Incast incast("luna", {{"congestion", std::string("dctcp")}, {"window", mebibytes(4)}},
                GetParam(), kibibytes(64), 80);
  incast.start();
  run_to(incast.rig->calendar(), TimePoint{milliseconds(50)});
  const Utilisation utilisation(incast.rig->calendar(), *incast.bottleneck);
  QueueSamples queue =
      watch(incast.rig->calendar(), *incast.bottleneck, milliseconds(100), nanoseconds(5013));
  const double k = 24e-6 * 25e9 / 8;
  EXPECT_GT(utilisation.value(), 0.95);
  EXPECT_GT(queue.mean(), 0.5 * k);
  EXPECT_LT(queue.mean(), 1.75 * k);
  EXPECT_EQ(incast.dropped(TrafficClass::tcp), 0);
}
INSTANTIATE_TEST_SUITE_P(Flows, Dctcp, testing::Values(2, 4, 8));

struct Fair {
  const char* stack;
  const char* congestion;
  std::size_t flows;
};
void PrintTo(const Fair& c, std::ostream* out) { *out << c.congestion << " " << c.flows; }
class FairSharesSlow : public testing::TestWithParam<Fair> {};

// Blocks at random times over connections of their own. Without them flows of equal round trips
// fall into step (phase effects, Floyd and Jacobson, 1992).
class Mice {
 public:
  Mice(Incast& incast, double load) : calendar_(incast.rig->calendar()) {
    const auto last = static_cast<std::uint32_t>(incast.flows.size());
    const double rate = incast.bottleneck->rate().bits_per_second() * load / last;
    const Duration gap = seconds(static_cast<double>(kBlock.count()) * 8 / rate);
    for (std::uint32_t i = 0; i < last; ++i) {
      const std::uint16_t port = port_through(incast.rig->fabric(), i, last, *incast.bottleneck, 6,
                                              static_cast<std::uint16_t>(20000 + 100 * i));
      connections_.push_back(incast.rig->connect(*stack_, i, last, port));
      tasks_.spawn(send(*connections_.back(), gap));
    }
  }

 private:
  Task<> send(Connection& connection, Duration gap) {
    for (;;) {
      co_await Delay(calendar_, calendar_.now() + random_.exponential(gap));
      Delivery delivery = connection.deliver(Side::client, kBlock, {});
      co_await delivery;
    }
  }

  Calendar& calendar_;
  std::unique_ptr<Stack> stack_ = shipped_stack("luna");
  RandomStream random_{1, "mice"};
  std::vector<std::unique_ptr<Connection>> connections_;
  TaskScope tasks_;
};

TEST_P(FairSharesSlow, in_the_long_run_all_flows_get_the_same) {
  const Fair c = GetParam();
  std::map<std::string, Value> parameters = {{"congestion", std::string(c.congestion)}};
  const bool solar = std::string(c.stack) == "solar";
  if (solar) {
    parameters.insert(kFreeSolar.begin(), kFreeSolar.end());
    // SIGCOMM'19 section 3.3: W_AI = W_init (1 - eta) / N.
    parameters["hpcc_additive"] = Bytes{28125 * 5 / 100 / static_cast<std::int64_t>(c.flows)};
  } else {
    parameters["window"] = mebibytes(1);
  }
  // Shallow buffers, so that a second is a hundred of CUBIC's epochs.
  Incast incast(c.stack, parameters, c.flows, solar ? kBlock : kibibytes(64), solar ? 64 : 32, 1,
                [](FabricProfile& fabric, QueueProfiles&) { fabric.port_buffer = kibibytes(512); });
  const Mice mice(incast, 0.01);
  for (std::size_t i = 0; i + 1 < c.flows; ++i) incast.flows[i]->start();
  incast.flows.back()->start_at(TimePoint{milliseconds(10)});  // late
  run_to(incast.rig->calendar(), TimePoint{milliseconds(500)});
  // Drops come to one flow at a time, so that CUBIC's shares average out slowly.
  const double span = solar ? 0.3 : std::string(c.congestion) == "cubic" ? 30 : 2;
  std::vector<double> shares = incast.shares(seconds(span));
  const auto [least, most] = std::minmax_element(shares.begin(), shares.end());
  EXPECT_GT(*least, 0.95);
  EXPECT_LT(*most, 1.05);
  RecordProperty("least", std::to_string(*least));
  RecordProperty("most", std::to_string(*most));
}
INSTANTIATE_TEST_SUITE_P(Flows, FairSharesSlow,
                         testing::Values(Fair{"luna", "cubic", 2}, Fair{"luna", "cubic", 4},
                                         Fair{"luna", "cubic", 8}, Fair{"luna", "cubic", 16},
                                         Fair{"luna", "dctcp", 2}, Fair{"luna", "dctcp", 4},
                                         Fair{"luna", "dctcp", 8}, Fair{"luna", "dctcp", 16},
                                         Fair{"solar", "hpcc", 2}, Fair{"solar", "hpcc", 4},
                                         Fair{"solar", "hpcc", 8}, Fair{"solar", "hpcc", 16},
                                         Fair{"rdma", "dcqcn", 2}, Fair{"rdma", "dcqcn", 4},
                                         Fair{"rdma", "dcqcn", 8}, Fair{"rdma", "dcqcn", 16}));

class Pfc : public testing::TestWithParam<std::size_t> {};

TEST_P(Pfc, drops_nothing_of_a_lossless_class_under_incast) {
  for (const char* congestion : {"none", "dcqcn"}) {
    Incast incast("rdma", {{"congestion", std::string(congestion)}, {"window", mebibytes(4)}},
                  GetParam(), kibibytes(64), 80);
    incast.start();
    run_to(incast.rig->calendar(), TimePoint{milliseconds(5)});
    EXPECT_EQ(incast.dropped(TrafficClass::rdma), 0) << congestion;
    EXPECT_EQ(incast.rig->fabric().counters().resent, 0) << congestion;
  }
}
INSTANTIATE_TEST_SUITE_P(Senders, Pfc, testing::Values(2, 8, 32, 60));

// Of a victim that shares the way up with an incast and goes to an idle server: its rate, in
// Gbit/s.
double victims_rate(bool lossless) {
  NetOptions options;
  options.racks = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
  options.adjust = [lossless](FabricProfile& fabric, QueueProfiles& queues) {
    fabric.spines = 1;
    queues[static_cast<std::size_t>(TrafficClass::rdma)].lossless = lossless;
  };
  NetRig rig(options);
  const auto stack =
      stack_with("rdma", {{"congestion", std::string("none")}, {"window", mebibytes(2)}});
  Port* hot = rig.fabric().find_port("net/tor-1a->server-9");
  Port* idle = rig.fabric().find_port("net/tor-1a->server-10");
  Port* shared = rig.fabric().find_port("net/tor-0a->spine-0");
  std::vector<std::unique_ptr<EndlessFlow>> flows;
  for (std::uint32_t i = 0; i < 9; ++i) {
    const std::uint32_t to = i < 8 ? 9 : 10;
    std::uint16_t port = 50000;
    for (;; ++port) {
      const Route route = rig.fabric().route({i, to, port, 8800, 17});
      const bool right = route.ports[1] == shared && route.ports[3] == (i < 8 ? hot : idle);
      if (right) break;
    }
    flows.push_back(std::make_unique<EndlessFlow>(rig.calendar(), rig.connect(*stack, i, to, port),
                                                  kibibytes(64), 40));
    flows.back()->start();
  }
  run_to(rig.calendar(), TimePoint{milliseconds(10)});
  const std::int64_t before = flows.back()->delivered();
  run_to(rig.calendar(), TimePoint{milliseconds(30)});
  return static_cast<double>(flows.back()->delivered() - before) * 8 / 20e-3 * 1e-9;
}

TEST(PfcBlocking, a_victim_behind_a_paused_link_is_slowed_and_in_a_lossy_class_is_not) {
  const double lossless = victims_rate(true), lossy = victims_rate(false);
  EXPECT_LT(lossless, 0.5 * lossy);
}

class SolarBlackHole : public testing::TestWithParam<std::pair<int, double>> {};

TEST_P(SolarBlackHole, ends_after_as_many_timeouts_as_its_paths_need_and_far_below_a_second) {
  const auto [k, timeout_ms] = GetParam();
  for (const int holes : {1, 4}) {
    NetRig rig;
    const auto stack = stack_with(
        "solar", {{"dead_after", std::int64_t{k}}, {"timeout", milliseconds(timeout_ms)}});
    EndlessFlow flow(rig.calendar(), rig.connect(*stack), kBlock, 32);
    std::set<std::uint64_t> dead;
    for (int i = 0; i < holes; ++i) {
      FiveTuple lane = flow.connection().five_tuple();
      lane.source_port = static_cast<std::uint16_t>(lane.source_port + i);
      dead.insert(hash_of(lane));
    }
    flow.start();
    run_to(rig.calendar(), TimePoint{milliseconds(3)});
    for (const auto& port : rig.fabric().ports())
      if (port->name().find("->spine") != std::string::npos)
        drop_if(*port, [&dead](const Packet& p) { return dead.contains(p.route->flow); });
    run_to(rig.calendar(), rig.calendar().now() + microseconds(100));
    flow.stop();
    const TimePoint since = rig.calendar().now();
    TimePoint last = since;
    while (!flow.idle()) {
      rig.calendar().run_until(rig.calendar().next_time());
      last = rig.calendar().now();
    }
    const double took = to_seconds(last - since);
    EXPECT_LT(took, k * timeout_ms * 1e-3 * holes + 1e-3);
    EXPECT_GE(took, 0.5 * timeout_ms * 1e-3);
    EXPECT_LT(took, 1);
    run_dry(rig.calendar());
    EXPECT_EQ(flow.failed(), 0);
    EXPECT_EQ(flow.channel().in_flight(), Bytes{});
  }
}
INSTANTIATE_TEST_SUITE_P(Sweep, SolarBlackHole,
                         testing::Values(std::pair{2, 0.5}, std::pair{2, 10.0}, std::pair{3, 2.0},
                                         std::pair{4, 0.5}, std::pair{4, 10.0}));

// Frames of any packet of any kind lost at random, everywhere.
class RandomLoss : public testing::TestWithParam<const char*> {};

Task<> tell(Connection& connection, int id, Bytes size, std::vector<int>& arrived) {
  Delivery delivery = connection.deliver(Side::client, size, {});
  const bool there = co_await delivery;
  arrived.push_back(there ? id : -1);
}

TEST_P(RandomLoss, every_message_comes_once_and_in_order_on_one_path) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    NetRig rig;
    const auto stack = stack_with(GetParam(), {{"give_up", seconds(1e6)}});
    const auto connection = rig.connect(*stack);
    RandomStream random(seed, "loss");
    const double rate = 0.001 + 0.005 * static_cast<double>(seed);
    for (const auto& port : rig.fabric().ports()) {
      Port* here = port.get();
      here->set_filter([&random, here, rate](Packet& packet) {
        if (packet.is_ack || packet.payload == 0)
          return random.below(10000) < static_cast<std::uint64_t>(rate * 1e4) ? Port::Fate::dropped
                                                                              : Port::Fate::passes;
        std::uint64_t lost = 0;
        for (std::uint64_t left = packet.frames; left != 0; left &= left - 1)
          if (random.below(10000) < static_cast<std::uint64_t>(rate * 1e4))
            lost |= left & (~left + 1);
        here->lose_frames(packet, lost);
        return Port::Fate::passes;
      });
    }
    std::vector<int> arrived;
    TaskScope scope;
    for (int i = 0; i < 60; ++i)
      scope.spawn(
          tell(*connection, i, Bytes{static_cast<std::int64_t>(random.below(150'000))}, arrived));
    run_dry(rig.calendar());
    ASSERT_EQ(arrived.size(), 60u) << seed;
    if (connection->paths() > 1) std::sort(arrived.begin(), arrived.end());
    for (int i = 0; i < 60; ++i) ASSERT_EQ(arrived[i], i) << "seed " << seed;
    EXPECT_EQ(connection->channel(Side::client).in_flight(), Bytes{});
    rig.expect_no_packet_left();
  }
}
INSTANTIATE_TEST_SUITE_P(Stacks, RandomLoss,
                         testing::Values("kernel_tcp", "luna", "solar", "rdma"));

TEST(RdmaRecovery, sends_everything_again_from_the_lost_frame_on) {
  NetRig rig;
  const auto stack = shipped_stack("rdma");
  const auto connection = rig.connect(*stack);
  Port& nic = *rig.fabric().route(connection->five_tuple()).ports[0];
  std::vector<int> frames;  // of each packet that leaves
  nic.set_filter([&, first = true](Packet& packet) mutable {
    if (packet.is_ack || packet.payload == 0) return Port::Fate::passes;
    frames.push_back(std::popcount(packet.frames));
    if (first) nic.lose_frames(packet, std::uint64_t{1} << 3);
    first = false;
    return Port::Fate::passes;
  });
  std::vector<int> arrived;
  TaskScope scope;
  for (int i = 0; i < 2; ++i) scope.spawn(tell(*connection, i, kibibytes(32), arrived));
  run_dry(rig.calendar());
  EXPECT_THAT(arrived, testing::ElementsAre(0, 1));
  ASSERT_EQ(frames.size(),
            4u);  // two, and both again, the first without the three frames before the gap
  EXPECT_EQ(frames[2], frames[0] - 3);
  EXPECT_EQ(frames[3], frames[1]);
  EXPECT_EQ(rig.fabric().counters().timeouts, 0);
}

// 4 KiB messages over 32 of a NIC's connections, in thousands a second.
double rdma_message_rate(int connections) {
  NetRig rig;
  const auto stack = shipped_stack("rdma");
  std::vector<std::unique_ptr<Connection>> others;
  for (int i = 32; i < connections; ++i)
    others.push_back(rig.connect(*stack, 0, 1, static_cast<std::uint16_t>(10000 + i)));
  std::vector<std::unique_ptr<EndlessFlow>> flows;
  for (int i = 0; i < 32; ++i) {
    flows.push_back(std::make_unique<EndlessFlow>(
        rig.calendar(), rig.connect(*stack, 0, 1, static_cast<std::uint16_t>(50000 + i)), kBlock,
        4));
  }
  for (auto& flow : flows) flow->start();
  run_to(rig.calendar(), TimePoint{milliseconds(1)});
  std::int64_t before = 0, now = 0;
  for (auto& flow : flows) before += flow->delivered();
  run_to(rig.calendar(), TimePoint{milliseconds(6)});
  for (auto& flow : flows) now += flow->delivered();
  return static_cast<double>(now - before) / 4096 / 5;
}

TEST(RdmaNic, slows_down_beyond_the_connections_that_it_holds) {
  const double few = rdma_message_rate(100);
  EXPECT_EQ(rdma_message_rate(5000), few);
  const double many = rdma_message_rate(20000), more = rdma_message_rate(40000);
  // One engine, 1 us a fetch: 1 / (1 - 5000 / n) messages a microsecond at either end.
  EXPECT_NEAR(many, 1000 / 0.75, 0.02 * 1000 / 0.75);
  EXPECT_NEAR(more, 1000 / 0.875, 0.02 * 1000 / 0.875);
  EXPECT_LT(more, few);
}

}  // namespace net_congestion_test
}  // namespace orrery
