// What a scenario may say about faults, and what it must not.
#include "models/faults/fault.hpp"

#include <gmock/gmock.h>

#include <set>

#include "models/faults/fault_injector.hpp"
#include "scenarios/hardware.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace fault_test {

using testing::AllOf;
using testing::HasSubstr;

Scenario with(const std::string& faults, const std::vector<std::string>& set = {},
              const std::string& system = "ebs") {
  TextNode text = parse_document("scenario: s\nsystem: " + system +
                                     "\ncompute: {servers: 2}\nstorage: {servers: 5, racks: 5}\n"
                                     "workload: [{name: job, runtime: 5s}]\nfaults: " +
                                     faults + "\n",
                                 "s.yaml");
  for (const std::string& assignment : set) apply_override(text, assignment);
  ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(), model_catalogue());
  return load_scenario(text, library);
}
std::string error_with(const std::string& faults, const std::vector<std::string>& set = {},
                       const std::string& system = "ebs") {
  return error_of([&] { with(faults, set, system); });
}

TEST(Faults, name_equipment_that_is_there) {
  EXPECT_THAT(error_with("[{kind: switch_down, target: frontend/tor-0c, at: 1s}]"),
              HasSubstr("s.yaml:6:38: error: unknown ToR, spine, core 'frontend/tor-0c' (did you "
                        "mean 'frontend/tor-0a'?)"));
  EXPECT_THAT(error_with("[{kind: link_down, target: frontend/tor-0a, at: 1s}]"),
              HasSubstr("frontend/tor-0a is a ToR, and a link_down strikes a link"));
  EXPECT_THAT(error_with("[{kind: server_down, target: storage-5, at: 1s}]"),
              HasSubstr("unknown server 'storage-5' (did you mean"));
  EXPECT_THAT(error_with("[{kind: link_down, target: random, among: 'x*', at: 1s}]"),
              HasSubstr("unknown link 'x*'"));
  EXPECT_THAT(error_with("[{kind: link_down, target: random, at: 1s}]", {}, "device"),
              HasSubstr("there is nothing here that a link_down could strike"));
  for (const char* target :
       {"frontend/tor-0a--spine-1", "frontend/compute-0--tor-0a", "backend/*", "random"})
    EXPECT_EQ(
        with("[{kind: link_down, at: 1s, target: " + std::string(target) + "}]").faults.size(), 1u);
}

TEST(Faults, have_names_of_their_own) {
  EXPECT_THAT(error_with("[{name: a, kind: link_down, target: random, at: 1s}, {name: b, kind: "
                         "link_down, target: random, at: 1s}, {name: a, kind: link_down, target: "
                         "random, at: 1s}]"),
              HasSubstr("s.yaml:6:121: error: two faults are called 'a'"));
}

TEST(Faults, say_what_their_kind_needs_and_no_more) {
  EXPECT_THAT(error_with("[{kind: los, target: random, at: 1s}]"), HasSubstr("loss"));
  EXPECT_THAT(error_with("[{kind: loss, target: random, at: 1s}]"),
              HasSubstr("a loss needs `rate`"));
  EXPECT_THAT(error_with("[{kind: loss, target: random, at: 1s, rate: 2}]"),
              HasSubstr("s.yaml:6:"));
  EXPECT_THAT(error_with("[{kind: link_down, target: random, at: 1s, rate: 0.5}]"),
              HasSubstr("`rate` means nothing for a link_down"));
  EXPECT_THAT(error_with("[{kind: link_down, target: random}]"), HasSubstr("a fault needs `at`"));
  EXPECT_THAT(error_with("[{kind: link_down, target: random, mtbf: 1h}]"),
              HasSubstr("go together"));
  EXPECT_THAT(error_with("[{kind: link_down, target: random, mtbf: 1h, mttr: 1s, for: 2s}]"),
              HasSubstr("lasts as long as `mttr` says"));
  EXPECT_THAT(error_with("[{kind: switch_reboot, target: frontend/tor-0a, at: 1s}]"),
              HasSubstr("needs `for`"));
  EXPECT_THAT(error_with("[{kind: switch_isolation, target: frontend/spine-0, at: 1s}]"),
              HasSubstr("has no uplinks to lose"));
  EXPECT_THAT(error_with("[{kind: nic_flap, target: frontend/tor-0a--spine-1, at: 1s, for: 1s, "
                         "period: 100ms}]"),
              HasSubstr("no NIC flaps there"));
  EXPECT_THAT(
      error_with("[{kind: slow_link, target: frontend/compute-0--tor-0a, at: 1s, speed: "
                 "40Gbps}]"),
      HasSubstr("40Gbps is not slower than frontend/compute-0--tor-0a, which runs at 25Gbps"));
  EXPECT_THAT(error_with("[{kind: nic_flap, target: compute-0, at: 1s, for: 1s, period: 1ns}]"),
              HasSubstr("must be at least 1ms"));
  EXPECT_THAT(error_with("[{kind: link_down, target: random, mtbf: 1ps, mttr: 1s}]"),
              HasSubstr("must be at least 1ms"));
  EXPECT_THAT(error_with("{kind: x}"), HasSubstr("`faults` is a list"));
}

