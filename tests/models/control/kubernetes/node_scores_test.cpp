#include "models/control/kubernetes/node_scores.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace orrery::control {
namespace node_scores_test {

using testing::ElementsAre;

TEST(NodesToFind, is_the_table_of_kubernetes) {
  const std::vector<std::array<std::int64_t, 2>> table{{100, 100},  {500, 230},  {1000, 420},
                                                       {2000, 680}, {3000, 780}, {5000, 500},
                                                       {5625, 281}, {8500, 425}, {10000, 500}};
  for (const auto& [nodes, found] : table) EXPECT_EQ(nodes_to_find(nodes, 0), found) << nodes;
}

TEST(NodesToFind, is_all_of_few_nodes_and_never_less_than_a_hundred) {
  EXPECT_EQ(nodes_to_find(0, 0), 0);
  EXPECT_EQ(nodes_to_find(99, 5), 99);
  EXPECT_EQ(nodes_to_find(150, 5), 100);
  EXPECT_EQ(nodes_to_find(8500, 10), 850);
  EXPECT_EQ(nodes_to_find(8500, 100), 8500);
}

TEST(NodeScores, least_and_most_allocated_round_each_resource_down) {
  const std::vector<ResourceUse> uses{{.requested = 1, .capacity = 3},
                                      {.requested = 2, .capacity = 3}};
  EXPECT_EQ(least_allocated(uses), (66 + 33) / 2);
  EXPECT_EQ(most_allocated(uses), (33 + 66) / 2);
}

TEST(NodeScores, means_are_weighted) {
  const std::vector<ResourceUse> uses{{.requested = 10, .capacity = 100, .weight = 3},
                                      {.requested = 50, .capacity = 100, .weight = 1}};
  EXPECT_EQ(least_allocated(uses), (3 * 90 + 50) / 4);
  EXPECT_EQ(most_allocated(uses), (3 * 10 + 50) / 4);
}

TEST(NodeScores, what_a_node_lacks_or_cannot_give_counts_as_it_does_there) {
  const std::vector<ResourceUse> over{{.requested = 150, .capacity = 100}};
  EXPECT_EQ(least_allocated(over), 0);
  EXPECT_EQ(most_allocated(over), 100);
  const std::vector<ResourceUse> none{{.requested = 0, .capacity = 0},
                                      {.requested = 20, .capacity = 100}};
  EXPECT_EQ(least_allocated(none), 40);
  EXPECT_EQ(most_allocated(none), 10);
  EXPECT_EQ(balanced_allocation(none), 100);
  EXPECT_EQ(least_allocated({}), 0);
}

TEST(NodeScores, balance_is_a_hundred_less_the_standard_deviation) {
  const auto of = [](std::vector<ResourceUse> uses) { return balanced_allocation(uses); };
  EXPECT_EQ(of({{3, 10}, {30, 100}}), 100);
  EXPECT_EQ(of({{0, 10}, {10, 10}}), 50);
  EXPECT_EQ(of({{2, 10}, {4, 10}}), 90);
  EXPECT_EQ(of({{5, 10}, {90, 10}}), 75);          // more than all is all
  EXPECT_EQ(of({{0, 10}, {0, 10}, {3, 10}}), 85);  // sqrt(0.02) = 0.141
  EXPECT_EQ(of({}), 100);
}

TEST(NormalizeScores, stretches_the_largest_to_a_hundred) {
  std::vector<std::int64_t> scores{0, 1, 2, 3};
  normalize_scores(scores, false);
  EXPECT_THAT(scores, ElementsAre(0, 33, 66, 100));
  normalize_scores(scores, true);
  EXPECT_THAT(scores, ElementsAre(100, 67, 34, 0));
}

TEST(NormalizeScores, of_zeros_are_zeros_or_in_reverse_a_hundred) {
  std::vector<std::int64_t> scores{0, 0};
  normalize_scores(scores, false);
  EXPECT_THAT(scores, ElementsAre(0, 0));
  normalize_scores(scores, true);
  EXPECT_THAT(scores, ElementsAre(100, 100));
  normalize_scores({}, false);
}

}  // namespace node_scores_test
}  // namespace orrery::control
