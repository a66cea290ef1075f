// Which pool takes a volume.
#include "models/pool/pool_choice.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace orrery {
namespace pool_choice_test {

PoolState pool_of(std::int64_t capacity, std::int64_t free, std::int64_t remote_volumes = 0,
                  std::int64_t sharing_nodes = 0) {
  PoolState state;
  state.capacity = gibibytes(capacity);
  state.free = gibibytes(free);
  state.remote_volumes = remote_volumes;
  state.sharing_nodes = sharing_nodes;
  return state;
}

PoolChoice choose(const std::vector<PoolState>& pools, std::int64_t size) {
  return fullest_pool(pools.size(), [&](std::size_t n) { return pools[n]; }, gibibytes(size),
                      {3, 2});
}

TEST(PoolChoice, the_fullest_pool_with_room_takes_a_volume_and_of_equal_ones_the_first) {
  EXPECT_EQ(choose({pool_of(100, 80), pool_of(100, 20), pool_of(200, 40)}, 10).pool, 1u);
  EXPECT_EQ(choose({pool_of(100, 80), pool_of(100, 20), pool_of(200, 40)}, 30).pool, 2u);
}

TEST(PoolChoice, a_pool_serves_no_more_than_its_limits_but_always_its_own_node) {
  PoolState full = pool_of(100, 20, 3, 1);
  PoolState shared = pool_of(100, 30, 2, 2);
  EXPECT_EQ(choose({full, shared, pool_of(100, 90)}, 10).pool, 2u);
  shared.serves_host = true;
  EXPECT_EQ(choose({full, shared, pool_of(100, 90)}, 10).pool, 1u);
  full.is_hosts_own = true;
  EXPECT_EQ(choose({full, shared, pool_of(100, 90)}, 10).pool, 0u);
}

TEST(PoolChoice, without_a_choice_they_say_how_far_the_pools_got) {
  EXPECT_FALSE(choose({pool_of(0, 0), pool_of(100, 5)}, 200).is_any_large_enough);
  EXPECT_TRUE(choose({pool_of(100, 5)}, 50).is_any_large_enough);
  EXPECT_FALSE(choose({pool_of(100, 5)}, 50).is_any_free);
  EXPECT_TRUE(choose({pool_of(100, 60, 3, 1)}, 50).is_any_free);
  EXPECT_FALSE(choose({pool_of(100, 60, 3, 1)}, 50).pool);
}

}  // namespace pool_choice_test
}  // namespace orrery
