#include "sim/platform.hpp"

#include <gtest/gtest.h>

#include <simgrid/s4u/Host.hpp>
#include <simgrid/s4u/Link.hpp>
#include <string>
#include <vector>

#include "sim/assert.hpp"
#include "sim/flows.hpp"

namespace orrery {
namespace platform_test {

// Racks of two 25 Gbit/s ports per host, uplinks of a quarter of that, in pods.
PlatformSpec clos(int pods, int racks, int hosts) {
  PlatformSpec spec;
  const LinkSpec nics{gigabits_per_second(50), microseconds(1)};
  const LinkSpec rack_uplinks{gigabits_per_second(12.5 * hosts), microseconds(2)};
  const LinkSpec pod_uplinks{gigabits_per_second(12.5 * hosts * racks), microseconds(4)};
  for (int p = 0; p < pods; ++p) {
    ZoneSpec pod{"p" + std::to_string(p), {}, {}, pod_uplinks};
    for (int r = 0; r < racks; ++r) {
      ZoneSpec rack{pod.name + "r" + std::to_string(r), {}, {}, rack_uplinks};
      for (int h = 0; h < hosts; ++h)
        rack.hosts.push_back({rack.name + "h" + std::to_string(h), nics});
      pod.zones.push_back(std::move(rack));
    }
    spec.zones.push_back(std::move(pod));
  }
  return spec;
}

struct Route {
  std::vector<std::string> links;
  double latency = 0;
};
Route route(const char* from, const char* to) {
  std::vector<simgrid::s4u::Link*> links;
  Route found;
  simgrid::s4u::Host::by_name(from)->route_to(simgrid::s4u::Host::by_name(to), links,
                                              &found.latency);
  for (const auto* link : links) found.links.push_back(link->get_name());
  return found;
}

TEST(Platform, routes_go_up_as_far_as_they_must_and_down_again) {
  const Simulation simulation(clos(2, 2, 2));
  using Links = std::vector<std::string>;
  const Route near = route("p0r0h0", "p0r0h1");
  EXPECT_EQ(near.links, (Links{"p0r0h0.nics_UP", "p0r0h1.nics_DOWN"}));
  EXPECT_DOUBLE_EQ(near.latency, 2e-6);
  const Route pod = route("p0r0h0", "p0r1h1");
  EXPECT_EQ(pod.links,
            (Links{"p0r0h0.nics_UP", "p0r0.uplinks_UP", "p0r1.uplinks_DOWN", "p0r1h1.nics_DOWN"}));
  EXPECT_DOUBLE_EQ(pod.latency, 6e-6);
  const Route far = route("p0r0h0", "p1r1h1");
  EXPECT_EQ(far.links, (Links{"p0r0h0.nics_UP", "p0r0.uplinks_UP", "p0.uplinks_UP",
                              "p1.uplinks_DOWN", "p1r1.uplinks_DOWN", "p1r1h1.nics_DOWN"}));
  EXPECT_DOUBLE_EQ(far.latency, 14e-6);
}

TEST(Platform, hosts_beside_zones_are_reached_as_those_within) {
  PlatformSpec spec = clos(1, 2, 2);
  const LinkSpec nics{gigabits_per_second(50), microseconds(1)};
  spec.hosts.push_back({"outside", nics});
  spec.zones[0].hosts.push_back({"between", nics});
  const Simulation simulation(spec);
  using Links = std::vector<std::string>;
  EXPECT_EQ(route("outside", "p0r1h1").links,
            (Links{"outside.nics_UP", "p0.uplinks_DOWN", "p0r1.uplinks_DOWN", "p0r1h1.nics_DOWN"}));
  EXPECT_EQ(route("p0r1h1", "between").links,
            (Links{"p0r1h1.nics_UP", "p0r1.uplinks_UP", "between.nics_DOWN"}));
  EXPECT_EQ(route("between", "outside").links,
            (Links{"between.nics_UP", "p0.uplinks_UP", "outside.nics_DOWN"}));
}

TEST(Platform, hosts_of_a_rack_share_its_uplinks) {
  Simulation simulation(clos(1, 2, 8));
  Flows flows(simulation);
  std::vector<double> us;
  auto carry = [](Simulation* s, Flows* f, std::string from, std::string to,
                  std::vector<double>* log) -> Task<> {
    Flows::Carry flow(*f, f->host(from), f->host(to), Bytes{6'250'000});  // 1 ms at 50 Gbit/s
    EXPECT_TRUE(co_await flow);
    log->push_back(to_microseconds(s->now() - kStart));
  };
  for (int h = 0; h < 8; ++h)
    simulation.tasks().spawn(
        carry(&simulation, &flows, "p0r0h" + std::to_string(h), "p0r1h" + std::to_string(h), &us));
  simulation.run(kStart + seconds(1));
  ASSERT_EQ(us.size(), 8u);
  for (const double end : us) EXPECT_NEAR(end, 4006, 1e-2);  // oversubscribed four times
}

TEST(Platform, of_ten_thousand_hosts_is_built_and_used) {
  Simulation simulation(clos(5, 50, 40));
  Flows flows(simulation);
  int done = 0;
  auto carry = [](Flows* f, std::string from, std::string to, int* count) -> Task<> {
    Flows::Carry flow(*f, f->host(from), f->host(to), Bytes{1'000'000});
    *count += co_await flow ? 1 : 0;
  };
  for (int i = 0; i < 200; ++i)
    simulation.tasks().spawn(carry(&flows, "p0r" + std::to_string(i % 50) + "h0",
                                   "p4r" + std::to_string(i % 49) + "h" + std::to_string(i % 40),
                                   &done));
  simulation.run(kStart + seconds(1));
  EXPECT_EQ(done, 200);
}

TEST(Platform, refuses_a_name_used_twice) {
  PlatformSpec spec;
  const LinkSpec nics{gigabits_per_second(50), microseconds(1)};
  spec.hosts = {{"a", nics}, {"a", nics}};
  EXPECT_THROW(Simulation{spec}, InvariantError);
}

TEST(Platform, refuses_a_link_without_bandwidth) {
  PlatformSpec spec;
  spec.hosts = {{"a", {}}};
  EXPECT_THROW(Simulation{spec}, InvariantError);
}

}  // namespace platform_test
}  // namespace orrery
