#include "analysis/run/run_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace orrery {
namespace run_checks_test {

using testing::ElementsAre;
using testing::IsEmpty;

// Two I/Os of 10 and 30 us, with a fifth of each spent waiting.
JobResult job_of_two() {
  JobResult result;
  result.name = "w";
  DirectionResult& side = result.directions[1];
  for (const int us : {10, 30}) {
    side.lat.add(std::chrono::microseconds(us));
    side.stages[0].wait.add(std::chrono::microseconds(us / 5));
    side.stages[0].service.add(std::chrono::microseconds(us - us / 5));
  }
  return result;
}

TEST(StagesAddUp, where_they_were_filed_as_the_latencies) {
  EXPECT_THAT(sides_that_do_not_add_up({}), IsEmpty());
  EXPECT_THAT(sides_that_do_not_add_up({JobResult{}, job_of_two()}), IsEmpty());
}

TEST(StagesAddUp, not_where_one_is_missing_or_was_taken_twice) {
  JobResult missing = job_of_two();
  missing.directions[1].stages[0].wait.clear();
  EXPECT_THAT(sides_that_do_not_add_up({job_of_two(), missing}), ElementsAre("w write"));
  JobResult twice = job_of_two();
  twice.directions[1].stages[0].service.add(std::chrono::nanoseconds(1));
  EXPECT_THAT(sides_that_do_not_add_up({twice}), ElementsAre("w write"));
  JobResult lost = job_of_two();
  lost.directions[1].lat.clear();
  EXPECT_THAT(sides_that_do_not_add_up({lost}), ElementsAre("w write"));
}

}  // namespace run_checks_test
}  // namespace orrery
