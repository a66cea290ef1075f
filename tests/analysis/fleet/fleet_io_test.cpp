#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "analysis/fleet/fleet_io_sample.hpp"
#include "analysis/loading.hpp"
#include "scenarios/text/document.hpp"

namespace orrery {
namespace fleet_io_test {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr Bytes kTerabyte{1'000'000'000'000};

class FleetIo : public testing::Test {
 protected:
  // So many nodes n-0, n-1, ... with disks of the given size.
  void nodes(int count, Bytes disk = kTerabyte * 46) {
    for (int i = 0; i < count; ++i) {
      control::NodeSpec node;
      node.name = fmt::format("n-{}", i);
      node.disk = disk;
      nodes_.push_back(node);
    }
  }
  void volume(int host, int pool, Bytes size = kTerabyte) {
    placement_.push_back({{"pod", fmt::format("default/p-{}", placement_.size())},
                          {"claim", "data"},
                          {"host", fmt::format("n-{}", host)},
                          {"pool", fmt::format("n-{}", pool)},
                          {"bytes", size.count()}});
  }
  IoSample sample(std::size_t most, std::uint64_t seed = 1) const {
    return sample_of(placement_, nodes_, most, seed);
  }
  static std::string text(const IoSample& sample) {
    return io_scenario(sample, {"big", "3d", 7}, {});
  }
  static Scenario loaded(const IoSample& sample) {
    return loaded_from("io.yaml", parse_document(text(sample), "io.yaml")).scenario;
  }

  std::vector<control::NodeSpec> nodes_;
  Json placement_ = Json::array();
};

std::set<std::string> names_of(const IoSample& sample) {
  std::set<std::string> names;
  for (const control::NodeSpec& node : sample.nodes) names.insert(node.name);
  return names;
}

// Two groups that share among themselves, and nodes that share with nobody.
class FleetIoGroups : public FleetIo {
 protected:
  FleetIoGroups() {
    nodes(12);
    for (int i = 0; i < 12; ++i) volume(i, i);
    for (const int first : {0, 4})
      for (int i = 0; i < 3; ++i) volume(first + i, first + i + 1);
  }
};

TEST_F(FleetIoGroups, a_sample_is_a_whole_group_where_that_fits) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const IoSample four = sample(4, seed);
    EXPECT_TRUE(names_of(four) == (std::set<std::string>{"n-0", "n-1", "n-2", "n-3"}) ||
                names_of(four) == (std::set<std::string>{"n-4", "n-5", "n-6", "n-7"}));
    EXPECT_EQ(four.remote, 3);
    EXPECT_EQ(four.local(), 4);
    EXPECT_EQ(four.left_out, 0);
  }
}

TEST_F(FleetIoGroups,
       a_sample_goes_on_with_another_group_and_ends_with_nodes_that_share_with_none) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const IoSample eight = sample(8, seed);
    EXPECT_EQ(eight.remote, 6);
    EXPECT_EQ(eight.left_out, 0);
    EXPECT_FALSE(names_of(eight).contains("n-8"));
  }
  EXPECT_EQ(sample(64).nodes.size(), 12U);
  EXPECT_EQ(sample(64).volumes.size(), placement_.size());
}

TEST_F(FleetIoGroups, volumes_that_lead_out_of_a_sample_are_counted) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const IoSample two = sample(2, seed);
    ASSERT_EQ(two.nodes.size(), 2U);
    EXPECT_EQ(two.remote, 1) << "the second node is a neighbour of the first";
    std::int64_t cut = 0;
    for (const Json& each : placement_) {
      const std::set<std::string> in = names_of(two);
      cut += in.contains(each["host"].get<std::string>()) !=
                     in.contains(each["pool"].get<std::string>())
                 ? 1
                 : 0;
    }
    EXPECT_EQ(two.left_out, cut);
    EXPECT_THAT(text(two),
                HasSubstr(fmt::format("# {} remote volumes lead out of the sample", cut)));
  }
}

TEST_F(FleetIoGroups, the_seed_decides_where_a_sample_begins) {
  std::set<std::string> firsts;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    firsts.insert(sample(3, seed).nodes.front().name);
    EXPECT_EQ(text(sample(3, seed)), text(sample(3, seed)));
  }
  EXPECT_EQ(firsts.size(), 8U) << "any of those that share, and no other";
}