TEST(Faults, must_not_contradict_each_other) {
  const std::string down = "{kind: switch_down, target: frontend/tor-0a, at: 1s, for: 1s}";
  EXPECT_THAT(
      error_with("[" + down + ", {kind: loss, target: 'frontend/tor-*', rate: 0.1, at: 1.5s}]"),
      AllOf(HasSubstr("switch_down and loss of frontend/tor-0a overlap and contradict"),
            HasSubstr("the other stands at s.yaml:6:10")));
  EXPECT_THAT(error_with("[{kind: port_down, target: frontend/tor-0a->compute-0, at: 1s}, {kind: "
                         "link_down, target: frontend/compute-0--tor-0a, at: 2s}]"),
              HasSubstr("contradict"));
  EXPECT_THAT(
      error_with("[{kind: slow_link, target: 'frontend/compute-0--*', speed: 1Gbps, at: 1s}, "
                 "{kind: slow_link, target: 'frontend/*--tor-0a', speed: 2Gbps, at: 2s}]"),
      HasSubstr("contradict"));
  // One after the other, or of different kinds that both count, or left out.
  EXPECT_EQ(with("[" + down + ", {kind: loss, target: frontend/tor-0a, rate: 0.1, at: 2s}]")
                .faults.size(),
            2u);
  EXPECT_EQ(with("[{kind: blackhole, target: frontend/tor-0a, at: 1s}, {kind: loss, target: "
                 "frontend/tor-0a, rate: 0.1, at: 1s}]")
                .faults.size(),
            2u);
  const std::string two =
      "[{name: a, kind: switch_down, target: frontend/tor-0a, at: 1s}, {name: b, "
      "kind: switch_down, target: frontend/tor-0a, at: 1s}]";
  EXPECT_THAT(error_with(two), HasSubstr("contradict"));
  EXPECT_EQ(with(two, {"inject=b"}).faults.front().name, "b");
  EXPECT_TRUE(with(two, {"inject=none"}).faults.empty());
  EXPECT_THAT(error_with(two, {"inject=c"}), HasSubstr("unknown fault 'c'"));
}

TEST(Faults, must_leave_every_server_a_way_at_the_start) {
  EXPECT_THAT(
      error_with("[{kind: switch_down, target: 'frontend/tor-0?', at: 0s}]"),
      HasSubstr("s.yaml:6:10: error: nothing can reach compute-0 over the frontend network, "
                "from the start and for good"));
  EXPECT_EQ(with("[{kind: switch_down, target: 'frontend/tor-0?', at: 1s}]").faults.size(), 1u);
  EXPECT_EQ(with("[{kind: switch_down, target: frontend/tor-0a, at: 0s}]").faults.size(), 1u);
}

// Known from the topology and not from a run: however slow routing is, and however fast a NIC
// elsewhere flaps.
TEST(Faults, that_cut_a_server_off_are_found_without_a_run) {
  const std::string tors = "{kind: switch_down, target: 'frontend/tor-0?', at: 0s}";
  const std::string flap =
      "{kind: nic_flap, target: compute-1, at: 0s, for: 5s, period: 1ms}, "
      "{kind: link_down, target: 'backend/*', mtbf: 1ms, mttr: 1ns}";
  EXPECT_THAT(error_with("[" + flap + ", " + tors + "]", {"profiles.clos-25g.convergence=48h",
                                                          "profiles.clos-25g.lacp_timeout=48h"}),
              HasSubstr("nothing can reach compute-0 over the frontend network"));
  EXPECT_EQ(with("[" + flap + "]").faults.size(), 2u);
  EXPECT_THAT(error_with("[{kind: server_down, target: storage-1, at: 0s}]"),
              HasSubstr("nothing can reach storage-1"));
  EXPECT_THAT(error_with("[{kind: switch_isolation, target: 'backend/tor-2?', at: 0s}]"),
              HasSubstr("over the backend network"));
}

