// API server and kube-scheduler of a fleet.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/models/control/rig.hpp"

namespace orrery::control {
namespace fleet_scheduler_test {

// ---- the API server

class ApiCase : public testing::Test {
 public:
  ApiCase() { rig.node(); }

  Task<> write(ApiClient& client, std::vector<TimePoint>& commits, std::vector<TimePoint>& ends) {
    co_await client.commit();
    commits.push_back(rig.now());
    co_await client.answer();
    ends.push_back(rig.now());
  }
  Task<> read(ApiClient& client, std::vector<TimePoint>& ends) {
    co_await client.read();
    ends.push_back(rig.now());
  }

  ControlRig rig;
  std::vector<TimePoint> commits, ends;
};

TEST_F(ApiCase, a_request_takes_between_the_fastest_and_the_slowest_and_a_write_its_commit) {
  rig.start();
  ApiClient client(*rig.simulation, rig.plane->api(), 1e9, 1 << 20);
  std::vector<Duration> reads, writes;
  for (int i = 0; i < 200; ++i) {
    rig.plane->context().spawn([](ApiCase* self, ApiClient* api, std::vector<Duration>* r,
                                  std::vector<Duration>* w, Duration when) -> Task<> {
      co_await Delay(self->rig.plane->context().calendar, when);
      const TimePoint begun = self->rig.now();
      co_await api->read();
      r->push_back(self->rig.now() - begun);
      const TimePoint then = self->rig.now();
      co_await api->commit();
      co_await api->answer();
      w->push_back(self->rig.now() - then);
    }(this, &client, &reads, &writes, milliseconds(200.0 * i)));
  }
  rig.simulation->run(after(kStart, seconds(60)));
  ASSERT_EQ(reads.size(), 200u);
  ASSERT_EQ(writes.size(), 200u);
  const Duration rounding = nanoseconds(2);  // an actor's clock is a double
  EXPECT_GE(*std::min_element(reads.begin(), reads.end()), rig.plan.kube.api_fastest);
  EXPECT_LE(*std::max_element(reads.begin(), reads.end()), rig.plan.kube.api_slowest);
  EXPECT_GE(*std::min_element(writes.begin(), writes.end()) + rounding,
            rig.plan.kube.api_fastest + rig.plan.kube.api_commit);
  EXPECT_LE(*std::max_element(writes.begin(), writes.end()),
            rig.plan.kube.api_slowest + rig.plan.kube.api_commit + rounding);
}

TEST_F(ApiCase, writes_are_committed_one_after_the_other_in_order_of_arrival) {
  rig.plan.kube.api_fastest = rig.plan.kube.api_slowest = milliseconds(20);
  rig.start();
  ApiClient client(*rig.simulation, rig.plane->api(), 1e9, 1 << 20);
  for (int i = 0; i < 100; ++i) rig.plane->context().spawn(write(client, commits, ends));
  rig.simulation->run(after(kStart, seconds(10)));
  ASSERT_EQ(ends.size(), 100u);
  const Duration commit = rig.plan.kube.api_commit;
  for (std::size_t i = 0; i < commits.size(); ++i)
    EXPECT_NEAR(to_seconds(commits[i]), 0.010 + to_seconds(commit) * static_cast<double>(i + 1),
                1e-8);
  EXPECT_EQ(rig.plane->api().commits(), 100u);
}

TEST_F(ApiCase, a_client_sends_as_many_as_it_has_saved_and_then_at_its_rate) {
  rig.plan.kube.api_fastest = rig.plan.kube.api_slowest = milliseconds(20);
  rig.start();
  ApiClient client(*rig.simulation, rig.plane->api(), 50, 100);
  for (int i = 0; i < 200; ++i) rig.plane->context().spawn(read(client, ends));
  rig.simulation->run(after(kStart, seconds(10)));
  ASSERT_EQ(ends.size(), 200u);
  EXPECT_NEAR(to_seconds(ends[99]), 0.020, 1e-9);
  EXPECT_NEAR(to_seconds(ends[100]), 0.040, 1e-6);
  EXPECT_NEAR(to_seconds(ends[199]), 0.020 + 2.0, 1e-6);
}

TEST_F(ApiCase, a_write_that_is_given_up_while_it_waits_changes_nothing) {
  rig.plan.kube.api_fastest = rig.plan.kube.api_slowest = milliseconds(20);
  rig.plan.kube.api_commit = milliseconds(1);
  rig.start();
  ApiClient client(*rig.simulation, rig.plane->api(), 1e9, 1 << 20);
  TaskScope given_up;
  std::vector<TimePoint> never;
  rig.plane->context().spawn(write(client, commits, ends));
  for (int i = 0; i < 5; ++i) given_up.spawn(write(client, never, never));
  rig.plane->context().spawn(write(client, commits, ends));
  rig.plane->context().spawn([](ControlRig* r, TaskScope* scope) -> Task<> {
    co_await Delay(r->plane->context().calendar, milliseconds(12.5));
    scope->clear();
  }(&rig, &given_up));
  rig.simulation->run(after(kStart, seconds(1)));
  // Two of the five were committed before they were given up.
  EXPECT_LE(never.size(), 2u);
  ASSERT_EQ(ends.size(), 2u);
  EXPECT_LE(commits[1], after(kStart, milliseconds(17.001)));
}

// ---- kube-scheduler

// Requests that take no time and whose commits take none: what is left is the scheduler's own.
class SchedulerCase : public testing::Test {
 public:
  SchedulerCase() { rig.make_requests_instant(); }
  double bound_after(const std::string& pod) {
    return to_seconds(rig.state(pod).bound - rig.state(pod).created);
  }
  ControlRig rig;
};

TEST_F(SchedulerCase, a_burst_is_bound_one_cycle_after_the_other) {
  rig.nodes(5000);
  for (int i = 0; i < 100; ++i) rig.pod({.created = seconds(10)});
  rig.run(seconds(20));
  // scheduler_perf SchedulingBasic, 5,000 nodes: 680 pods/s are 1.47 ms each.
  for (int i = 0; i < 100; ++i)
    EXPECT_NEAR(bound_after("ns/pod" + std::to_string(i)), 1.47e-3 * (i + 1), 1e-5) << i;
}

TEST_F(SchedulerCase, claims_and_extended_resources_cost_a_cycle_more) {
  rig.nodes(5000);
  rig.plan.policy = *find_policy("extended_resource");
  rig.pod({.claims = {{gibibytes(1), kAnywhere}}, .created = seconds(10)});
  rig.pod({.claims = {{gibibytes(1), kMustLocal}}, .created = seconds(20)});
  double volumes = 0, extended = 0;
  rig.at_end = [&] {
    volumes = bound_after("ns/pod0");
    extended = bound_after("ns/pod1");
  };
  rig.run(seconds(30));
  EXPECT_NEAR(volumes, 10e-3, 1e-5);  // 100 pods/s
  EXPECT_NEAR(extended, 10e-3 + 4.085e-3, 1e-5);
}

struct Visited {
  std::int64_t visited, feasible;
};
Visited visited_of(int nodes) {
  ControlRig rig;
  rig.make_requests_instant();
  rig.nodes(nodes);
  rig.pod({.created = seconds(10)});
  PodExplanation told;
  rig.start();
  rig.plane->scheduler().explain("ns/pod0", &told);
  rig.simulation->run(after(kStart, seconds(20)));
  EXPECT_TRUE(told.found);
  return {told.visited, told.feasible};
}

TEST_F(SchedulerCase, looks_until_500_of_5000_nodes_are_feasible) {
  EXPECT_EQ(visited_of(5000).visited, 500);
}
TEST_F(SchedulerCase, looks_until_425_of_8500_nodes_are_feasible) {
  EXPECT_EQ(visited_of(8500).visited, 425);
}
TEST_F(SchedulerCase, looks_at_all_of_fewer_than_100_nodes) {
  EXPECT_EQ(visited_of(99).visited, 99);
}

TEST_F(SchedulerCase, begins_where_the_last_cycle_ended) {
  rig.nodes(1000);  // 420 are enough
  for (int i = 0; i < 3; ++i) rig.pod({.created = seconds(10)});
  rig.run(seconds(20));
  EXPECT_LT(rig.state("ns/pod0").node, 420u);
  EXPECT_GE(rig.state("ns/pod1").node, 420u);
  EXPECT_LT(rig.state("ns/pod1").node, 840u);
  const NodeId third = rig.state("ns/pod2").node;
  EXPECT_TRUE(third >= 840 || third < 260) << third;
}

TEST_F(SchedulerCase, takes_an_only_feasible_node_without_scores) {
  rig.nodes(3);
  rig.node({.labels = {{"zone", "b"}}});
  rig.pod({.created = seconds(1), .node_selector = {{"zone", "b"}}});
  rig.run(seconds(5));
  EXPECT_EQ(rig.state("ns/pod0").node, 3u);
}

TEST_F(SchedulerCase, prefers_the_emptier_node) {
  rig.nodes(2);
  rig.pod({.cpu = 32'000, .memory = gibibytes(256), .node = "node0"});
  rig.pod({.created = seconds(1)});
  rig.run(seconds(5));
  EXPECT_EQ(rig.state("ns/pod1").node, 1u);
}

TEST_F(SchedulerCase, an_unschedulable_pod_is_not_tried_before_a_node_has_room) {
  rig.node({.cpu = 4000});
  rig.pod({.cpu = 4000, .created = seconds(1), .lifetime = seconds(1000)});
  rig.pod({.cpu = 2000, .created = seconds(10)});
  std::int64_t attempts_before = 0;
  rig.at(seconds(999), [&] { attempts_before = rig.books().attempts; });
  rig.run(seconds(1100));
  EXPECT_EQ(attempts_before, 2);
  EXPECT_EQ(rig.books().attempts, 3);
  EXPECT_EQ(rig.books().failed_attempts, 1);
  EXPECT_EQ(rig.state("ns/pod1").phase, PodPhase::running);
  // Its first back-off is long over.
  EXPECT_NEAR(to_seconds(rig.state("ns/pod1").bound), 1001, 0.1);
  EXPECT_EQ(rig.plane->scheduler().waiting(), 0u);
}

TEST_F(SchedulerCase, backs_off_for_1_2_4_8_and_10_seconds_after_an_attempt) {
  // Room of 1000 comes every 100 ms and is taken by nobody: the pod needs 3000 of CPU and the hint
  // sees that; so what comes is room for it that is gone again when it is tried.
  rig.node({.cpu = 4000});
  rig.pod({.cpu = 4000, .created = seconds(1)});
  rig.pod({.cpu = 3000, .created = seconds(10)});
  std::vector<double> tried;
  for (int i = 0; i < 4000; ++i)
    rig.at(seconds(20 + 0.01 * i), [&] {
      // A cordon that is lifted and laid again: the node might take it for an instant.
      auto& cache = const_cast<SchedulerCache&>(rig.plane->scheduler().cache());
      cache.cpu_requested[0] -= 4000;
      rig.plane->scheduler().node_is(0, false, false);
      cache.cpu_requested[0] += 4000;
      const double at = to_seconds(rig.state("ns/pod1").tried);
      if (tried.empty() || tried.back() != at) tried.push_back(at);
    });
  rig.run(seconds(61));
  ASSERT_GE(tried.size(), 6u);
  EXPECT_NEAR(tried[0], 10, 0.01);
  EXPECT_NEAR(tried[1], 20, 0.02);  // 1 s have passed long ago
  for (const auto& [attempt, wait] : {std::pair{2, 2.0}, {3, 4.0}, {4, 8.0}, {5, 10.0}})
    EXPECT_NEAR(
        tried[static_cast<std::size_t>(attempt)] - tried[static_cast<std::size_t>(attempt) - 1],
        wait, 0.02)
        << attempt;
}

TEST_F(SchedulerCase, room_that_comes_during_a_cycle_is_not_overlooked) {
  rig.node({.cpu = 4000});
  rig.plan.kube.cycle = seconds(10);
  rig.pod({.cpu = 4000, .lifetime = seconds(105), .node = "node0"});
  rig.pod({.cpu = 2000, .created = seconds(100)});
  rig.run(seconds(300));
  EXPECT_EQ(rig.state("ns/pod1").phase, PodPhase::running);
  EXPECT_EQ(rig.books().attempts, 2);
}

TEST_F(SchedulerCase, an_impossible_pod_is_counted_once_and_never_tried_again) {
  rig.nodes(3);
  rig.pod({.cpu = 65'000, .created = seconds(1)});
  rig.pod({.claims = {{gibibytes(600), kMustLocal}, {gibibytes(600), kMustLocal}},
           .created = seconds(1)});
  rig.pod({.created = seconds(1), .node_selector = {{"zone", "none"}}});
  std::vector<std::pair<Bytes, std::uint32_t>> many(21, {gibibytes(1), kAnywhere});
  rig.pod({.claims = many, .created = seconds(1)});
  for (int i = 0; i < 20; ++i)
    rig.pod({.created = seconds(20 + i), .lifetime = seconds(5)});  // room comes again and again
  rig.run(seconds(100));
  EXPECT_EQ(rig.books().impossible, 4);
  EXPECT_EQ(rig.books().failed_attempts, 4);
  EXPECT_EQ(rig.books().attempts, 24);
}

TEST_F(SchedulerCase, a_pod_that_tolerates_no_node_is_impossible) {
  rig.nodes(2, {.taints = {"dedicated"}});
  rig.pod({.created = seconds(1)});
  rig.pod({.created = seconds(1), .tolerations = {"dedicated"}});
  rig.run(seconds(10));
  EXPECT_EQ(rig.books().impossible, 1);
  EXPECT_EQ(rig.state("ns/pod1").phase, PodPhase::running);
}

TEST_F(SchedulerCase, nodes_that_are_cordoned_tainted_or_of_another_kind_are_not_chosen) {
  rig.node({.unschedulable = true});
  rig.node({.taints = {"dedicated"}});
  rig.node({.labels = {{"zone", "a"}}});
  rig.node({.labels = {{"zone", "b"}}});
  for (int i = 0; i < 20; ++i) rig.pod({.created = seconds(1)});
  for (int i = 0; i < 5; ++i) rig.pod({.created = seconds(2), .node_selector = {{"zone", "b"}}});
  rig.run(seconds(10));
  for (int i = 0; i < 25; ++i) {
    const NodeId node = rig.state("ns/pod" + std::to_string(i)).node;
    EXPECT_GE(node, i < 20 ? 2u : 3u);
    EXPECT_LE(node, 3u);
  }
}

TEST_F(SchedulerCase, a_lost_node_is_not_chosen_any_more) {
  rig.nodes(2);
  rig.die(0, seconds(100));
  for (int i = 0; i < 10; ++i) rig.pod({.created = seconds(170)});
  rig.run(seconds(200));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(rig.state("ns/pod" + std::to_string(i)).node, 1u);
}

TEST_F(SchedulerCase, no_more_pods_of_an_app_share_a_node_than_allowed) {
  rig.nodes(3);
  for (int i = 0; i < 7; ++i) rig.pod({.created = seconds(1), .max_per_node = 2});
  rig.run(seconds(10));
  std::map<NodeId, int> on;
  for (int i = 0; i < 7; ++i) ++on[rig.state("ns/pod" + std::to_string(i)).node];
  EXPECT_EQ(on[0], 2);
  EXPECT_EQ(on[1], 2);
  EXPECT_EQ(on[2], 2);
  EXPECT_EQ(on[kNoNode], 1);
}

TEST_F(SchedulerCase, a_node_takes_20_volumes) {
  rig.node();
  for (int i = 0; i < 12; ++i)
    rig.pod({.claims = {{gibibytes(1), kMustLocal}, {gibibytes(1), kMustLocal}},
             .created = seconds(1)});
  rig.run(seconds(20));
  EXPECT_EQ(rig.cluster().nodes[0].pods.size(), 10u);
  EXPECT_EQ(rig.plane->scheduler().unschedulable(), 2u);
}

TEST_F(SchedulerCase, a_node_takes_no_more_pods_than_its_kubelet_does) {
  rig.nodes(2, {.max_pods = 3});
  for (int i = 0; i < 7; ++i) rig.pod({.cpu = 1, .created = seconds(1)});
  rig.at_end = [&] {
    EXPECT_EQ(rig.plane->scheduler().limits(),
              (std::map<std::string, std::int64_t>{{"too many pods", 1}}));
  };
  rig.run(seconds(20));
  EXPECT_EQ(rig.cluster().nodes[0].pods.size(), 3u);
  EXPECT_EQ(rig.cluster().nodes[1].pods.size(), 3u);
}

TEST_F(SchedulerCase, other_resources_are_given_out_by_name) {
  rig.demand.resources = {"nvidia.com/gpu"};
  rig.nodes(2);
  rig.demand.nodes[1].resources = {{0, 4}};
  for (int i = 0; i < 6; ++i) rig.pod({.created = seconds(1)});
  const auto asking = [](std::int64_t amount) {
    PodRules rules;
    rules.resources = {{0, amount}};
    return std::make_shared<const PodRules>(std::move(rules));
  };
  for (int i = 0; i < 5; ++i) rig.demand.pods[i].rules = asking(i < 4 ? 2 : 5);
  rig.run(seconds(20));
  EXPECT_EQ(rig.books().impossible, 1);
  EXPECT_EQ(rig.plane->scheduler().unschedulable(), 2u);
  EXPECT_EQ(rig.state("ns/pod0").node, 1u);
  EXPECT_EQ(rig.state("ns/pod1").node, 1u);
  EXPECT_EQ(rig.state("ns/pod5").phase, PodPhase::running);
}

TEST_F(SchedulerCase, required_node_affinity_is_obeyed) {
  rig.node({.labels = {{"size", "3"}}});
  rig.node({.labels = {{"size", "8"}}});
  for (int i = 0; i < 4; ++i) rig.pod({.created = seconds(1)});
  const auto wanting = [](LabelRule rule) {
    PodRules rules;
    rules.affinity = {{std::move(rule)}};
    return std::make_shared<const PodRules>(std::move(rules));
  };
  rig.demand.pods[0].rules = wanting({"size", LabelRule::Is::greater, {"5"}});
  rig.demand.pods[1].rules = wanting({"size", LabelRule::Is::less, {"5"}});
  rig.demand.pods[2].rules = wanting({"metadata.name", LabelRule::Is::in, {"node1"}, true});
  rig.demand.pods[3].rules = wanting({"zone", LabelRule::Is::there, {}});
  rig.run(seconds(20));
  EXPECT_EQ(rig.state("ns/pod0").node, 1u);
  EXPECT_EQ(rig.state("ns/pod1").node, 0u);
  EXPECT_EQ(rig.state("ns/pod2").node, 1u);
  EXPECT_TRUE(rig.state("ns/pod3").impossible);
}

TEST_F(SchedulerCase, a_taint_is_tolerated_by_its_key_value_and_effect) {
  rig.node({.cpu = 2000, .taints = {"dedicated=db:NoExecute"}});
  for (const char* toleration : {"dedicated:NoSchedule", "dedicated=web", "dedicated=db"})
    rig.pod({.created = seconds(1), .tolerations = {toleration}});
  rig.run(seconds(20));
  EXPECT_EQ(rig.books().impossible, 2);
  EXPECT_EQ(rig.state("ns/pod2").phase, PodPhase::running);
}

// Room for one makes no thousand pods try, and nobody who could run is overlooked.
TEST_F(SchedulerCase, a_long_queue_is_served_in_turn_and_costs_few_attempts) {
  rig.nodes(1, {.cpu = 4000});
  for (int i = 0; i < 1000; ++i)
    rig.pod({.cpu = 1000, .created = seconds(1), .lifetime = seconds(50000)});
  for (int i = 0; i < 4; ++i) rig.demand.pods[i].lifetime = seconds(1000 + 1000 * i);
  rig.at(seconds(7000), [&] {
    std::size_t running = 0;
    for (const PodRecord& pod : rig.cluster().pods) running += rig.cluster().runs(pod) ? 1 : 0;
    EXPECT_EQ(running, 4u);
  });
  rig.run(seconds(8000));
  EXPECT_EQ(rig.books().deleted, 4);
  EXPECT_LT(rig.books().attempts, 1000 + 5 * 2 * static_cast<std::int64_t>(Backlog::kMostOut));
}

TEST_F(SchedulerCase, a_pod_deleted_while_it_waits_or_is_bound_leaves_nothing_behind) {
  rig.plan.kube = profile_named<KubernetesProfile>("kubernetes");
  rig.nodes(2, {.cpu = 4000});
  rig.plan.policy = *find_policy("plugin");
  for (int i = 0; i < 300; ++i)
    rig.pod({.cpu = 1000,
             .claims = {{gibibytes(10), kMustLocal}, {gibibytes(10), kAnywhere}},
             .created = milliseconds(1000 + 50.0 * i),
             .lifetime = milliseconds(7.0 * i)});
  rig.at_end = [&] {
    rig.expect_sound();
    rig.expect_empty();
  };
  rig.run(seconds(200));
  EXPECT_EQ(rig.books().deleted, 300);
}

}  // namespace fleet_scheduler_test
}  // namespace orrery::control
