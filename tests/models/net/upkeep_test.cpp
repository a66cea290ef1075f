// What connections leave behind: nothing that grows with how long or how often.
#include <gtest/gtest.h>

#include <deque>

#include "tests/linear_time.hpp"
#include "tests/models/net/rig.hpp"

namespace orrery {
namespace upkeep_test {

NetOptions quick_routing() {
  NetOptions options;
  options.adjust = [](FabricProfile& fabric, QueueProfiles&) {
    fabric.convergence = fabric.bond_failover = microseconds(100);
  };
  return options;
}

Task<> keep_sending(Connection& connection, Side from, const bool& is_over) {
  while (!is_over) {
    Channel::Send send = connection.channel(from).send(kibibytes(16));
    co_await send;
  }
}

Task<> flap(Calendar& calendar, Fabric& fabric, int times, int& flaps, bool& is_over) {
  std::vector<Fabric::Link*> links;
  for (Fabric::Link& link : fabric.links()) links.push_back(&link);
  for (; flaps < times; ++flaps) {
    Fabric::Link& link = *links[static_cast<std::size_t>(flaps) % links.size()];
    fabric.set_link_up(link, false);
    co_await Delay(calendar, microseconds(300));
    fabric.set_link_up(link, true);
    co_await Delay(calendar, microseconds(300));
  }
  is_over = true;
}

// Fewer than are let go before somebody looks which of them packets still use.
constexpr std::size_t kFewRoutes = 400;

TEST(Upkeep, routes_are_used_anew_however_often_links_flap) {
  for (const std::string name : {"solar", "luna", "rdma"}) {
    SCOPED_TRACE(name);
    NetRig rig(quick_routing());
    const auto stack = shipped_stack(name);
    const auto connection = rig.connect(*stack);
    bool is_over = false;
    int flaps = 0;
    TaskScope scope;
    scope.spawn(keep_sending(*connection, Side::client, is_over));
    scope.spawn(flap(rig.calendar(), rig.fabric(), 3000, flaps, is_over));
    while (!is_over) {
      rig.calendar().run_until(rig.calendar().now() + milliseconds(100));
      ASSERT_LT(rig.fabric().routes_kept(), kFewRoutes) << flaps;
    }
    EXPECT_EQ(flaps, 3000);
    run_dry(rig.calendar());
  }
}

TEST(Upkeep, routes_are_used_anew_however_often_solar_draws_a_path) {
  NetRig rig;
  const auto stack = shipped_stack("solar");
  const auto connection = rig.connect(*stack);
  for (Fabric::Link* link : rig.fabric().links_of(0))
    drop_if(*link->up, [](const Packet&) { return true; });
  const bool is_over = false;
  TaskScope scope;
  scope.spawn(keep_sending(*connection, Side::client, is_over));
  while (rig.fabric().counters().path_changes < 3000) {
    rig.calendar().run_until(rig.calendar().next_time());
    ASSERT_LT(rig.fabric().routes_kept(), kFewRoutes);
  }
}

TEST(Upkeep, a_connection_that_is_gone_leaves_no_route) {
  NetRig rig;
  const auto stack = shipped_stack("solar");
  for (int i = 0; i < 500; ++i) {
    const auto connection = rig.connect(*stack, 0, 1, static_cast<std::uint16_t>(50000 + 8 * i));
    bool is_over = false;
    TaskScope scope;
    scope.spawn(keep_sending(*connection, Side::client, is_over));
    is_over = true;
    run_dry(rig.calendar());
    EXPECT_TRUE(connection->is_quiet());
  }
  EXPECT_LT(rig.fabric().routes_kept(), kFewRoutes);
}

// What waits in the sender's own NIC, here because PFC holds the port, is not lost: neither is it
// sent again, nor does its connection give up.
TEST(Upkeep, timers_do_not_run_while_the_nic_holds_what_they_wait_for) {
  for (const std::string name : {"kernel_tcp", "luna", "solar", "solar_star", "rdma"}) {
    SCOPED_TRACE(name);
    NetRig rig;
    const auto stack = shipped_stack(name);
    const auto connection = rig.connect(*stack);
    auto each_class = [&](auto what) {
      for (Fabric::Link* link : rig.fabric().links_of(0))
        for (std::size_t c = 0; c < kTrafficClasses; ++c)
          what(*link->up, static_cast<TrafficClass>(c));
    };
    int arrived = 0;
    auto send = [&](Bytes payload) -> Task<> {
      Channel::Send message = connection->channel(Side::client).send(payload);
      const bool done = co_await message;
      arrived += done;
    };
    TaskScope scope;
    scope.spawn(send(kibibytes(64)));
    run_dry(rig.calendar());
    each_class([](Port& port, TrafficClass c) { port.pause(c); });
    for (int i = 0; i < 4; ++i) scope.spawn(send(kibibytes(64)));
    rig.calendar().run_until(kStart + seconds(100));
    rig.calendar().advance_to(kStart + seconds(100));
    each_class([](Port& port, TrafficClass c) { port.resume(c); });
    run_dry(rig.calendar());
    EXPECT_EQ(arrived, 5);
    EXPECT_EQ(rig.fabric().counters().timeouts, 0);
    EXPECT_EQ(rig.fabric().counters().resent, 0);
    EXPECT_EQ(rig.fabric().counters().failures, 0);
  }
}

// None is looked for from the beginning of the queue.
TEST(Upkeep, messages_that_wait_are_called_off_in_the_time_of_their_number) {
  const auto stack = shipped_stack("luna");
  expect_linear(
      [&stack](std::size_t messages) {
        NetRig rig;
        const auto connection = rig.connect(*stack);
        rig.node(1).set_up(false);
        const bool is_over = false;
        TaskScope scope;
        for (std::size_t i = 0; i < messages; ++i)
          scope.spawn(keep_sending(*connection, Side::client, is_over));
        rig.calendar().run_until(kStart + milliseconds(1));
      },
      20'000);
}

}  // namespace upkeep_test
}  // namespace orrery