TEST_F(FleetIo, volumes_lie_and_are_named_as_in_the_fleet) {
  nodes(2);
  volume(0, 0);
  volume(0, 1, kTerabyte * 2);
  const IoSample two = sample(2);
  const std::size_t zero = two.nodes[0].name == "n-0" ? 0 : 1;
  const Scenario scenario = loaded(two);
  EXPECT_EQ(scenario.head.scenario, "big-io");
  EXPECT_EQ(scenario.head.seed, 7);
  EXPECT_TRUE(scenario.notes.empty());
  ASSERT_EQ(scenario.planned.size(), 2U);
  const PlannedVolume& local = scenario.planned[0];
  EXPECT_EQ(local.name, fmt::format("compute-{}/local-0", zero));
  EXPECT_THAT(local.on, ElementsAre(fmt::format("compute-{}", zero)));
  EXPECT_THAT(local.path, ElementsAre("zero_copy"));
  const PlannedVolume& remote = scenario.planned[1];
  EXPECT_EQ(remote.name, fmt::format("compute-{}/remote-1", zero));
  EXPECT_THAT(remote.on, ElementsAre(fmt::format("compute-{}", 1 - zero)));
  EXPECT_THAT(remote.path, ElementsAre("remote_tcp"));
  EXPECT_GE(remote.size, kTerabyte * 2);
  EXPECT_THAT(text(two), HasSubstr(fmt::format("#   compute-{}: n-0\n", zero)));
  EXPECT_THAT(text(two), HasSubstr("size: 2TB}  # default/p-1 data\n"));
  EXPECT_THAT(text(two), StartsWith(std::string(kIoScenarioMark)));
  ASSERT_EQ(scenario.workload.size(), 2U);
  EXPECT_EQ(scenario.workload[0].name, "local");
  EXPECT_EQ(scenario.workload[1].name, "remote");
}

TEST_F(FleetIo, jobs_are_only_those_that_have_volumes) {
  nodes(3);
  volume(0, 0);
  volume(1, 1);
  EXPECT_EQ(loaded(sample(8)).workload.size(), 1U);
}

TEST_F(FleetIo, a_pool_of_the_kernel_has_no_engine_for_local_volumes) {
  nodes(2);
  for (control::NodeSpec& node : nodes_) node.pool_mode = control::PoolMode::kernel_lvm;
  volume(0, 0);
  volume(0, 1);
  const Scenario scenario = loaded(sample(2));
  EXPECT_THAT(scenario.planned[0].path, ElementsAre("native"));
  EXPECT_THAT(scenario.planned[1].path, ElementsAre("remote_tcp"));
}

TEST_F(FleetIo, many_may_share_a_pool_if_they_did_in_the_fleet) {
  nodes(20);
  for (int i = 0; i < 20; ++i) volume(i, 0, gibibytes(500));
  EXPECT_EQ(loaded(sample(20)).planned.size(), 20U);
}

TEST_F(FleetIo, ssds_are_those_that_hold_the_pools) {
  for (const auto& [disk, profile, count] : {std::tuple{kTerabyte * 46, "p4510-4tb", 12},
                                             {kTerabyte * 24, "p4510-2tb", 12},
                                             {kTerabyte * 25, "p4510-4tb", 7},
                                             {kTerabyte * 3, "p4510-2tb", 2},
                                             {kTerabyte * 400, "p4510-4tb", 12}}) {
    nodes_.clear();
    placement_ = Json::array();
    nodes(1, disk);
    volume(0, 0);
    const SampleDisks disks = disks_of(sample(1));
    EXPECT_EQ(disks.profile, profile);
    EXPECT_EQ(disks.per_node, count);
    EXPECT_EQ(disks.scale, 1);
    loaded(sample(1));
  }
}

TEST_F(FleetIo, volumes_that_do_not_fit_are_all_made_smaller_by_one_factor) {
  nodes(2, kTerabyte * 200);
  for (int i = 0; i < 19; ++i) volume(0, 0, kTerabyte * 10);
  volume(1, 0, kTerabyte * 1);
  volume(1, 1, Bytes(1));
  const IoSample two = sample(2);
  const SampleDisks disks = disks_of(two);
  EXPECT_LT(disks.scale, 48.0 / 191);
  EXPECT_GT(disks.scale, 47.7 / 191);
  const Scenario scenario = loaded(two);  // which refuses what does not fit
  ASSERT_EQ(scenario.planned.size(), 21U);
  EXPECT_NEAR(static_cast<double>(scenario.planned[0].size.count()) /
                  static_cast<double>(scenario.planned[19].size.count()),
              10, 0.01);
  EXPECT_THAT(text(two), HasSubstr(fmt::format("# Volumes have {} of their size", disks.scale)));
}

TEST_F(FleetIo, a_name_stays_within_its_comment) {
  nodes(1);
  nodes_[0].name = "n-0";
  volume(0, 0);
  placement_[0]["claim"] = "a\nworkload: []";
  EXPECT_THAT(text(sample(1)), Not(HasSubstr("\nworkload: []")));
  loaded(sample(1));
}

}  // namespace fleet_io_test
}  // namespace orrery
