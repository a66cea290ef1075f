// RPCs to a server that does nothing else: what a network stack is measured with.
#include "models/ebs/rpc_target.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "models/net/kernel_tcp.hpp"
#include "tests/models/net/rig.hpp"
#include "tests/models/volume/block_volume_contract.hpp"

namespace orrery {
namespace rpc_target_test {

struct RpcRig {
  explicit RpcRig(const std::string& name) : stack(shipped_stack(name)) {
    auto made = net.connect(*stack);
    connection = made.get();
    target = std::make_unique<RpcTarget>("target", gibibytes(1), std::move(made));
  }
  ~RpcRig() { scope.clear(); }
  Calendar& calendar() { return net.calendar(); }
  BlockVolume& volume() { return *target; }

  struct Ended {
    Io io;
    int ends = 0;
    IoStatus status = IoStatus::done;
    TimePoint at{};
  };
  void submit(Ended& ended) { scope.spawn(run(ended)); }
  Task<> run(Ended& ended) {
    ended.io.ledger = Ledger(calendar().now());
    Task<IoStatus> work = target->submit(ended.io);
    ended.status = co_await work;
    ++ended.ends;
    ended.at = calendar().now();
  }
  Ledger alone(Direction direction, Bytes length) {
    Ended ended;
    ended.io.direction = direction;
    ended.io.length = length;
    submit(ended);
    run_dry(calendar());
    EXPECT_EQ(ended.status, IoStatus::done);
    EXPECT_EQ(ended.io.ledger.total(), ended.at - ended.io.ledger.start());
    return ended.io.ledger;
  }
  Duration delivery(Side from, Bytes payload) {
    TimePoint arrived{};
    const TimePoint start = calendar().now();
    scope.spawn(deliver(from, payload, arrived));
    run_dry(calendar());
    return arrived - start;
  }
  Task<> deliver(Side from, Bytes payload, TimePoint& arrived) {
    co_await connection->deliver(from, payload, {});
    arrived = calendar().now();
  }

