// A fleet's scenario as a whole: profiles, events, and what is said of that changes nothing.
#include "scenarios/systems/fleet/fleet_spec.hpp"

#include <gmock/gmock.h>

#include "models/control/fleet/control_plane.hpp"
#include "scenarios/scenario.hpp"
#include "tests/scenarios/systems/fleet/demand_cases.hpp"

namespace orrery {
namespace fleet_spec_test {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kFleet =
    "scenario: f\nsystem: fleet\nfleet: {runtime: 1h}\n"
    "nodes: [{shape: n, count: 4, cpu: 8, memory: 32GiB, disk: 1TiB}]\n"
    "demand: [{generator: uniform, pods: 10, cpu: 1, memory: 1GiB, disk: 10GiB, arrival: "
    "at_once, snapshot_reserved: 1GiB}]\n";

Scenario fleet_of(const TextNode& text) {
  ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(), model_catalogue());
  return load_scenario(text, library);
}
Scenario fleet_with(const std::string& text) {
  return fleet_of(parse_document(kFleet + text, "s.yaml"));
}
std::string error_with(const std::string& text) {
  return error_of([&] { fleet_with(text); });
}

TEST(FleetSpec, refuses_profiles_that_are_not_there_and_notes_those_that_it_does_not_use) {
  EXPECT_THAT(error_with("profiles: {liteio-contrl: {max_remote_volumes: 10}}\n"),
              HasSubstr("s.yaml:6:12: error: unknown profile 'liteio-contrl'"));
  EXPECT_THAT(error_with("profiles: {p4510-2tb: {capacty: 3}}\n"), HasSubstr("s.yaml:6:24: error"));
  EXPECT_THAT(fleet_with("profiles: {p4510-2tb: {capacity: 1TB}}\n").notes,
              ElementsAre(HasSubstr("s.yaml:6:12: profile 'p4510-2tb' is not used here")));
  EXPECT_THAT(fleet_with("profiles: {liteio-control: {max_remote_volumes: 10}}\n").notes,
              IsEmpty());
}

TEST(FleetSpec, notes_what_comes_after_the_end_of_the_run) {
  const Scenario late = fleet_with(
      "events: [{kind: node_dead, at: 2h}, {kind: agent_dead, at: 30min, spread: 2h}, {kind: "
      "node_lock, at: 30min, spread: 10min}]\n"
      "volume_groups: [{name: g, size: 1TiB, at: 1h}]\n"
      "snapshots: [{size: 1GiB, at: 61min}]\n");
  EXPECT_THAT(late.notes,
              ElementsAre(HasSubstr("s.yaml:6:32: the run is over before this event begins"),
                          HasSubstr("s.yaml:6:75: of these times, those after the end"),
                          HasSubstr("the run is over before this volume group begins"),
                          HasSubstr("the run is over before this snapshot begins")));
}

TEST(FleetSpec, notes_keys_that_change_nothing_and_not_those_that_say_what_holds_anyway) {
  EXPECT_THAT(fleet_with("network: fluid\ninject: none\n").notes,
              ElementsAre(HasSubstr("s.yaml:6:1: `network` changes nothing in a system of kind"),
                          HasSubstr("s.yaml:7:1: `inject` changes nothing in a system of kind")));
  EXPECT_THAT(fleet_with("network: packets\ninject: \"*\"\n").notes, IsEmpty());
  EXPECT_THAT(fleet_with("events: [{kind: node_drain, loses_data: false}]\n").notes,
              ElementsAre(HasSubstr("`loses_data` changes nothing in a node_drain")));
}

TEST(FleetSpec, loads_again_from_what_is_resolved_without_other_notes) {
  const Scenario once = fleet_with(
      "events: [{kind: node_drain, at: 1min}, {kind: node_dead, at: 2min, loses_data: false}]\n");
  EXPECT_THAT(once.notes, IsEmpty());
  const TextNode resolved = resolved_scenario(once);
  const Scenario again = fleet_of(resolved);
  EXPECT_THAT(again.notes, IsEmpty());
  EXPECT_EQ(to_yaml(resolved_scenario(again)), to_yaml(resolved));
}

TEST(FleetSpec, has_no_events_beyond_the_clock) {
  const Scenario scenario =
      fleet_with("events: [{kind: node_dead, at: 100d, spread: 100d, count: 1}]\n");
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    EXPECT_THAT(fleet_plan(scenario, seed).events, IsEmpty());
}

TEST(FleetSpec, refuses_more_events_than_a_run_can_have) {
  EXPECT_THAT(
      error_of([&] {
        fleet_of(
            parse_document("scenario: f\nsystem: fleet\nfleet: {runtime: 100d}\n"
                           "nodes: [{shape: n, count: 1000, cpu: 8, memory: 32GiB}]\n"
                           "demand: []\nevents: [{kind: node_dead, annual_rate: 10000}]\n",
                           "s.yaml"));
      }),
      HasSubstr("s.yaml:6:41: error: some 2.74e+06 events of nodes, more than the 1000000"));
}

}  // namespace fleet_spec_test
}  // namespace orrery
