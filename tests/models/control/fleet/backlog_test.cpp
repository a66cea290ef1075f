// Who is woken when there is room, and who is woken after them.
#include "models/control/fleet/backlog.hpp"

#include <gtest/gtest.h>

namespace orrery::control::backlog_test {
namespace backlog_test {

TimePoint turn(int number) { return after(kStart, seconds(number)); }

TEST(Backlog, wakes_those_whose_turn_is_first_and_the_rest_when_they_have_tried) {
  Backlog backlog;
  const Backlog::Kind kind = backlog.kind_of("alike");
  const int all = static_cast<int>(Backlog::kMostOut) + 5;
  for (int i = 0; i < all; ++i) backlog.add(kind, turn(all - i), static_cast<Backlog::Id>(i));
  std::vector<Backlog::Id> woken;
  const auto wake = [&woken](Backlog::Id id) {
    woken.push_back(id);
    return true;
  };
  backlog.wake(kind, 7, wake);
  ASSERT_EQ(woken.size(), Backlog::kMostOut);
  EXPECT_EQ(woken.front(), static_cast<Backlog::Id>(all - 1));
  EXPECT_EQ(backlog.waiting(), 5u);
  EXPECT_FALSE(backlog.waits(woken.front()));
  backlog.wake(kind, 8, wake);  // as many as may be are out
  EXPECT_EQ(woken.size(), Backlog::kMostOut);
  for (const Backlog::Id id : std::vector(woken)) {
    EXPECT_TRUE(backlog.to_look_at_again(kind).empty());
    backlog.erase(id);
  }
  EXPECT_EQ(backlog.to_look_at_again(kind), (std::vector<NodeId>{7, 8}));
  EXPECT_TRUE(backlog.to_look_at_again(kind).empty());
}

TEST(Backlog, keeps_kinds_apart) {
  Backlog backlog;
  const Backlog::Kind a = backlog.kind_of("a"), b = backlog.kind_of("b");
  EXPECT_EQ(backlog.kind_of("a"), a);
  backlog.add(a, turn(1), 1);
  backlog.add(b, turn(1), 2);
  backlog.wake(a, 0, [](Backlog::Id) { return true; });
  EXPECT_EQ(backlog.waiting_kinds(), std::vector<Backlog::Kind>{b});
  EXPECT_EQ(backlog.first(b), 2u);
  backlog.add(a, turn(2), 1);  // in vain
  EXPECT_EQ(backlog.waiting_kinds(), (std::vector<Backlog::Kind>{a, b}));
}

TEST(Backlog, one_that_is_not_woken_waits_on) {
  Backlog backlog;
  const Backlog::Kind kind = backlog.kind_of("a");
  for (Backlog::Id id = 0; id < 4; ++id) backlog.add(kind, turn(1), id);
  backlog.wake(kind, 0, [](Backlog::Id id) { return id % 2 == 1; });
  EXPECT_EQ(backlog.waiting(), 2u);
  EXPECT_EQ(backlog.first(kind), 0u);
}

}  // namespace backlog_test
}  // namespace orrery::control::backlog_test
