// A PCIe link: goodput per direction, full duplex.
#include "models/host/pcie.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "tests/models/net/rig.hpp"

namespace orrery {
namespace pcie_test {

struct Rig {
  explicit Rig(BitRate goodput) : link(calendar, "pcie", goodput) {}
  void cross(PcieWay way, Bytes bytes) { scope.spawn(crossing(way, bytes)); }
  Task<> crossing(PcieWay way, Bytes bytes) {
    Ledger ledger(calendar.now());
    Station::Use use = link.cross(way, bytes, {&ledger, stage::kPcie});
    co_await use;
    ended.push_back(calendar.now());
    EXPECT_EQ(ledger.served(stage::kPcie), bytes / link.goodput());
    EXPECT_EQ(ledger.total(), calendar.now() - ledger.start());
  }
  Duration took() {
    const TimePoint start = calendar.now();
    run_dry(calendar);
    return calendar.now() - start;
  }
  Calendar calendar;
  PcieLink link;
  std::vector<TimePoint> ended;
  TaskScope scope;
};

BitRate internal_goodput() { return shipped<DpuProfile>("ali-dpu").internal_pcie_goodput; }

TEST(Pcie, of_the_dpu_has_the_published_goodput) {
  EXPECT_EQ(internal_goodput(), megabytes_per_second(3166));  // SIGCOMM'22 Fig. 14a
}

TEST(Pcie, bytes_cross_one_after_the_other_at_its_goodput) {
  Rig rig(internal_goodput());
  constexpr int kCrossings = 1000;
  for (int i = 0; i < kCrossings; ++i) rig.cross(PcieWay::down, kibibytes(64));
  const Duration took = rig.took();
  EXPECT_EQ(took, (kibibytes(64) / internal_goodput()) * kCrossings);
  const double rate = 1000.0 * 65536 / to_seconds(took);
  EXPECT_NEAR(rate, internal_goodput().bytes_per_second(), 100);  // half a picosecond in 20 us
}

TEST(Pcie, both_directions_at_once_take_no_longer_than_one) {
  Rig one(internal_goodput()), both(internal_goodput());
  for (int i = 0; i < 100; ++i) {
    one.cross(PcieWay::up, kibibytes(64));
    for (const PcieWay way : {PcieWay::up, PcieWay::down}) both.cross(way, kibibytes(64));
  }
  EXPECT_EQ(both.took(), one.took());
  EXPECT_EQ(both.ended.size(), 200u);
}

RC_GTEST_PROP(Pcie, neither_direction_is_faster_than_its_goodput_or_idle_while_bytes_wait, ()) {
  Rig rig(internal_goodput());
  Duration work[2] = {};
  const int crossings = *rc::gen::inRange(1, 50);
  for (int i = 0; i < crossings; ++i) {
    const auto way = *rc::gen::element(PcieWay::down, PcieWay::up);
    const Bytes bytes{*rc::gen::inRange<std::int64_t>(0, 1 << 20)};
    work[static_cast<int>(way)] += bytes / internal_goodput();
    rig.cross(way, bytes);
  }
  RC_ASSERT(rig.took() == std::max(work[0], work[1]));
  RC_ASSERT(rig.ended.size() == static_cast<std::size_t>(crossings));
}

}  // namespace pcie_test
}  // namespace orrery
