// Where segments lie.
#include "models/ebs/segment_placement.hpp"

#include <gtest/gtest.h>

#include <set>

namespace orrery {
namespace segment_placement_test {

// Three racks of two servers; some are down.
SegmentPlacement two_in_a_rack(std::int64_t replicas, std::set<std::size_t> down = {}) {
  return {
      {0, 0, 1, 1, 2, 2}, replicas, [down](std::size_t server) { return !down.contains(server); }};
}

TEST(SegmentPlacement, replicas_are_elsewhere_and_in_different_racks_while_there_are_enough) {
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    for (std::size_t owner = 0; owner < 6; ++owner) {
      RandomStream draws(seed, "placement");
      const auto three = two_in_a_rack(3).replicas_for(owner, draws);
      ASSERT_EQ(three.size(), 3u);
      std::set<std::size_t> racks;
      for (const std::size_t server : three) {
        EXPECT_NE(server, owner);
        racks.insert(server / 2);
      }
      EXPECT_EQ(racks.size(), 3u);
      const auto five = two_in_a_rack(5).replicas_for(owner, draws);
      EXPECT_EQ(std::set<std::size_t>(five.begin(), five.end()).size(), 5u);
    }
}

TEST(SegmentPlacement, replicas_fall_on_all_servers_alike) {
  RandomStream draws(1, "placement");
  std::vector<int> count(6);
  for (int i = 0; i < 6000; ++i)
    for (const std::size_t server : two_in_a_rack(1).replicas_for(0, draws)) ++count[server];
  EXPECT_EQ(count[0], 0);
  for (std::size_t server = 1; server < 6; ++server) EXPECT_NEAR(count[server], 1200, 150);
}

TEST(SegmentPlacement, spares_and_heirs_are_up_go_round_and_hold_nothing_of_the_segment) {
  SegmentPlacement placement = two_in_a_rack(3, {1, 4});
  EXPECT_EQ(placement.spare_for(0, {2}), 3u);
  EXPECT_EQ(placement.spare_for(0, {2}), 5u);
  EXPECT_EQ(placement.spare_for(0, {2}), 3u);
  EXPECT_EQ(placement.spare_for(0, {2, 3, 5}), std::nullopt);
  EXPECT_EQ(placement.heir_of({2, 3}), 0u);
  EXPECT_EQ(placement.heir_of({2, 3}), 5u);
  EXPECT_EQ(placement.heir_of({0, 2, 3, 5}), std::nullopt);
}

}  // namespace segment_placement_test
}  // namespace orrery
