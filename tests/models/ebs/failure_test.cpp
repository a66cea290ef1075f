// What fails: an I/O ends once, as done or as failed, and leaves nothing behind.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

#include "tests/models/ebs/rig.hpp"

namespace orrery {
namespace failure_test {

class Failure : public testing::TestWithParam<Architecture> {
 protected:
  EbsOptions options(int quorum = 3) const {
    EbsOptions options = options_for(GetParam());
    options.quorum = quorum;
    return options;
  }
};
INSTANTIATE_TEST_SUITE_P(Architectures, Failure, testing::ValuesIn(architectures()),
                         [](const auto& info) { return name_of(info.param); });

// Small and split I/Os of both directions over all segments.
void submit_mix(EbsRig& rig) {
  const Bytes segment = rig.options.profile.segment;
  for (std::int64_t i = 0; i < 6; ++i)
    for (const Direction direction : {Direction::read, Direction::write}) {
      const auto queue = static_cast<std::uint32_t>(i);
      rig.submit(direction, segment * i + kBlock, kBlock, queue);
      if (i < 5) rig.submit(direction, segment * (i + 1) - kibibytes(64), kibibytes(256), queue);
    }
}

Node& victim_of(EbsRig& rig, std::size_t number) {
  return number == 0 ? rig.compute() : rig.storage(number - 1);
}

TEST_P(Failure, a_node_that_goes_down_at_any_moment_ends_every_io_once) {
  for (const std::size_t victim : {0, 1, 3})
    for (int us = 0; us < 400; us += 23) {
      EbsRig rig(options());
      submit_mix(rig);
      rig.calendar().run_until(kStart + microseconds(us));
      std::size_t before = 0;
      for (const auto& io : rig.outcomes()) before += io.ends > 0;
      victim_of(rig, victim).set_up(false);
      run_dry(rig.calendar());
      std::size_t failed = 0;
      for (const auto& io : rig.outcomes()) {
        ASSERT_EQ(io.ends, 1) << "victim " << victim << " after " << us << " us";
        failed += io.status == IoStatus::failed;
        if (io.status == IoStatus::done) {
          EXPECT_EQ(io.io.ledger.total(), io.took());
        }
      }
      // Nobody hears of the rest; what crosses the card's links at that moment still reaches guest
      // memory.
      const bool crosses = GetParam().on_dpu && GetParam().stack != "solar";
      if (victim == 0 && !crosses) {
        EXPECT_EQ(failed, rig.outcomes().size() - before);
      }
      rig.expect_nothing_left();

      victim_of(rig, victim).set_up(true);
      for (std::int64_t segment = 0; segment < 6; ++segment)
        for (const Direction direction : {Direction::read, Direction::write})
          EXPECT_EQ(
              rig.alone(direction, rig.options.profile.segment * segment, kibibytes(64)).status,
              IoStatus::done)
              << "after victim " << victim << " came back";
    }
}

// Whether a request was on the wire or inside the server, its caller hears nothing.
TEST_P(Failure, a_server_that_dies_cannot_say_so) {
  for (const std::size_t victim : {1, 3})
    for (int us = 0; us < 400; us += 23) {
      EbsRig rig(options());
      submit_mix(rig);
      const TimePoint death = kStart + microseconds(us);
      rig.calendar().run_until(death);
      victim_of(rig, victim).set_up(false);
      run_dry(rig.calendar());
      for (const auto& io : rig.outcomes()) {
        if (io.status == IoStatus::failed) {
          EXPECT_GT(io.at, death + milliseconds(1)) << "victim " << victim << " after " << us;
        }
      }
      rig.expect_nothing_left();
    }
}

TEST_P(Failure, an_io_to_a_node_that_is_down_fails) {
  EbsOptions some = options();
  some.servers = 5;  // so that segment 1 has nothing to do with server 0
  EbsRig rig(some);
  rig.storage(0).set_up(false);
  for (const Direction direction : {Direction::read, Direction::write}) {
    EXPECT_EQ(rig.alone(direction, {}, kBlock).status, IoStatus::failed);
    // A part of it suffices.
    EXPECT_EQ(rig.alone(direction, rig.options.profile.segment - kBlock, kBlock * 2).status,
              IoStatus::failed);
  }
  EXPECT_EQ(rig.alone(Direction::read, rig.options.profile.segment, kBlock).status, IoStatus::done);
  rig.expect_nothing_left();
}

TEST_P(Failure, a_dead_chunk_server_fails_writes_at_quorum_three_and_not_at_two) {
  for (const int quorum : {2, 3}) {
    EbsRig rig(options(quorum));
    rig.storage(2).set_up(false);  // a replica of segment 0
    EXPECT_EQ(rig.alone(Direction::write, {}, kBlock).status,
              quorum == 2 ? IoStatus::done : IoStatus::failed);
    rig.expect_nothing_left();
  }
}

TEST_P(Failure, a_frontend_connection_that_closes_fails_what_is_on_it_and_what_comes) {
  for (int us = 1; us < 200; us += 13) {
    EbsRig rig(options());
    for (std::int64_t i = 0; i < 8; ++i)
      rig.submit(i % 2 == 0 ? Direction::read : Direction::write, kBlock * i, kibibytes(128));
    rig.calendar().run_until(kStart + microseconds(us));
    for (Connection* connection : rig.frontends()) connection->close();
    run_dry(rig.calendar());
    for (const auto& io : rig.outcomes()) ASSERT_EQ(io.ends, 1);
    if (rig.frontends().empty()) continue;  // still on their way to the agent
    EXPECT_EQ(rig.alone(Direction::write, {}, kBlock).status, IoStatus::failed);
    rig.expect_nothing_left();
  }
}

TEST_P(Failure, a_backend_connection_that_is_closed_is_a_lost_replica) {
  for (const int quorum : {2, 3}) {
    EbsRig rig(options(quorum));
    rig.backend(0, 2).close();
    EXPECT_EQ(rig.alone(Direction::write, {}, kBlock).status,
              quorum == 2 ? IoStatus::done : IoStatus::failed);
    rig.expect_nothing_left();
  }
}

TEST_P(Failure, disks_that_fail_fail_the_io_across_the_network) {
  EbsRig rig(options());
  for (FakeSsd* disk : rig.all_disks()) disk->fails = true;
  for (const Direction direction : {Direction::read, Direction::write})
    EXPECT_EQ(rig.alone(direction, {}, mebibytes(1)).status, IoStatus::failed);
  rig.expect_nothing_left();
}

// Every packet may be lost on its own: an I/O that lost none is done, and none hangs.
TEST_P(Failure, random_loss_fails_ios_and_holds_up_none) {
  const bool passed = rc::check([this] {
    EbsRig rig(options(*rc::gen::inRange(1, 4)));
    const double loss = *rc::gen::inRange(0, 200) / 1000.0;
    RandomStream random(*rc::gen::arbitrary<std::uint64_t>(), "loss");
    std::int64_t lost = 0;
    for (Fabric* fabric : {&rig.frontend_fabric(), &rig.backend_fabric()})
      for (const auto& port : fabric->ports())
        drop_if(*port, [&random, &lost, loss](const Packet&) {
          const bool drop = random.chance(loss);
          lost += drop;
          return drop;
        });
    submit_mix(rig);
    run_dry(rig.calendar());
    std::size_t failed = 0;
    for (const auto& io : rig.outcomes()) {
      RC_ASSERT(io.ends == 1);
      failed += io.status == IoStatus::failed;
    }
    RC_ASSERT(lost > 0 || failed == 0);
    rig.expect_nothing_left();
    for (Fabric* fabric : {&rig.frontend_fabric(), &rig.backend_fabric()})
      for (const auto& port : fabric->ports()) port->set_filter({});
    RC_ASSERT((rig.alone(Direction::write, {}, mebibytes(1)).status == IoStatus::done));
  });
  EXPECT_TRUE(passed);
}

}  // namespace failure_test
}  // namespace orrery
