// The rules by which a pool takes a volume, one by one.
#include "models/placement_rules.hpp"

#include <gtest/gtest.h>

namespace orrery {
namespace placement_rules_test {

using namespace placement;

TEST(PlacementRules, a_volume_takes_whole_units_and_needs_room_for_them) {
  EXPECT_EQ(whole_units_for(mebibytes(2), mebibytes(3)), mebibytes(4));
  EXPECT_EQ(whole_units_for(mebibytes(2), mebibytes(4)), mebibytes(4));
  EXPECT_TRUE(has_room(mebibytes(4), mebibytes(4)));
  EXPECT_FALSE(has_room(3, 4));
}

TEST(PlacementRules, a_pool_serves_so_many_volumes_and_nodes_and_no_more) {
  EXPECT_FALSE(serves_most_volumes(2, 3));
  EXPECT_TRUE(serves_most_volumes(3, 3));
  EXPECT_TRUE(may_serve_node(4, 5, false));
  EXPECT_FALSE(may_serve_node(5, 5, false));
  EXPECT_TRUE(may_serve_node(5, 5, true));
}

TEST(PlacementRules, remote_volumes_leave_a_share_alone) {
  EXPECT_TRUE(leaves_share_local(100, 40, 10, 0.5));
  EXPECT_FALSE(leaves_share_local(100, 40, 11, 0.5));
  EXPECT_TRUE(leaves_share_local(100, 90, 10, 0));
}

TEST(PlacementRules, where_a_volume_must_be_it_is) {
  EXPECT_TRUE(is_where_it_must(true, false, false));
  EXPECT_TRUE(is_where_it_must(false, true, false));
  EXPECT_FALSE(is_where_it_must(true, true, false));
  EXPECT_FALSE(is_where_it_must(false, false, true));
}

TEST(PlacementRules, the_more_is_used_the_better) {
  EXPECT_GT(used_share(gibibytes(100), gibibytes(20)), used_share(gibibytes(100), gibibytes(30)));
}

}  // namespace placement_rules_test
}  // namespace orrery