// The check looks at the server that the run strikes: the choice depends on the place among the
// faults that are injected.
TEST(Faults, at_random_are_checked_where_they_strike) {
  const std::string one_port =
      "[{kind: slow_ssd, target: storage-0/ssd-0, factor: 2, at: 1s}, "
      "{kind: link_down, target: random, among: '*compute-*', at: 0s}]";
  for (int seed = 1; seed < 9; ++seed) {
    const std::vector<std::string> set = {"seed=" + std::to_string(seed),
                                          "profiles.compute-25g.nic_ports=1"};
    std::string struck;
    {
      Scenario later = with(one_port, {set[0], set[1], "faults.1.at=1ms"});
      Calendar calendar;
      TaskScope scope;
      Hardware room(calendar, later);
      FaultInjector injector(room, later.faults, static_cast<std::uint64_t>(seed));
      injector.start(scope);
      calendar.run_until(kStart + milliseconds(2));
      struck = injector.episodes().front().component;
    }
    const std::string server = struck.substr(9, struck.find("--") - 9);  // frontend/SERVER--tor
    EXPECT_THAT(error_with(one_port, set), HasSubstr("nothing can reach " + server + " over"));
  }
}

TEST(Faults, that_begin_after_the_end_are_noted) {
  EXPECT_THAT(with("[{kind: link_down, target: random, at: 6s}]").notes,
              testing::Contains(HasSubstr("the run is over before this fault begins")));
}

TEST(Faults, survive_resolution) {
  const Scenario once = with(
      "[{name: x, kind: loss, target: frontend/spine-0, rate: 0.25, at: 1s, for: 2s}, "
      "{kind: link_down, target: random, mtbf: 3s, mttr: 10ms, distribution: lognormal}]");
  ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(), model_catalogue());
  const Scenario again = load_scenario(resolved_scenario(once), library);
  EXPECT_EQ(to_yaml(resolved_scenario(again)), to_yaml(resolved_scenario(once)));
  EXPECT_EQ(again.faults[0].rate, 0.25);
}

class Injected {
 public:
  Injected(const std::string& faults, const std::vector<std::string>& set = {})
      : scenario(with(faults, set)), room(calendar, scenario), injector(room, scenario.faults, 1) {
    injector.start(scope);
  }
  void to(Duration time) { calendar.run_until(kStart + time); }
  Port& port(const std::string& name) {
    for (Fabric* fabric : room.fabrics())
      if (Port* port = fabric->find_port(name)) return *port;
    throw std::logic_error(name);
  }
  std::size_t route_length(Fabric* fabric, std::uint32_t from, std::uint32_t to) {
    return fabric->route({from, to, 1, 1, 17}).length;
  }

  Scenario scenario;
  Calendar calendar;
  TaskScope scope;
  Hardware room;
  FaultInjector injector;
};

TEST(FaultInjector, breaks_and_mends_at_its_picosecond) {
  Injected in("[{kind: link_down, target: frontend/compute-0--tor-0a, at: 1s, for: 2s}]");
  in.to(seconds(1) - Duration{1});
  EXPECT_TRUE(in.port("frontend/tor-0a->compute-0").up());
  in.to(seconds(1));
  EXPECT_FALSE(in.port("frontend/tor-0a->compute-0").up());
  EXPECT_FALSE(in.port("frontend/compute-0/port-0").up());
  EXPECT_TRUE(in.port("frontend/compute-0/port-1").up());
  in.to(seconds(3));
  EXPECT_TRUE(in.port("frontend/tor-0a->compute-0").up());
  ASSERT_EQ(in.injector.episodes().size(), 1u);
  EXPECT_EQ(in.injector.episodes()[0].to, kStart + seconds(3));
}

TEST(FaultInjector, brings_down_what_a_port_a_switch_and_a_server_take_along) {
  Injected port("[{kind: port_down, target: frontend/tor-0a->compute-0, at: 1s}]");
  port.to(seconds(1));
  EXPECT_FALSE(port.port("frontend/compute-0/port-0").up());

  Injected tor("[{kind: switch_down, target: frontend/tor-0a, at: 1s}]");
  tor.to(seconds(1));
  for (const char* name : {"frontend/tor-0a->spine-0", "frontend/spine-3->tor-0a",
                           "frontend/compute-1/port-0", "frontend/tor-0a->compute-1"})
    EXPECT_FALSE(tor.port(name).up()) << name;

  Injected isolated("[{kind: switch_isolation, target: frontend/tor-0a, at: 1s}]");
  isolated.to(seconds(1));
  EXPECT_FALSE(isolated.port("frontend/tor-0a->spine-0").up());
  EXPECT_TRUE(isolated.port("frontend/tor-0a->compute-1").up());

  Injected server("[{kind: server_down, target: storage-1, at: 1s, for: 1s}]");
  server.to(seconds(1));
  EXPECT_FALSE(server.room.storage().nodes[1]->up());
  EXPECT_FALSE(server.port("backend/storage-1/port-1").up());
  EXPECT_FALSE(server.port("frontend/storage-1/port-0").up());
  server.to(seconds(2));
  EXPECT_TRUE(server.room.storage().nodes[1]->up());
  EXPECT_TRUE(server.port("backend/storage-1/port-1").up());
}

