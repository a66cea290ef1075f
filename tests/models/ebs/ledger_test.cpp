// Where an I/O's time went: for every architecture, direction and size, alone or in a crowd, the
// stages' waits and services are its latency, to the picosecond.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/models/ebs/rig.hpp"

namespace orrery {
namespace ledger_test {

class LedgerOf : public testing::TestWithParam<Architecture> {};
INSTANTIATE_TEST_SUITE_P(Architectures, LedgerOf, testing::ValuesIn(architectures()),
                         [](const auto& info) { return name_of(info.param); });

Task<> submit_at(EbsRig* rig, TimePoint when, Direction direction, Bytes offset, Bytes length,
                 std::uint32_t queue) {
  co_await Delay(rig->calendar(), when);
  rig->submit(direction, offset, length, queue);
}

TEST_P(LedgerOf, an_io_adds_up_to_its_latency_whatever_goes_on) {
  const bool passed = rc::check([this] {
    EbsOptions some = options_for(GetParam());
    some.backend = *rc::gen::element<std::string>("rdma", "luna", "kernel_tcp");
    some.quorum = *rc::gen::inRange(1, 4);
    some.encrypted = *rc::gen::arbitrary<bool>();
    some.profile.poll_interval = microseconds(*rc::gen::element(0, 8));
    if (*rc::gen::arbitrary<bool>())
      some.limits = {Iops{50'000}, megabytes_per_second(2000), microseconds(100)};
    EbsRig rig(some);
    const int ios = *rc::gen::inRange(1, 40);
    for (int i = 0; i < ios; ++i) {
      const TimePoint when = kStart + nanoseconds(*rc::gen::inRange(0, 200'000));
      const auto direction = *rc::gen::element(Direction::read, Direction::write);
      const Bytes length = Bytes{512} * *rc::gen::inRange(1, 1025);
      const Bytes offset = Bytes{512} * *rc::gen::inRange<std::int64_t>(
                                            0, (rig.volume().size() - length) / Bytes{512} + 1);
      rig.scope().spawn(submit_at(&rig, when, direction, offset, length,
                                  *rc::gen::inRange<std::uint32_t>(0, 16)));
    }
    run_dry(rig.calendar());
    RC_ASSERT(rig.outcomes().size() == static_cast<std::size_t>(ios));
    for (const auto& io : rig.outcomes()) {
      RC_ASSERT(io.ends == 1);
      RC_ASSERT((io.status == IoStatus::done));
      const Ledger& ledger = io.io.ledger;
      RC_ASSERT(ledger.total() == io.took());
      Duration sum{};
      for (StageId s = 0; s < stage::kCount; ++s) {
        RC_ASSERT(ledger.waited(s) >= Duration{});
        RC_ASSERT(ledger.served(s) >= Duration{});
        sum += ledger.waited(s) + ledger.served(s);
      }
      RC_ASSERT(sum == io.took());
      // What every I/O passes, and what none does here.
      for (const StageId s : {stage::kAgent, stage::kFrontend, stage::kBlockServer, stage::kBackend,
                              stage::kChunkServer, stage::kSsd})
        RC_ASSERT(ledger.served(s) > Duration{});
      RC_ASSERT(io.in(stage::kGuest) + io.in(stage::kBacklog) == Duration{});
      RC_ASSERT((io.in(stage::kPcie) > Duration{}) == GetParam().on_dpu);
    }
    rig.expect_nothing_left();
  });
  EXPECT_TRUE(passed);
}

TEST_P(LedgerOf, an_io_in_a_crowd_works_as_long_as_one_alone_and_waits_on_top) {
  EbsOptions some = options_for(GetParam());
  some.replicas = 1;  // nothing forks
  some.quorum = 1;
  for (const Direction direction : {Direction::write, Direction::read}) {
    EbsRig rig(some);
    const Ledger alone = rig.alone(direction, {}, kBlock).io.ledger;
    const std::size_t first = rig.outcomes().size();
    for (std::uint32_t i = 0; i < 100; ++i) rig.submit(direction, kBlock * i, kBlock, i);
    run_dry(rig.calendar());
    Duration waited{};
    for (std::size_t i = first; i < rig.outcomes().size(); ++i) {
      const Ledger& ledger = rig.outcomes()[i].io.ledger;
      for (const StageId s :
           {stage::kAgent, stage::kPcie, stage::kBlockServer, stage::kChunkServer, stage::kSsd})
        EXPECT_EQ(ledger.served(s), alone.served(s)) << kStageNames[s];
      EXPECT_GE(ledger.total(), alone.total());
      waited += ledger.waited(stage::kFrontend) + ledger.waited(stage::kBackend) +
                ledger.waited(stage::kAgent);
    }
    EXPECT_GT(waited, Duration{});
  }
}

}  // namespace ledger_test
}  // namespace orrery
