// Failures under `network: fluid`: what is on its way to a server that goes down fails or is sent
// again.
#include <gtest/gtest.h>

#include "models/net/fluid.hpp"
#include "scenarios/platform_of.hpp"
#include "scenarios/system.hpp"
#include "sim/simulation.hpp"
#include "tests/integration/cluster.hpp"

namespace orrery {
namespace fluid_failure_test {

struct FluidFailure : testing::Test {
  // Messages of 1 MiB over a stack that gives up after 3 ms, or never sends again.
  explicit FluidFailure(const std::string& stack = "rdma")
      : scenario(scenario_of(kRpc, {"network=fluid", "frontend={stack: " + stack + ", agent: host}",
                                    "profiles={rdma: {timeout: 1ms, give_up: 3ms}}"})),
        simulation(platform_of(scenario)),
        system(simulation.calendar(), simulation.tasks(), scenario) {}

  Task<> write(TimePoint start) {
    co_await Delay(simulation.calendar(), start);
    Io io{Direction::write, 0, Bytes{}, mebibytes(1), 0, Ledger(simulation.now())};
    Task<IoStatus> submitted = system.volumes()[0]->submit(io);
    const IoStatus status = co_await submitted;
    done += status == IoStatus::done;
    failed += status != IoStatus::done;
    last = to_microseconds(simulation.now() - start);
  }
  Task<> set_links(TimePoint when, std::size_t count, bool up) {
    co_await Delay(simulation.calendar(), when);
    Fabric& fabric = *system.fabrics()[0];
    for (std::size_t i = 0; i < count; ++i) fabric.set_link_up(*fabric.links_of(1)[i], up);
  }
  void spawn(Task<> task) { simulation.tasks().spawn(std::move(task)); }
  static TimePoint us(double n) { return kStart + microseconds(n); }

  Scenario scenario;
  Simulation simulation;
  System system;
  int done = 0, failed = 0;
  double last = 0;
};

TEST_F(FluidFailure, a_message_to_a_server_that_stays_down_fails_when_the_stack_gives_up) {
  spawn(write(us(10)));
  spawn(set_links(us(100), 2, false));
  simulation.run(us(20'000));
  EXPECT_EQ(done, 0);
  EXPECT_EQ(failed, 1);
  EXPECT_GE(last, 3'000);
  EXPECT_LE(last, 4'500);
  EXPECT_EQ(system.fabrics()[0]->fluid()->counters().flows_broken, 1);
}

TEST_F(FluidFailure, a_message_is_sent_again_when_the_server_is_back) {
  spawn(write(us(10)));
  spawn(set_links(us(100), 2, false));
  spawn(set_links(us(600), 2, true));
  simulation.run(us(200'000));
  EXPECT_EQ(done, 1);
  EXPECT_EQ(failed, 0);
}

TEST_F(FluidFailure, with_one_link_of_two_left_messages_go_on) {
  spawn(write(us(10)));
  spawn(set_links(us(100), 1, false));
  simulation.run(us(20'000));
  EXPECT_EQ(done, 1);
  EXPECT_LT(last, 500);
}

struct WireFailure : FluidFailure {
  WireFailure() : FluidFailure("wire") {}
};

TEST_F(WireFailure, without_recovery_a_broken_flow_is_a_lost_message) {
  spawn(write(us(10)));
  spawn(set_links(us(100), 2, false));
  simulation.run(us(20'000));
  EXPECT_EQ(failed, 1);
  EXPECT_LT(last, 100);
}

}  // namespace fluid_failure_test
}  // namespace orrery
