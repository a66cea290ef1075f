// The device without media.
#include "models/ssd/null_ssd.hpp"
#include "tests/models/ssd/rig.hpp"

namespace orrery {
namespace null_test {

TEST(NullSsd, takes_no_time_whatever_is_asked_of_it) {
  SsdRig rig(ssd_profile("null-device"));
  for (const Direction direction : {Direction::read, Direction::write})
    for (const Bytes length : {Bytes{1}, kBlock, mebibytes(64)})
      EXPECT_EQ(rig.once(direction, gibibytes(1), length), Duration{});
  EXPECT_TRUE(rig.stations().empty());
  EXPECT_EQ(rig.calendar().fired(), 0u);
}

TEST(NullSsd, is_as_large_as_its_profile_says) {
  const Profile profile = with(ssd_profile("null-device"), "capacity", mebibytes(1));
  EXPECT_EQ(SsdRig(profile).ssd().capacity(), mebibytes(1));
  EXPECT_EQ(ssd_capacity(profile), mebibytes(1));
}

}  // namespace null_test
}  // namespace orrery