  NetRig net;
  std::unique_ptr<Stack> stack;
  Connection* connection;
  std::unique_ptr<RpcTarget> target;
  TaskScope scope;
};

struct KernelRig : RpcRig {
  KernelRig() : RpcRig("kernel_tcp") {}
};
struct LunaRig : RpcRig {
  LunaRig() : RpcRig("luna") {}
};
struct SolarRig : RpcRig {
  SolarRig() : RpcRig("solar") {}
};
struct RdmaRig : RpcRig {
  RdmaRig() : RpcRig("rdma") {}
};
struct WireRig : RpcRig {
  WireRig() : RpcRig("wire") {}
};
using Rigs = testing::Types<KernelRig, LunaRig, SolarRig, RdmaRig, WireRig>;
INSTANTIATE_TYPED_TEST_SUITE_P(Rpc, BlockVolumeContract, Rigs);

std::vector<std::string> stack_names() {
  std::vector<std::string> names;
  for (const StackEntry& entry : all_stacks()) names.emplace_back(entry.name);
  return names;
}

class RpcTargetTest : public testing::TestWithParam<std::string> {
 protected:
  RpcTargetTest() : rig_(GetParam()) {}
  // There and back: the sender's work, the message, the receiver's work, both ways.
  Duration sum(Bytes there, Bytes back) {
    Connection& c = *rig_.connection;
    Duration all{};
    for (const auto& [from, payload] : {std::pair{Side::client, there}, {Side::server, back}})
      all += c.send_work(from, payload) + rig_.delivery(from, payload) +
             c.receive_work(other(from), payload);
    return all;
  }
  RpcRig rig_;
};
INSTANTIATE_TEST_SUITE_P(Registry, RpcTargetTest, testing::ValuesIn(stack_names()),
                         [](const auto& info) { return info.param; });

TEST_P(RpcTargetTest, a_read_asks_and_gets_its_bytes) {
  for (const Bytes length : {Bytes{512}, kBlock, kibibytes(12)})
    EXPECT_EQ(rig_.alone(Direction::read, length).total(), sum({}, length)) << length.count();
}

// The answer may find the acknowledgement of the data before it at its NIC port; nothing else holds
// it up.
TEST_P(RpcTargetTest, a_write_sends_its_bytes_and_gets_an_answer) {
  for (const Bytes length : {Bytes{512}, kBlock, kibibytes(12)}) {
    const Duration total = rig_.alone(Direction::write, length).total();
    EXPECT_GE(total, sum(length, {})) << length.count();
    EXPECT_LE(total, sum(length, {}) + Bytes{128} / rig_.net.node(1).profile().nic_rate);
  }
}

TEST_P(RpcTargetTest, is_all_frontend_network) {
  for (const Direction direction : {Direction::read, Direction::write}) {
    const Ledger ledger = rig_.alone(direction, kBlock);
    EXPECT_EQ(ledger.waited(stage::kFrontend) + ledger.served(stage::kFrontend), ledger.total());
  }
}

TEST_P(RpcTargetTest, a_lost_message_fails_its_rpc_once) {
  for (const Direction direction : {Direction::read, Direction::write}) {
    RpcRig rig(GetParam());
    RpcRig::Ended ended;
    ended.io.direction = direction;
    ended.io.length = kBlock;
    rig.submit(ended);
    rig.calendar().run_until(kStart + microseconds(4));
    for (const auto& port : rig.net.fabric().ports()) port->set_up(false);
    run_dry(rig.calendar());
    EXPECT_EQ(ended.ends, 1);
    EXPECT_EQ(ended.status, IoStatus::failed);
  }
}

TEST_P(RpcTargetTest, over_a_closed_connection_fails_at_once) {
  rig_.connection->close();
  RpcRig::Ended ended;
  ended.io.length = kBlock;
  rig_.submit(ended);
  run_dry(rig_.calendar());
  EXPECT_EQ(ended.status, IoStatus::failed);
}

TEST_P(RpcTargetTest, whose_server_goes_down_at_any_moment_ends_every_rpc_once) {
  for (int us = 0; us < 120; us += 11) {
    RpcRig rig(GetParam());
    std::vector<RpcRig::Ended> all(40);
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].io.direction = i % 2 == 0 ? Direction::read : Direction::write;
      all[i].io.length = kibibytes(16);
      rig.submit(all[i]);
    }
    rig.calendar().run_until(kStart + microseconds(us));
    rig.net.node(1).set_up(false);
    run_dry(rig.calendar());
    for (const RpcRig::Ended& ended : all) ASSERT_EQ(ended.ends, 1) << us;
    EXPECT_EQ(rig.scope.size(), 0u);
    rig.net.expect_no_packet_left();
  }
}

TEST_P(RpcTargetTest, can_be_of_any_size_and_keeps_no_snapshots) {
  EXPECT_TRUE(rig_.target->resize(gibibytes(5)));
  EXPECT_EQ(rig_.target->size(), gibibytes(5));
  EXPECT_FALSE(rig_.target->snapshot("before"));
}

// Client and server have one thread each; the client's does all that is not softirq, and binds.
TEST(RpcTarget, one_kernel_thread_sends_as_fast_as_its_core_works) {
  RpcRig rig("kernel_tcp");
  constexpr int kRpcs = 1000;
  const Connection& c = *rig.connection;
  const Duration work = c.send_work(Side::client, kBlock) + c.receive_work(Side::client, {});
  ASSERT_GT(work, kBlock / rig.net.node(0).profile().nic_rate);
  const Duration alone = rig.alone(Direction::write, kBlock).total();
  const TimePoint start = rig.calendar().now();
  std::vector<RpcRig::Ended> all(kRpcs);
  for (RpcRig::Ended& ended : all) {
    ended.io.direction = Direction::write;
    ended.io.length = kBlock;
    rig.submit(ended);
  }
  run_dry(rig.calendar());
  TimePoint last{};
  for (const RpcRig::Ended& ended : all) last = std::max(last, ended.at);
  const Duration took = last - start;
  EXPECT_GE(took, work * kRpcs);
  EXPECT_LE(took, work * kRpcs + alone);
}

}  // namespace rpc_target_test
}  // namespace orrery
