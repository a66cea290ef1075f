// How a fleet stands: what is stranded, whom a death hits, what is waited for, what must hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "models/control/fleet/blast_radius.hpp"
#include "models/control/fleet/fleet_checks.hpp"
#include "models/control/fleet/stranded.hpp"
#include "models/control/fleet/waiting_for.hpp"
#include "tests/models/control/rig.hpp"

namespace orrery::control {
namespace fleet_state_test {

// Two nodes whose CPU is exhausted by a pod each, with nine tenths of their disks free.
class StateCase : public testing::Test {
 protected:
  ControlRig rig;

  void fill(std::string_view disks) {
    rig.plan.disks = *find_disks(disks);
    rig.nodes(2, {.cpu = 4000, .memory = gibibytes(64), .disk = gibibytes(1000)});
    for (int i = 0; i < 2; ++i)
      rig.pod({.cpu = 4000, .memory = gibibytes(16), .claims = {{gibibytes(100), kMustLocal}}});
  }
  Stranded run() {
    Stranded stranded;
    rig.at_end = [&] {
      stranded = stranded_in(rig.plane->context(), rig.plane->scheduler().cache());
    };
    rig.run(seconds(600));
    return stranded;
  }
};

TEST_F(StateCase, disks_beside_exhausted_cpus_are_stranded_where_they_are_not_shared) {
  fill("local_only");
  const Stranded stranded = run();
  EXPECT_EQ(stranded.median.cpu_millis, 4000);
  EXPECT_EQ(stranded.median.disk, gibibytes(100).count());
  ASSERT_EQ(stranded.disk.size(), 1u);
  EXPECT_NEAR(stranded.disk.at("cpu"), 0.9, 1e-3);
  EXPECT_NEAR(stranded.memory.at("cpu"), 0.75, 1e-9);
  EXPECT_EQ(stranded.cpu.at("too little"), 0);
}

TEST_F(StateCase, disks_beside_exhausted_cpus_are_of_use_from_elsewhere_where_they_are_shared) {
  fill("lightpool");
  const Stranded stranded = run();
  EXPECT_NEAR(stranded.disk.at("usable"), 0.9, 1e-3);
}

TEST_F(StateCase, dead_nodes_have_nothing_to_give_and_cordoned_ones_are_stranded_whole) {
  rig.nodes(2, {.cpu = 4000, .disk = Bytes{}});
  rig.node({.cpu = 4000, .disk = Bytes{}, .unschedulable = true});
  rig.die(0, seconds(10));
  const Stranded stranded = run();
  EXPECT_NEAR(stranded.cpu.at("node"), 0.5, 1e-9);
  EXPECT_NEAR(stranded.cpu.at("usable"), 0.5, 1e-9);
}

TEST_F(StateCase, a_death_reaches_the_hosts_of_remote_volumes) {
  rig.node({.labels = {{"is", "host"}}});
  rig.node({.cpu = 0});
  rig.pod({.claims = {{gibibytes(10), kMustRemote}}, .node_selector = {{"is", "host"}}});
  BlastRadius radius;
  rig.at_end = [&] { radius = blast_radius_of(rig.cluster()); };
  rig.run(seconds(600));
  // The host's is felt by itself, the pool's by both, and each by the pod.
  EXPECT_EQ(radius.nodes.mean, 1.5);
  EXPECT_EQ(radius.nodes.most, 2);
  EXPECT_EQ(radius.pods.mean, 1);
}

TEST_F(StateCase, pods_and_volumes_wait_for_what_they_lack) {
  fill("lightpool");
  for (int i = 0; i < 3; ++i) rig.pod({.cpu = 1000, .created = seconds(60)});
  WaitingFor waiting;
  rig.at_end = [&] {
    waiting = waiting_for(rig.plane->scheduler(), rig.plane->volumes().unplaced(),
                          rig.plane->block_store());
  };
  rig.run(seconds(600));
  EXPECT_EQ(waiting, (WaitingFor{{"insufficient cpu", 3}}));
}

TEST_F(StateCase, a_block_store_that_is_full_is_waited_for) {
  rig.plan.disks = *find_disks("ebs");
  rig.nodes(3);
  for (int i = 0; i < 2; ++i) rig.pod({.claims = {{gibibytes(700), kAnywhere}}});
  WaitingFor waiting;
  rig.at_end = [&] {
    waiting = waiting_for(rig.plane->scheduler(), rig.plane->volumes().unplaced(),
                          rig.plane->block_store());
  };
  rig.run(seconds(600));
  EXPECT_EQ(waiting, (WaitingFor{{"block store full", 1}}));
}

TEST_F(StateCase, checks_name_the_nodes_for_which_they_do_not_hold) {
  fill("lightpool");
  const auto broken = [this] {
    std::string all;
    for (const FleetCheck& check : checks_of(rig.plane->context(), rig.plane->migrations()))
      for (const std::string& who : check.broken) all += std::string(check.name) + " " + who + "\n";
    return all;
  };
  rig.at_end = [&] {
    EXPECT_EQ(broken(), "");
    ++rig.cluster().pools.free[1];
    EXPECT_EQ(broken(), "space_conserved node1\n");
    --rig.cluster().pools.free[1];
    --rig.cluster().nodes[0].lv_free;
    EXPECT_EQ(broken(), "volumes_fit node0\n");
    ++rig.cluster().nodes[0].lv_free;
    ++rig.books().recreated;
    EXPECT_EQ(broken(), "pods_conserved pods\n");
  };
  rig.run(seconds(600));
}

TEST(LateMeans, are_those_of_the_second_half) {
  std::vector<FleetSample> samples(4);
  samples[1].cpu_used = 1;
  samples[2].cpu_used = 0.2;
  samples[3].cpu_used = 0.4;
  samples[2].pods = samples[3].pods = 10;
  samples[3].waiting = 5;
  const LateMeans means = late_means(samples);
  EXPECT_NEAR(means.cpu_used, 0.3, 1e-12);
  EXPECT_NEAR(means.waiting, 0.25, 1e-12);
}

}  // namespace fleet_state_test
}  // namespace orrery::control
