// What runs, lies and waits already when a run begins, in the state in which others left it.
#include <gtest/gtest.h>

#include <algorithm>

#include "models/control/fleet/turns.hpp"
#include "tests/models/control/rig.hpp"

namespace orrery::control {
namespace fleet_before_test {

class BeforeCase : public testing::Test {
 public:
  std::string waiting_for_a_volume_on(const std::string& node, Bytes size, std::uint32_t of,
                                      const Selector& selector = {}) {
    const std::string name = rig.pod({.claims = {{size, of}}, .node_selector = selector});
    rig.demand.pods.back().claims.front().lies_on = node;
    return name;
  }
  std::int64_t least_free() {
    const auto& free = rig.cluster().pools.free;
    return *std::min_element(free.begin(), free.end());
  }
  ControlRig rig;
};

TEST_F(BeforeCase, a_cordon_is_for_those_who_do_not_tolerate_it) {
  rig.node({.unschedulable = true});
  const auto plain = rig.pod({});
  const auto daemon = rig.pod({.tolerations = {"node.kubernetes.io/unschedulable:NoSchedule"}});
  const auto other = rig.pod({.tolerations = {"node.kubernetes.io/unschedulable:NoExecute"}});
  rig.run(seconds(100));
  EXPECT_EQ(rig.state(plain).phase, PodPhase::pending);
  EXPECT_FALSE(rig.state(plain).impossible);
  EXPECT_EQ(rig.state(daemon).phase, PodPhase::running);
  EXPECT_EQ(rig.state(other).phase, PodPhase::pending);
}

TEST_F(BeforeCase, a_lost_node_keeps_off_whom_its_taints_keep_off) {
  rig.node();
  rig.die(0, seconds(10), {}, false);
  const auto plain = rig.pod({.created = seconds(200)});
  const auto half = rig.pod(
      {.created = seconds(200), .tolerations = {"node.kubernetes.io/unreachable:NoSchedule"}});
  const auto daemon =
      rig.pod({.created = seconds(200), .tolerations = {"node.kubernetes.io/unreachable"}});
  rig.run(seconds(300));
  EXPECT_EQ(rig.state(plain).phase, PodPhase::pending);
  EXPECT_EQ(rig.state(half).phase, PodPhase::pending);
  EXPECT_EQ(rig.state(daemon).phase, PodPhase::starting);  // bound, and nobody starts it
}

TEST_F(BeforeCase, who_outlasts_the_loss_of_a_node_is_not_evicted_from_it) {
  rig.nodes(6);
  const auto plain = rig.pod({.node = "node0"});
  const auto daemon = rig.pod({.node = "node0"});
  rig.demand.pods.back().outlasts_loss = true;
  rig.die(0, seconds(10), {}, false);
  rig.run(seconds(2000));
  EXPECT_EQ(rig.books().evicted, 1);
  EXPECT_EQ(rig.state(daemon).node, 0u);
  EXPECT_EQ(rig.state(daemon).generation, 0u);
  EXPECT_NE(rig.state(plain).node, 0u);
  EXPECT_EQ(rig.state(plain).phase, PodPhase::running);
}

TEST_F(BeforeCase, what_a_pod_does_not_ask_for_may_be_overfull) {
  rig.node({.cpu = 8000, .memory = gibibytes(8)});
  rig.pod({.cpu = 9000, .memory = gibibytes(1), .node = "node0"});
  const auto nothing = rig.pod({.cpu = 0, .memory = Bytes{}});
  const auto memory = rig.pod({.cpu = 0, .memory = gibibytes(1)});
  const auto cpu = rig.pod({.cpu = 1, .memory = Bytes{}});
  rig.run(seconds(100));
  EXPECT_EQ(rig.state(nothing).phase, PodPhase::running);
  EXPECT_EQ(rig.state(memory).phase, PodPhase::running);
  EXPECT_EQ(rig.state(cpu).phase, PodPhase::pending);
}

TEST_F(BeforeCase, volumes_without_room_where_their_pods_run_lie_elsewhere_or_nowhere) {
  rig.nodes(2);
  rig.node({.disk = Bytes{}});
  rig.pod({.claims = {{gibibytes(900), kAnywhere}}, .node = "node0"});
  const auto moved = rig.pod({.claims = {{gibibytes(500), kMustLocal}}, .node = "node0"});
  const auto homeless = rig.pod({.claims = {{gibibytes(2000), kAnywhere}}, .node = "node1"});
  const auto without_pool = rig.pod({.claims = {{gibibytes(400), kAnywhere}}, .node = "node2"});
  rig.run(seconds(3000));
  EXPECT_EQ(rig.volume(moved).booking.pool, 1u);
  EXPECT_EQ(rig.volume(without_pool).booking.pool, 1u);
  EXPECT_TRUE(rig.state(homeless).volumes.empty());
  EXPECT_EQ(rig.books().volumes_moved, 2);
  EXPECT_EQ(rig.books().volumes_left_out, 1);
  for (const auto& pod : {moved, homeless, without_pool})
    EXPECT_EQ(rig.state(pod).phase, PodPhase::running);
  EXPECT_GE(least_free(), 0);
  EXPECT_LE(rig.plane->sampling().now().disk_used, 1);
}

TEST_F(BeforeCase, a_volume_that_is_there_keeps_the_pod_that_needs_it_local) {
  for (const Policy& policy : all_policies()) {
    const auto figures = in_child([&policy] {
      ControlRig own;
      own.plan.policy = policy;
      own.nodes(3);
      const std::string name = own.pod({.claims = {{gibibytes(900), kMustLocal}}});
      own.demand.pods.back().claims.front().lies_on = "node1";
      own.run(seconds(100));
      own.expect_sound();
      const PodRecord& pod = own.state(name);
      return std::vector<double>{static_cast<double>(pod.phase == PodPhase::running),
                                 static_cast<double>(pod.node),
                                 static_cast<double>(own.volume(name).booking.pool),
                                 static_cast<double>(own.cluster().pools.volumes[1])};
    });
    EXPECT_EQ(figures, (std::vector<double>{1, 1, 1, 1})) << policy.name;
  }
}

TEST_F(BeforeCase, a_pod_waits_for_the_node_on_which_its_local_volume_lies) {
  rig.node();
  rig.node({.unschedulable = true});
  const auto pod = waiting_for_a_volume_on("node1", gibibytes(500), kMustLocal);
  rig.run(seconds(100));
  EXPECT_EQ(rig.state(pod).phase, PodPhase::pending);
  EXPECT_FALSE(rig.state(pod).impossible);
  EXPECT_EQ(rig.volume(pod).booking.pool, 1u);
  EXPECT_EQ(rig.cluster().pools.free[0], rig.cluster().pools.capacity[0]);
}

TEST_F(BeforeCase, a_pod_runs_nowhere_whose_local_volumes_lie_on_several_nodes) {
  rig.nodes(2);
  const auto pod = rig.pod({.claims = {{gibibytes(5), kMustLocal}, {gibibytes(5), kMustLocal}}});
  rig.demand.pods.back().claims[0].lies_on = "node0";
  rig.demand.pods.back().claims[1].lies_on = "node1";
  rig.run(seconds(100));
  EXPECT_TRUE(rig.state(pod).impossible);
  rig.expect_sound();
}

TEST_F(BeforeCase, a_volume_that_may_be_remote_stays_where_it_lies) {
  rig.node({.labels = {{"here", "yes"}}});
  rig.node();
  const auto pod = waiting_for_a_volume_on("node1", gibibytes(500), kAnywhere, {{"here", "yes"}});
  rig.run(seconds(100));
  EXPECT_EQ(rig.state(pod).phase, PodPhase::running);
  EXPECT_EQ(rig.state(pod).node, 0u);
  EXPECT_EQ(rig.volume(pod).booking.pool, 1u);
  EXPECT_TRUE(rig.volume(pod).is_remote());
  rig.expect_sound();
}

TEST(Turns, saturate_where_the_clock_ends) {
  EXPECT_EQ(next_turn(kStart, seconds(1e6), kNever), kNever);
  EXPECT_EQ(next_turn(after(kStart, seconds(5)), seconds(10), after(kStart, seconds(20))),
            after(kStart, seconds(25)));
}

}  // namespace fleet_before_test
}  // namespace orrery::control
