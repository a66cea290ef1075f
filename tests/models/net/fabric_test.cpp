// Topology, ECMP and base latency of the leaf-spine fabric.
#include "models/net/fabric.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/models/net/rig.hpp"

namespace orrery {
namespace fabric_test {

NetOptions racks(std::vector<std::size_t> racks) {
  NetOptions options;
  options.racks = std::move(racks);
  return options;
}

// 99.9 % quantiles of chi-square by degrees of freedom.
double chi_square_limit(std::size_t choices) {
  return std::map<std::size_t, double>{{2, 10.83}, {4, 16.27}}.at(choices);
}

double chi_square(const std::map<std::string, int>& counts, std::size_t choices, int total) {
  const double expected = static_cast<double>(total) / static_cast<double>(choices);
  double sum = 0;
  for (const auto& [name, count] : counts)
    sum += (count - expected) * (count - expected) / expected;
  return sum + expected * static_cast<double>(choices - counts.size());
}

FiveTuple flow(std::uint32_t from, std::uint32_t to, std::uint16_t port) {
  return {from, to, port, 8800, 17};
}

TEST(Fabric, joins_every_server_to_both_tors_of_its_rack) {
  NetRig rig(racks({0, 0, 1}));
  const std::map<std::string, std::string> rack_of = {
      {"server-0", "0"}, {"server-1", "0"}, {"server-2", "1"}};
  for (const auto& [server, rack] : rack_of) {
    for (const char* port : {"0", "1"})
      EXPECT_NE(rig.fabric().find_port("net/" + server + "/port-" + port), nullptr);
    for (const char* side : {"a", "b"})
      EXPECT_NE(rig.fabric().find_port("net/tor-" + rack + side + "->" + server), nullptr);
  }
  // 3 servers x 2 ports both ways, 2 racks x 2 ToRs x 4 spines both ways.
  EXPECT_EQ(rig.fabric().ports().size(), 12u + 32u);
  EXPECT_EQ(rig.fabric().find_port("net/tor-1a->server-0"), nullptr);
}

TEST(Fabric, spreads_flows_evenly_over_nic_ports_spines_and_tors_and_keeps_them_there) {
  NetRig rig(racks({0, 1}));
  constexpr int kFlows = 20000;
  std::array<std::map<std::string, int>, 4> by_hop;
  for (int i = 0; i < kFlows; ++i) {
    const FiveTuple f = flow(0, 1, static_cast<std::uint16_t>(i));
    const Route route = rig.fabric().route(f);
    ASSERT_EQ(route.length, 4);
    const Route again = rig.fabric().route(f);
    for (int hop = 0; hop < 4; ++hop) {
      ASSERT_EQ(route.ports[hop], again.ports[hop]);
      ++by_hop[hop][route.ports[hop]->name()];
    }
  }
  EXPECT_EQ(by_hop[0].size(), 2u);  // both ports of the NIC
  EXPECT_EQ(by_hop[3].size(), 2u);  // both ToRs of the destination
  EXPECT_LT(chi_square(by_hop[0], 2, kFlows), chi_square_limit(2));
  EXPECT_LT(chi_square(by_hop[3], 2, kFlows), chi_square_limit(2));
  std::map<std::string, int> spines;
  for (const auto& [name, count] : by_hop[1]) spines[name.substr(name.find("->"))] += count;
  EXPECT_EQ(spines.size(), 4u);
  EXPECT_LT(chi_square(spines, 4, kFlows), chi_square_limit(4));
}

TEST(Fabric, choices_at_one_switch_say_nothing_about_those_at_the_next) {
  // With one hash for all switches a flow's ToR would fix its spine.
  NetRig rig(racks({0, 1}));
  std::set<std::string> routes;
  for (int i = 0; i < 2000; ++i) {
    const Route route = rig.fabric().route(flow(0, 1, static_cast<std::uint16_t>(i)));
    routes.insert(route.ports[1]->name() + route.ports[3]->name());
  }
  EXPECT_EQ(routes.size(), 2u * 4u * 2u);
}

TEST(Fabric, a_route_is_two_hops_within_a_rack_and_four_between_racks) {
  NetRig rig(racks({0, 0, 1}));
  for (std::uint16_t port = 0; port < 100; ++port) {
    const Route near = rig.fabric().route(flow(0, 1, port));
    EXPECT_EQ(near.length, 2);
    EXPECT_THAT(near.ports[0]->name(), testing::StartsWith("net/server-0/"));
    EXPECT_THAT(near.ports[1]->name(), testing::EndsWith("->server-1"));
    const Route far = rig.fabric().route(flow(1, 2, port));
    EXPECT_EQ(far.length, 4);
    EXPECT_THAT(far.ports[3]->name(), testing::EndsWith("->server-2"));
    // The links of a route meet: what one leads to is where the next one starts.
    EXPECT_EQ(far.ports[1]->name().substr(far.ports[1]->name().find("spine")),
              far.ports[2]->name().substr(4, far.ports[2]->name().find("->") - 4));
  }
}

TEST(Fabric, has_no_route_from_a_server_to_itself) {
  NetRig rig(racks({0, 1}));
  EXPECT_THROW(rig.fabric().route(flow(1, 1, 5)), InvariantError);
}

TEST(Fabric, a_node_that_goes_down_takes_its_ports_with_it) {
  NetRig rig(racks({0, 1}));
  rig.node(0).set_up(false);
  for (const auto& port : rig.fabric().ports()) {
    const bool its_own = port->name().find("server-0") != std::string::npos;
    EXPECT_EQ(port->up(), !its_own) << port->name();
  }
  rig.node(0).set_up(true);
  for (const auto& port : rig.fabric().ports()) EXPECT_TRUE(port->up()) << port->name();
}

Task<> ping(Calendar& calendar, Connection& connection, Bytes size, Duration& round_trip) {
  const TimePoint start = calendar.now();
  co_await connection.deliver(Side::client, size, {});
  co_await connection.deliver(Side::server, size, {});
  round_trip = calendar.now() - start;
}

TEST(Fabric, a_ping_between_racks_takes_the_published_base_round_trip) {
  NetRig rig(racks({0, 1}));
  const auto wire = shipped_stack("wire");
  const auto connection = rig.connect(*wire);
  Duration round_trip{};
  TaskScope scope;
  scope.spawn(ping(rig.calendar(), *connection, Bytes{64}, round_trip));
  run_dry(rig.calendar());
  EXPECT_NEAR(to_microseconds(round_trip), 8.3, 0.083);  // SIGCOMM'22 Table 1, footnote
}

TEST(Fabric, a_single_nic_port_uses_the_first_tor_alone) {
  Calendar calendar;
  auto profile = shipped<NodeProfile>("compute-25g");
  profile.nic_ports = 1;
  Node a(calendar, "a", profile), b(calendar, "b", profile);
  Fabric fabric(calendar, "net", shipped<FabricProfile>("clos-25g"), 1);
  fabric.attach(a, 0);
  fabric.attach(b, 0);
  for (std::uint16_t port = 0; port < 50; ++port) {
    const Route route = fabric.route(flow(0, 1, port));
    EXPECT_EQ(route.length, 2);
    EXPECT_EQ(route.ports[1]->name(), "net/tor-0a->b");
  }
}

TEST(Fabric, a_nic_drops_nothing_of_its_own_server_and_a_switch_what_does_not_fit) {
  NetRig rig(racks({0, 0}));
  const Route route = rig.fabric().route(flow(0, 1, 1));
  struct Count : PacketSink {
    void packet_arrived(Packet*) override { ++arrived; }
    void packet_dropped(Packet*) override { ++dropped; }
    int arrived = 0, dropped = 0;
  } count;
  Route watched = route;
  watched.ports[1]->set_rate(gigabits_per_second(10));
  constexpr int kPackets = 4000;
  for (int i = 0; i < kPackets;
       ++i) {  // 16 MB at once, towards a slower port with a buffer of 4 MiB
    Packet* packet = rig.fabric().packets().take();
    packet->route = &watched;
    packet->sink = &count;
    packet->wire_bytes = packet->frame_bytes = 4096;
    route.ports[0]->accept(packet);
  }
  run_dry(rig.calendar());
  EXPECT_EQ(route.ports[0]->totals().packets_dropped, 0);
  EXPECT_GT(count.dropped, 0);
  EXPECT_EQ(route.ports[1]->totals().packets_dropped, count.dropped);
  EXPECT_EQ(count.arrived + count.dropped, kPackets);
}

}  // namespace fabric_test
}  // namespace orrery
