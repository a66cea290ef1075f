// The device that docs/extending.md builds.
#include "tests/docs/fixed_ssd.hpp"

#include <gtest/gtest.h>

#include "scenarios/profiles.hpp"

namespace orrery {
namespace fixed_ssd_test {

std::shared_ptr<const FixedSsdProfile> example() {
  ProfileLibrary library({"tests/docs"}, disk_reader(), disk_lister(),
                         {{"fixed_ssd", &FixedSsdProfile::declarations()}});
  return std::make_shared<const FixedSsdProfile>(
      bind<FixedSsdProfile>(library.get("fixed-example", {})));
}

Task<> read_one(FixedSsd& ssd, Calendar& calendar, std::vector<Ledger>& ended) {
  Ledger ledger(calendar.now());
  Task<IoStatus> read = ssd.submit(Direction::read, Bytes{}, kBlock, ledger);
  EXPECT_EQ(co_await read, IoStatus::done);
  ended.push_back(ledger);
}

TEST(FixedSsd, requests_beyond_its_slots_wait_for_the_earlier_ones) {
  Calendar calendar;
  FixedSsd ssd(calendar, example(), "ssd", 1);
  std::vector<Ledger> ended;
  TaskScope scope;
  for (int i = 0; i < 6; ++i) scope.spawn(read_one(ssd, calendar, ended));
  while (!calendar.empty()) calendar.run_until(calendar.next_time());

  ASSERT_EQ(ended.size(), 6u);
  EXPECT_EQ(calendar.now() - kStart, microseconds(160));  // four at once, then two
  EXPECT_EQ(ended[3].waited(stage::kSsd), Duration{});
  EXPECT_EQ(ended[5].waited(stage::kSsd), microseconds(80));
  EXPECT_EQ(ended[5].served(stage::kSsd), microseconds(80));
}

}  // namespace fixed_ssd_test
}  // namespace orrery