TEST(FaultInjector, routing_follows_what_it_can_see_after_its_delay) {
  Injected in("[{kind: switch_down, target: 'frontend/tor-0?', at: 1s, for: 1s}]");
  Fabric* fabric = in.room.frontend();
  const auto from = in.room.storage().frontend[0];
  const auto to = in.room.compute().frontend[0];
  in.to(seconds(1) + milliseconds(49));
  EXPECT_GT(in.route_length(fabric, from, to), 0u);
  in.to(seconds(1) + milliseconds(51));
  EXPECT_EQ(in.route_length(fabric, from, to), 0u);
  in.to(seconds(2) + milliseconds(51));
  EXPECT_GT(in.route_length(fabric, from, to), 0u);
  // What it cannot see it does not follow.
  Injected hole("[{kind: blackhole, target: 'frontend/tor-0?', at: 1s}]");
  hole.to(seconds(5));
  EXPECT_GT(hole.route_length(hole.room.frontend(), from, to), 0u);
}

TEST(FaultInjector, slows_a_link_to_the_slowest_that_is_said_and_back) {
  Injected in(
      "[{kind: slow_link, target: frontend/compute-0--tor-0a, speed: 1Gbps, at: 1s, for: 3s}, "
      "{kind: slow_link, target: frontend/tor-0a->compute-0, speed: 500Mbps, at: 2s, for: 1s}]");
  Port& port = in.port("frontend/tor-0a->compute-0");
  const auto rate_at = [&](double at) {
    in.to(seconds(at));
    return port.rate().bits_per_second();
  };
  EXPECT_EQ(rate_at(0.5), 25e9);
  EXPECT_EQ(rate_at(1.5), 1e9);
  EXPECT_EQ(rate_at(2.5), 5e8);
  EXPECT_EQ(rate_at(3.5), 1e9);
  EXPECT_EQ(rate_at(4.5), 25e9);
}

TEST(FaultInjector, flaps_for_as_long_as_it_is_told) {
  Injected in("[{kind: nic_flap, target: compute-1, at: 1s, for: 1s, period: 200ms}]");
  Port& port = in.port("frontend/compute-1/port-1");
  for (int i = 0; i < 10; ++i) {
    in.to(seconds(1.05 + 0.1 * i));
    EXPECT_EQ(port.up(), i % 2 == 1) << i;
  }
  in.to(seconds(3));
  EXPECT_TRUE(port.up());
  EXPECT_EQ(in.injector.episodes().size(), 5u);
}

TEST(FaultInjector, a_random_target_is_one_and_the_same_for_a_seed) {
  const auto target = [](std::uint64_t seed) {
    const Scenario scenario =
        with("[{kind: link_down, target: random, among: 'backend/*', at: 1s}]");
    Calendar calendar;
    TaskScope scope;
    Hardware room(calendar, scenario);
    FaultInjector injector(room, scenario.faults, seed);
    injector.start(scope);
    calendar.run_until(kStart + seconds(2));
    EXPECT_EQ(injector.episodes().size(), 1u);
    return injector.episodes().front().component;
  };
  EXPECT_EQ(target(1), target(1));
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed < 20; ++seed) seen.insert(target(seed));
  EXPECT_GT(seen.size(), 5u);
}

TEST(FaultInjector, recurring_faults_have_the_means_they_are_told) {
  for (const char* distribution : {"exponential", "lognormal", "fixed"}) {
    Injected in(
        "[{kind: link_down, target: 'frontend/*--spine-*', mtbf: 1s, mttr: 250ms, distribution: " +
        std::string(distribution) + "}]");
    in.to(seconds(200));
    const auto& episodes = in.injector.episodes();
    double down = 0;
    for (const auto& e : episodes)
      down += to_seconds((e.to ? *e.to : kStart + seconds(200)) - e.from);
    const double links = 12 * 4;  // ToRs and spines
    EXPECT_NEAR(static_cast<double>(episodes.size()), links * 200 / 1.25, links * 200 / 1.25 * 0.05)
        << distribution;
    EXPECT_NEAR(down / (links * 200), 0.2, 0.01) << distribution;
  }
}

}  // namespace fault_test
}  // namespace orrery
