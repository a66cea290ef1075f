// Each network stack by its mechanism: where core time goes, what is on the wire, what a slower
// machine changes.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "models/ebs/rpc_target.hpp"
#include "models/net/solar.hpp"
#include "tests/models/net/rig.hpp"

namespace orrery {
namespace stacks_test {

struct RpcOutcome {
  double latency_us = 0;
  double client_core_us = 0;
  double server_core_us = 0;
};

Task<> one_io(Calendar& calendar, BlockVolume& volume, Direction direction, Bytes size,
              Duration& took) {
  Io io;
  io.direction = direction;
  io.length = size;
  io.ledger = Ledger(calendar.now());
  Task<IoStatus> served = volume.submit(io);
  const IoStatus status = co_await served;
  EXPECT_EQ(status, IoStatus::done);
  EXPECT_EQ(io.ledger.total(), calendar.now() - io.ledger.start());
  took = io.ledger.total();
}

// One RPC alone, over a stack with its shipped profile.
RpcOutcome single_rpc(const std::string& stack_name, const NetOptions& options, Bytes size = kBlock,
                      Direction direction = Direction::write) {
  NetRig rig(options);
  const auto stack = shipped_stack(stack_name);
  RpcTarget target("rpc", gibibytes(1), rig.connect(*stack));
  Duration took{};
  TaskScope scope;
  scope.spawn(one_io(rig.calendar(), target, direction, size, took));
  run_dry(rig.calendar());
  return {to_microseconds(took), core_us(rig.endpoint(0).thread.cpu()),
          core_us(rig.endpoint(1).thread.cpu())};
}

NetOptions reference_host() { return {}; }
NetOptions fast_host() {
  NetOptions options;
  options.fabric = "clos-100g";
  options.node = "compute-100g";
  return options;
}

TEST(KernelTcp, costs_the_published_core_time_per_4_kib_at_either_end) {
  for (const Direction direction : {Direction::write, Direction::read}) {
    const RpcOutcome rpc = single_rpc("kernel_tcp", reference_host(), kBlock, direction);
    EXPECT_NEAR(rpc.client_core_us, 2.62, 0.01);  // SIGCOMM'22 Table 1: 4 cores at 50 Gbit/s
    EXPECT_NEAR(rpc.server_core_us, 2.62, 0.01);
  }
}

TEST(KernelTcp, waits_more_than_it_works) {
  const RpcOutcome rpc = single_rpc("kernel_tcp", reference_host());
  const double base = single_rpc("wire", reference_host()).latency_us;
  const double cores = rpc.client_core_us + rpc.server_core_us;
  EXPECT_GT(rpc.latency_us - base - cores, 5 * cores);  // interrupt moderation and wake-up
}

TEST(KernelTcp, keeps_messages_in_order_on_many_cores) {
  NetRig rig;
  const auto stack = shipped_stack("kernel_tcp");
  const auto connection = rig.connect(*stack);
  std::vector<int> order;
  TaskScope scope;
  const auto send = [](Connection& c, Bytes size, int id, std::vector<int>& out) -> Task<> {
    co_await c.deliver(Side::client, size, {});
    out.push_back(id);
  };
  scope.spawn(send(*connection, kibibytes(64), 0, order));  // 16 blocks in softirq
  scope.spawn(send(*connection, Bytes{}, 1, order));        // none
  scope.spawn(send(*connection, kBlock, 2, order));
  run_dry(rig.calendar());
  EXPECT_THAT(order, testing::ElementsAre(0, 1, 2));
}

TEST(KernelTcp, a_cancelled_receiver_does_not_stop_the_ones_behind_it) {
  for (int us = 0; us < 80; ++us) {
    NetRig rig;
    const auto stack = shipped_stack("kernel_tcp");
    const auto connection = rig.connect(*stack);
    const auto send = [](Connection& c) -> Task<> { co_await c.deliver(Side::client, kBlock, {}); };
    TaskScope kept, cancelled;
    for (int i = 0; i < 5; ++i) {
      cancelled.spawn(send(*connection));
      kept.spawn(send(*connection));
    }
    rig.calendar().run_until(TimePoint{microseconds(us)});
    cancelled.clear();
    run_dry(rig.calendar());
    EXPECT_EQ(kept.size(), 0u) << "cancelled after " << us << " us";
  }
}

TEST(Luna, costs_the_published_core_time_per_4_kib_at_either_end) {
  for (const Direction direction : {Direction::write, Direction::read}) {
    const RpcOutcome rpc = single_rpc("luna", reference_host(), kBlock, direction);
    EXPECT_NEAR(rpc.client_core_us, 0.655, 0.001);  // SIGCOMM'22 Table 1: one core at 50 Gbit/s
    EXPECT_NEAR(rpc.server_core_us, 0.655, 0.001);
  }
}

TEST(Luna, takes_wire_dma_and_core_time_and_nothing_else) {
  const auto node = shipped<NodeProfile>("compute-25g");
  const RpcOutcome rpc = single_rpc("luna", reference_host());
  const double base = single_rpc("wire", reference_host()).latency_us;
  const double known =
      base + 4 * to_microseconds(node.nic_dma) + rpc.client_core_us + rpc.server_core_us;
  EXPECT_NEAR(rpc.latency_us, known, 0.1);  // headers differ by some bytes per frame
}

TEST(Rdma, spends_no_core_time_at_either_end) {
  for (const Bytes size : {kBlock, kibibytes(64)}) {
    const RpcOutcome rpc = single_rpc("rdma", reference_host(), size);
    EXPECT_EQ(rpc.client_core_us, 0);
    EXPECT_EQ(rpc.server_core_us, 0);
  }
}

// Data packets and ACKs seen at the ports of one server's NIC.
struct Census {
  std::map<std::uint16_t, int> data_by_path;
  int data = 0;
  int acks = 0;
  int empty = 0;
  int largest_payload = 0;
  std::set<TrafficClass> classes;
};

void take_census(Fabric& fabric, const std::string& server, Census& census) {
  for (const char* port : {"0", "1"})
    drop_if(*fabric.find_port("net/" + server + "/port-" + port), [&census](const Packet& packet) {
      census.classes.insert(packet.traffic_class);
      if (packet.is_ack) ++census.acks;
      else if (packet.payload == 0) ++census.empty;
      else {
        ++census.data;
        ++census.data_by_path[packet.path];
        census.largest_payload = std::max(census.largest_payload, packet.payload);
      }
      return false;
    });
}

TEST(Solar, sends_one_packet_and_gets_one_ack_per_4_kib_on_four_paths) {
  NetRig rig;
  const auto stack = shipped_stack("solar");
  const auto connection = rig.connect(*stack);
  Census sent, back;
  take_census(rig.fabric(), "server-0", sent);
  take_census(rig.fabric(), "server-1", back);
  TaskScope scope;
  const auto send = [](Connection& c) -> Task<> {
    co_await c.deliver(Side::client, kibibytes(64), {});
  };
  for (int i = 0; i < 10; ++i) scope.spawn(send(*connection));
  run_dry(rig.calendar());
  EXPECT_EQ(connection->paths(), 4u);
  EXPECT_EQ(sent.data, 160);
  EXPECT_EQ(sent.largest_payload, 4096);
  EXPECT_EQ(back.acks, 160);
  // All of them, by round trip.
  EXPECT_EQ(sent.data_by_path.size(), 4u);
  for (const auto& [path, packets] : sent.data_by_path) EXPECT_GE(packets, 20) << "path " << path;
  EXPECT_THAT(sent.classes, testing::ElementsAre(TrafficClass::solar));
  EXPECT_THAT(back.classes, testing::ElementsAre(TrafficClass::solar));
}

TEST(Solar, with_packets_of_8_kib_has_two_blocks_in_each) {
  const std::map<std::string, Value> two_blocks = {{"packet", Value{kibibytes(8)}}};
  NetRig rig;
  const auto stack = stack_with("solar", two_blocks);
  const auto connection = rig.connect(*stack);
  Census sent, back;
  take_census(rig.fabric(), "server-0", sent);
  take_census(rig.fabric(), "server-1", back);
  TaskScope scope;
  const auto send = [](Connection& c, Bytes size) -> Task<> {
    co_await c.deliver(Side::client, size, {});
  };
  scope.spawn(send(*connection, kibibytes(64)));
  scope.spawn(send(*connection, kibibytes(12)));
  run_dry(rig.calendar());
  EXPECT_EQ(sent.data, 8 + 2);
  EXPECT_EQ(sent.largest_payload, 8192);
  EXPECT_EQ(back.acks, 8 + 2);
  // A header and a piece of work per packet, not per block.
  const auto profile = shipped<SolarProfile>("solar");
  std::int64_t wire = 0;
  for (const char* port : {"0", "1"})
    wire += rig.fabric().find_port(std::string("net/server-0/port-") + port)->bytes_in().count();
  EXPECT_EQ(wire,
            kibibytes(64 + 12).count() +
                (8 + 2) * (profile.packet_header + rig.fabric().profile().frame_overhead).count());
  EXPECT_NEAR(core_us(rig.node(1).cpu()), (8 + 2) * to_microseconds(profile.packet_work), 0.001);
}

TEST(Solar, with_packets_of_8_kib_loses_and_resends_two_blocks_at_once) {
  NetRig rig;
  const auto stack = stack_with("solar", {{"packet", Value{kibibytes(8)}}});
  const auto connection = rig.connect(*stack);
  int seen = 0;
  std::vector<int> payloads;
  for (const char* port : {"0", "1"})
    drop_if(*rig.fabric().find_port(std::string("net/server-0/port-") + port),
            [&](const Packet& packet) {
              if (packet.payload > 0) payloads.push_back(packet.payload);
              return packet.payload > 0 && seen++ == 0;
            });
  TaskScope scope;
  const auto send = [](Connection& c) -> Task<> {
    co_await c.deliver(Side::client, kibibytes(16), {});
  };
  scope.spawn(send(*connection));
  run_dry(rig.calendar());
  EXPECT_THAT(payloads, testing::ElementsAre(8192, 8192, 8192));
  EXPECT_EQ(rig.fabric().counters().resent, 1);
}

// Two servers keep both ports of a third busy with TCP; a fourth sends it single blocks.
double mean_block_beside_tcp(const std::string& queue) {
  NetOptions options;
  options.racks = {0, 1, 0, 0};
  NetRig rig(options);
  const auto luna = shipped_stack("luna");
  const auto solar = stack_with("solar", {{"queue", Value{queue}}});
  std::vector<std::unique_ptr<Connection>> elephants;
  for (std::uint16_t port = 0; port < 16; ++port)
    elephants.push_back(rig.connect(*luna, 2 + port % 2, 1, 40000 + port));
  const auto blocks = rig.connect(*solar);
  bool done = false;
  double mean = 0;
  TaskScope scope;
  const auto burden = [](Connection& c, const bool& stop) -> Task<> {
    while (!stop) {
      co_await c.deliver(Side::client, kibibytes(64), {});
    }
  };
  const auto probe = [](Calendar& calendar, Connection& c, bool& stop, double& mean_us) -> Task<> {
    constexpr int kBlocks = 200;
    co_await Delay(calendar, milliseconds(5));
    const TimePoint from = calendar.now();
    for (int i = 0; i < kBlocks; ++i) {
      co_await c.deliver(Side::client, kBlock, {});
    }
    mean_us = to_microseconds(calendar.now() - from) / kBlocks;
    stop = true;
  };
  for (const auto& elephant : elephants) scope.spawn(burden(*elephant, done));
  scope.spawn(probe(rig.calendar(), *blocks, done, mean));
  run_dry(rig.calendar());
  return mean;
}

TEST(Solar, has_a_queue_in_which_it_does_not_wait_behind_tcp) {
  const double own = mean_block_beside_tcp("solar");
  const double shared = mean_block_beside_tcp("tcp");
  // Alone about 6 us; at each hop at most a burst under way and the turn of the other class.
  EXPECT_LT(own, 30);
  EXPECT_GT(shared, 3 * own);
}

TEST(Solar, needs_no_order_a_slow_path_holds_no_other_back) {
  NetRig rig;
  const auto stack = shipped_stack("solar");
  const auto connection = rig.connect(*stack);
  // One of its four paths leads over a spine link that is a hundred times slower.
  const FiveTuple first = connection->five_tuple();
  rig.fabric().route(first).ports[1]->set_rate(gigabits_per_second(1));
  std::vector<std::pair<TimePoint, int>> ended;
  TaskScope scope;
  const auto send = [](Calendar& calendar, Connection& c, int id,
                       std::vector<std::pair<TimePoint, int>>& out) -> Task<> {
    co_await c.deliver(Side::client, kBlock, {});
    out.emplace_back(calendar.now(), id);
  };
  for (int i = 0; i < 16; ++i) scope.spawn(send(rig.calendar(), *connection, i, ended));
  run_dry(rig.calendar());
  ASSERT_EQ(ended.size(), 16u);
  EXPECT_FALSE(std::is_sorted(ended.begin(), ended.end(),
                              [](const auto& a, const auto& b) { return a.second < b.second; }));
  EXPECT_LT(ended[7].first - kStart, microseconds(40));
  EXPECT_GT(ended[15].first - kStart, microseconds(100));
}

TEST(Solar, costs_packet_work_for_data_at_the_receiver_and_for_acks_at_the_sender) {
  const double work = to_microseconds(shipped<SolarProfile>("solar").packet_work);
  const RpcOutcome rpc = single_rpc("solar", reference_host(), kibibytes(64));
  EXPECT_NEAR(rpc.client_core_us, 16 * work, 0.001);
  EXPECT_NEAR(rpc.server_core_us, 16 * work, 0.001);
}

TEST(SolarStar, speaks_the_same_protocol_without_the_offload) {
  EXPECT_TRUE(find_stack("solar")->traits.data_path_in_fpga);
  EXPECT_FALSE(find_stack("solar_star")->traits.data_path_in_fpga);
  EXPECT_EQ(single_rpc("solar_star", reference_host()).latency_us,
            single_rpc("solar", reference_host()).latency_us);
}

TEST(Stacks, a_slower_machine_slows_software_and_not_the_wire) {
  for (const StackEntry& entry : all_stacks()) {
    const std::string name(entry.name);
    std::array<double, 3> latency{};
    std::array<double, 3> cores{};
    for (int k = 0; k < 3; ++k) {
      NetOptions options = reference_host();
      options.slowness = k + 1;
      const RpcOutcome rpc = single_rpc(name, options);
      latency[k] = rpc.latency_us;
      cores[k] = rpc.client_core_us;
    }
    EXPECT_NEAR(cores[1], 2 * cores[0], 1e-3) << name;
    EXPECT_NEAR(latency[2] - latency[1], latency[1] - latency[0], 1e-3) << name;
    // What a machine of infinite speed would still take is at least the wire.
    const double hardware = 2 * latency[0] - latency[1];
    EXPECT_GT(hardware, single_rpc("wire", reference_host()).latency_us - 0.1) << name;
    if (name == "wire" || name == "rdma") {
      EXPECT_EQ(latency[0], latency[1]) << name;
    }
  }
}

TEST(Stacks, one_rpc_takes_what_it_was_fitted_to) {
  // SIGCOMM'22 Table 1, one 4 KiB RPC; 5 % as for every fitted figure.
  EXPECT_NEAR(single_rpc("luna", reference_host()).latency_us, 13.1, 13.1 * 0.05);
  EXPECT_NEAR(single_rpc("kernel_tcp", reference_host()).latency_us, 70.1, 70.1 * 0.05);
  EXPECT_NEAR(single_rpc("kernel_tcp", fast_host()).latency_us, 43.4, 43.4 * 0.05);
}

TEST(Stacks, luna_on_the_faster_host_is_faster_than_published) {
  // 12.4 us published. A faster wire and faster cores save 2.1 us here and 0.7 us there; what else
  // a 100 GbE NIC adds is unknown.
  const double latency = single_rpc("luna", fast_host()).latency_us;
  EXPECT_LT(latency, single_rpc("luna", reference_host()).latency_us);
  EXPECT_NEAR(latency, 12.4, 12.4 * 0.15);
}

TEST(Stacks, latency_grows_with_size) {
  for (const StackEntry& entry : all_stacks()) {
    double before = 0;
    for (const std::int64_t size : {0, 512, 4096, 16384, 65536, 262144, 1 << 20}) {
      const double us =
          single_rpc(std::string(entry.name), reference_host(), Bytes{size}).latency_us;
      EXPECT_GE(us, before) << entry.name << " " << size;
      before = us;
    }
  }
}

// Sends messages of one size one after the other into a window; the rate at which their bytes
// arrive, in Gbit/s.
double streaming_rate(const std::string& stack_name, std::int64_t window, Bytes message) {
  NetRig rig;
  const StackEntry* entry = find_stack(stack_name);
  Profile profile = shipped_profile(std::string(entry->profile));
  for (auto& [name, parameter] : profile.parameters)
    if (name == "window") parameter.value = Value{Bytes{window}};
  const auto stack = entry->make(profile);
  const auto connection = rig.connect(*stack);
  TimePoint last{};
  const auto send = [](Calendar& calendar, Connection& c, Bytes size, TimePoint& ended) -> Task<> {
    Delivery delivery = c.deliver(Side::client, size, {});
    const bool arrived = co_await delivery;
    EXPECT_TRUE(arrived);
    ended = calendar.now();
  };
  TaskScope scope;
  const std::int64_t messages = mebibytes(16) / message;
  for (std::int64_t i = 0; i < messages; ++i)
    scope.spawn(send(rig.calendar(), *connection, message, last));
  run_dry(rig.calendar());
  return 16 * 8.388608 / (to_seconds(last - kStart) * 1e3);
}

TEST(Stacks, one_connection_carries_a_window_per_round_trip_until_the_wire_is_full) {
  for (const std::string name : {"luna", "kernel_tcp", "rdma", "solar", "wire"}) {
    double before = 0;
    // Up to what a switch port can hold when all paths meet there: nothing may be dropped.
    for (const std::int64_t window : {4096, 16384, 65536, 262144}) {
      const double rate = streaming_rate(name, window, kBlock);
      // Under HPCC the rates of windows that fill the wire differ by up to a per cent: 21.98 after
      // 22.11 Gbit/s.
      EXPECT_GE(rate, before * (name == "solar" ? 0.99 : 0.999)) << name << " " << window;
      EXPECT_LE(rate, name == "solar" ? 50.0 : 25.0) << name;
      before = rate;
    }
    // A full wire less headers: TCP frames carry 1448 of 1538 bytes; kernel TCP's one softirq core
    // takes 23.3 Gbit/s. HPCC aims at 95 %.
    EXPECT_GT(before, name == "solar" ? 0.95 * 22.5 : 22.0) << name;
  }
}

}  // namespace stacks_test
}  // namespace orrery
