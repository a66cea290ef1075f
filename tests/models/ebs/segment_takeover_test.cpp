// Who serves the segments of a block server that is dead.
#include "models/ebs/segment_takeover.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/models/ebs/rig.hpp"

namespace orrery {
namespace segment_takeover_test {

// Five servers with two replicas per segment, so that two hold nothing of it.
class Takeover : public testing::Test {
 protected:
  Takeover() {
    for (std::size_t server = 0; server < rig_.options.servers; ++server)
      takeover_.watch(rig_.block_server(server));
    takeover_.follow(rig_.volume().segments());
  }
  static EbsOptions options() {
    EbsOptions options;
    options.servers = 5;
    options.replicas = 2;
    options.quorum = 2;
    options.segments = 10;
    return options;
  }
  std::size_t owner_of(std::size_t segment) {
    return rig_.volume().segments().segments()[segment].server->number();
  }
  void let_pass(Duration time) {
    const TimePoint end = rig_.calendar().now() + time;
    rig_.calendar().run_until(end);
    rig_.calendar().advance_to(end);
  }

  EbsRig rig_{options()};
  SegmentPlacement placement_{
      {0, 1, 2, 3, 4}, 2, [this](std::size_t server) { return rig_.storage(server).up(); }};
  SegmentTakeover takeover_{rig_.scope(), rig_.calendar(), seconds(10), placement_};
};

TEST_F(Takeover, segments_of_a_dead_server_go_to_those_that_hold_none_of_their_replicas) {
  // Segments 0 and 5 are server 0's; their replicas are on 1 and 2.
  rig_.storage(0).set_up(false);
  let_pass(seconds(9));
  EXPECT_EQ(owner_of(0), 0u);
  let_pass(seconds(2));
  EXPECT_EQ(owner_of(0), 3u);
  EXPECT_EQ(owner_of(5), 4u);
  EXPECT_EQ(takeover_.segments_moved(), 2);
  EXPECT_EQ(servers_of(rig_.block_server(3).replicas_of(0)), (std::vector<std::size_t>{1, 2}));
  for (const std::size_t other : {1u, 2u, 3u, 4u}) EXPECT_EQ(owner_of(other), other);
}

TEST_F(Takeover, a_server_that_is_back_in_time_keeps_its_segments) {
  rig_.storage(0).set_up(false);
  let_pass(seconds(5));
  rig_.storage(0).set_up(true);
  let_pass(seconds(20));
  EXPECT_EQ(owner_of(0), 0u);
  EXPECT_EQ(takeover_.segments_moved(), 0);
}

TEST_F(Takeover, a_server_that_is_back_too_late_does_not_get_them_back) {
  rig_.storage(0).set_up(false);
  let_pass(seconds(11));
  rig_.storage(0).set_up(true);
  let_pass(seconds(20));
  EXPECT_EQ(owner_of(0), 3u);
}

TEST_F(Takeover, every_death_counts_by_itself) {
  rig_.storage(0).set_up(false);
  let_pass(seconds(5));
  rig_.storage(0).set_up(true);
  rig_.storage(0).set_up(false);
  let_pass(seconds(9));
  EXPECT_EQ(owner_of(0), 0u);
  let_pass(seconds(2));
  EXPECT_EQ(owner_of(0), 3u);
}

TEST_F(Takeover, a_segment_without_an_heir_waits_for_one) {
  for (const std::size_t server : {0u, 3u, 4u}) rig_.storage(server).set_up(false);
  let_pass(seconds(11));
  EXPECT_EQ(owner_of(0), 0u);
  rig_.storage(4).set_up(true);
  let_pass(seconds(10));
  EXPECT_EQ(owner_of(0), 4u);
}

TEST_F(Takeover, a_segment_without_an_heir_stays) {
  for (const std::size_t server : {0u, 3u, 4u}) rig_.storage(server).set_up(false);
  let_pass(seconds(11));
  EXPECT_EQ(owner_of(0), 0u);
  // Replicas of server 3's segments are on 4 and 0, so both that are up could take them.
  EXPECT_EQ(owner_of(3), 1u);
  EXPECT_EQ(owner_of(8), 2u);
}

}  // namespace segment_takeover_test
}  // namespace orrery
