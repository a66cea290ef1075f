// Policies and kinds of disks: found by name, and what is left of one on the other.
#include "models/control/fleet/policies.hpp"

#include <gtest/gtest.h>

#include "models/control/named.hpp"

namespace orrery::control {
namespace policies_test {

TEST(Policies, are_found_by_their_names_only) {
  for (const Policy& policy : all_policies()) EXPECT_EQ(find_policy(policy.name), &policy);
  for (const Disks& disks : all_disks()) EXPECT_EQ(find_disks(disks.name), &disks);
  EXPECT_EQ(find_policy("Plugin"), nullptr);
  EXPECT_EQ(find_disks(""), nullptr);
}

TEST(Policies, have_a_help_and_a_position_each) {
  for (const Policy& policy : all_policies()) EXPECT_FALSE(policy.help.empty()) << policy.name;
  for (const Disks& disks : all_disks()) {
    EXPECT_FALSE(disks.help.empty()) << disks.name;
    EXPECT_NE(disks.position, nullptr) << disks.name;
  }
}

// LiteIO's mechanisms need its pools; whether anybody is late does not depend on disks.
TEST(Policies, keep_nothing_of_pools_where_there_are_none) {
  for (const Policy& policy : all_policies())
    for (const Disks& disks : all_disks()) {
      const Policy left = on(policy, disks);
      EXPECT_EQ(left.is_consistent, policy.is_consistent);
      EXPECT_EQ(left.has_plugins, policy.has_plugins && disks.is_pooled);
      EXPECT_EQ(left.reserves, policy.reserves && disks.is_pooled);
      EXPECT_EQ(left.places_volumes, policy.places_volumes && disks.is_pooled);
      EXPECT_EQ(left.publishes_local_storage, policy.publishes_local_storage && disks.is_pooled);
    }
}

TEST(Policies, say_where_volumes_have_to_be) {
  const auto by = [](std::string_view disks) {
    return find_disks(disks)->position(PositionAdvice::prefer_remote);
  };
  EXPECT_EQ(by("local_only"), PositionAdvice::must_local);
  EXPECT_EQ(by("lightpool"), PositionAdvice::prefer_remote);
  EXPECT_EQ(by("ebs"), PositionAdvice::none);
}

}  // namespace policies_test
}  // namespace orrery::control
