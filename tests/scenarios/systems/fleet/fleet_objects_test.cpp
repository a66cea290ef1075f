// Volume groups and snapshots of a fleet: what is refused and where, what they become, and that
// they load again.
#include "scenarios/systems/fleet/fleet_objects.hpp"

#include <gmock/gmock.h>

#include <ctime>

#include "tests/scenarios/systems/fleet/demand_cases.hpp"

namespace orrery {
namespace fleet_objects_test {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kFleet = kTwoNodes +
                           "demand: [{generator: uniform, name: db, pods: 2, cpu: 4, memory: "
                           "16GiB, disk: 100GiB, snapshot_reserved: 50GiB}]\n";

struct Loaded {
  LoadedDemand demand;
  FleetObjects objects;
};

Loaded objects_of(const std::string& text) {
  Loaded loaded{demand_of(kFleet + text), {}};
  loaded.objects = fleet_objects_in(parse_document(text, "/d/s.yaml"), loaded.demand.demand);
  return loaded;
}
std::string error_in(const std::string& text) {
  return error_of([&] { objects_of(text); });
}
std::string group_error(const std::string& group) {
  return error_in("volume_groups:\n  - {name: a, size: 1TiB, " + group + "}\n");
}

TEST(FleetObjects, groups_wait_for_others_in_any_order) {
  const auto loaded = objects_of(
      "volume_groups:\n"
      "  - {name: second, size: 1TiB, after: first}\n"
      "  - {name: first, size: 2TiB, min_part: 100GiB, max_part: 1TiB, min_count: 2, max_count: 4, "
      "may_use_empty: false, at: 1h, for: 2h}\n");
  const auto groups = loaded.objects.group_specs();
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].after, 1u);
  EXPECT_FALSE(groups[0].lasts);
  EXPECT_FALSE(groups[1].after);
  EXPECT_EQ(groups[1].request.total, gibibytes(2048));
  EXPECT_EQ(groups[1].request.min_size, gibibytes(100));
  EXPECT_EQ(groups[1].request.max_size, gibibytes(1024));
  EXPECT_EQ(groups[1].request.min_count, 2);
  EXPECT_EQ(groups[1].request.max_count, 4);
  EXPECT_FALSE(groups[1].request.may_use_empty);
  EXPECT_EQ(groups[1].at, seconds(3600));
  EXPECT_EQ(groups[1].lasts, seconds(7200));
}

TEST(FleetObjects, refuse_groups_that_wait_for_each_other_and_name_the_whole_cycle) {
  EXPECT_THAT(error_in("volume_groups:\n"
                       "  - {name: x, size: 1TiB, after: a}\n"
                       "  - {name: a, size: 1TiB, after: b}\n"
                       "  - {name: b, size: 1TiB, after: c}\n"
                       "  - {name: c, size: 1TiB, after: a}\n"),
              HasSubstr("/d/s.yaml:3:34: error: groups wait for each other: a -> b -> c -> a"));
  EXPECT_THAT(group_error("after: a"), HasSubstr("groups wait for each other: a -> a"));
}

// The first group that is in a ring is the one that is told, wherever the search begins.
TEST(FleetObjects, tell_the_first_of_several_rings) {
  EXPECT_THAT(error_in("volume_groups:\n"
                       "  - {name: x, size: 1TiB, after: d}\n"
                       "  - {name: free, size: 1TiB}\n"
                       "  - {name: a, size: 1TiB, after: b}\n"
                       "  - {name: b, size: 1TiB, after: a}\n"
                       "  - {name: d, size: 1TiB, after: d}\n"),
              HasSubstr("/d/s.yaml:4:34: error: groups wait for each other: a -> b -> a"));
}

// Processor time of reading groups that wait for one another, the first one for the last.
double seconds_to_read(int groups) {
  std::string text = "volume_groups:\n";
  for (int i = 0; i < groups; ++i)
    text += fmt::format("  - {{name: g{}, size: 1TiB{}}}\n", i,
                        i + 1 < groups ? fmt::format(", after: g{}", i + 1) : "");
  const TextNode root = parse_document(text, "/d/s.yaml");
  const control::Demand demand;
  const std::clock_t start = std::clock();
  EXPECT_EQ(fleet_objects_in(root, demand).group_specs().size(), static_cast<std::size_t>(groups));
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

TEST(FleetObjects, are_read_in_the_time_of_their_number) {
  const double once = seconds_to_read(2000);
  EXPECT_LT(seconds_to_read(16'000), 32 * once);
}

TEST(FleetObjects, refuse_names_that_are_unknown_or_there_twice) {
  EXPECT_THAT(
      error_in("volume_groups:\n"
               "  - {name: lake, size: 1TiB}\n"
               "  - {name: copy, size: 1TiB, after: laek}\n"),
      HasSubstr("/d/s.yaml:3:37: error: unknown volume group 'laek' (did you mean 'lake'?"));
  EXPECT_THAT(error_in("volume_groups: [{name: a, size: 1TiB}, {name: a, size: 1TiB}]\n"),
              HasSubstr("two groups are called 'a'"));
  EXPECT_THAT(error_in("volume_groups: {name: a}\n"), HasSubstr("`volume_groups` is a list"));
}

TEST(FleetObjects, refuse_parts_that_cannot_make_their_group) {
  EXPECT_THAT(group_error("min_part: 2GiB, max_part: 1GiB"),
              HasSubstr("/d/s.yaml:2:37: error: the smallest part of 'a' is larger"));
  EXPECT_THAT(group_error("min_count: 3, max_count: 2"), HasSubstr("more parts of 'a' at least"));
  EXPECT_THAT(group_error("max_part: 1GiB, max_count: 4"),
              HasSubstr("4 parts of 1GiB cannot make the 1TiB of 'a'"));
  // Parts of 1027 MiB are cut to 1024.
  EXPECT_THAT(group_error("min_part: 4MiB, max_part: 1027MiB, max_count: 1023"),
              HasSubstr("1023 parts of 1027MiB cannot make"));
  EXPECT_NO_THROW(
      objects_of("volume_groups: [{name: a, size: 1TiB, min_part: 4MiB, max_part: 1027MiB, "
                 "max_count: 1024}]\n"));
  EXPECT_THAT(group_error("min_part: 5MiB, max_part: 7MiB, max_count: 10000"),
              HasSubstr("no multiple of 4MiB lies between 5MiB and 7MiB, the parts of 'a'"));
  EXPECT_THAT(group_error("min_part: 600GiB, min_count: 2"),
              HasSubstr("2 parts of 600GiB are more than the 1TiB of 'a'"));
}

TEST(FleetObjects, snapshots_are_of_the_pods_that_match) {
  const auto loaded = objects_of(
      "snapshots:\n"
      "  - {pods: db/*, size: 10GiB, at: 1h, for: 2h, then: merge}\n"
      "  - {size: 10GiB, at: 2h}\n");
  const auto snapshots = loaded.objects.snapshot_specs(loaded.demand.demand);
  ASSERT_EQ(snapshots.size(), 2u);
  EXPECT_EQ(snapshots[0].pods.size(), 2u);
  EXPECT_TRUE(snapshots[0].merges);
  EXPECT_EQ(snapshots[0].lasts, seconds(7200));
  EXPECT_EQ(snapshots[1].pods.size(), 2u);
  EXPECT_FALSE(snapshots[1].merges);
  EXPECT_FALSE(snapshots[1].lasts);
  EXPECT_EQ(loaded.demand.demand.pods[0].claims[0].snapshot_reserved, gibibytes(50));
}

TEST(FleetObjects, refuse_snapshots_of_nothing) {
  EXPECT_THAT(error_in("snapshots:\n  - {pods: bd/*, size: 1GiB, at: 1s}\n"),
              HasSubstr("/d/s.yaml:2:12: error: no pod matches 'bd/*'"));
  EXPECT_THAT(error_in("snapshots: [{size: 1GiB, at: 1s, then: merg}]\n"), HasSubstr("merge"));
  EXPECT_THAT(error_in("snapshots: [{size: 1GiB}]\n"), HasSubstr("at"));
}

TEST(FleetObjects, load_again_as_they_were_resolved) {
  const auto loaded = objects_of(
      "volume_groups:\n"
      "  - {name: a, size: 1TiB, at: 1h, for: 2h}\n"
      "  - {name: b, size: 1TiB, after: a}\n"
      "snapshots: [{pods: db/*, size: 10GiB, at: 1h, for: 2h}]\n");
  TextNode once = TextNode::map();
  loaded.objects.resolve_into(once);
  TextNode twice = TextNode::map();
  fleet_objects_in(once, loaded.demand.demand).resolve_into(twice);
  EXPECT_EQ(to_yaml(once), to_yaml(twice));
  ASSERT_EQ(once.entries.size(), 2u);
}

}  // namespace fleet_objects_test
}  // namespace orrery
