#include "analysis/terminal/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/analysis/standard_streams.hpp"
#include "tests/analysis/temporary_directory.hpp"

namespace orrery {
namespace progress_test {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(ClockText, is_in_the_two_largest_units_that_fit) {
  EXPECT_EQ(clock_text(0), "0 s");
  EXPECT_EQ(clock_text(-5), "0 s");
  EXPECT_EQ(clock_text(59.4), "59 s");
  EXPECT_EQ(clock_text(59.6), "1 min 0 s");
  EXPECT_EQ(clock_text(190), "3 min 10 s");
  EXPECT_EQ(clock_text(3599.6), "1 h 0 min");
  EXPECT_EQ(clock_text(90'000), "25 h 0 min");
}

TEST(Progress, on_a_terminal_is_a_bar_that_goes_away) {
  const PseudoTerminal terminal;
  {
    const Redirected redirected(STDERR_FILENO, terminal.descriptor());
    Progress progress("first-light", true);
    progress.update(0.5);
    EXPECT_THAT(terminal.shown(), HasSubstr("first-light [############            ]  50 %"));
  }
  // Back to the first column, and the line is empty again.
  EXPECT_EQ(terminal.shown(), "\r\033[K");
}

TEST(Progress, stays_within_its_bar) {
  for (const double fraction : {-1.0, 0.0, 1.0, 7.0}) {
    const PseudoTerminal terminal;
    const Redirected redirected(STDERR_FILENO, terminal.descriptor());
    Progress progress("x", true);
    progress.update(fraction);
    EXPECT_THAT(terminal.shown(), HasSubstr(fraction > 0 ? "x [########################] 100 %"
                                                         : "x [                        ]   0 %"));
  }
}

TEST(Progress, is_not_drawn_when_unwanted_or_never_updated) {
  const PseudoTerminal terminal;
  const Redirected redirected(STDERR_FILENO, terminal.descriptor());
  {
    Progress progress("x", false);
    progress.update(0.5);
  }
  { Progress progress("x", true); }
  EXPECT_THAT(terminal.shown(), IsEmpty());
}

TEST(Progress, is_not_drawn_into_a_file) {
  const TemporaryDirectory directory;
  const int file = open((directory / "err").c_str(), O_WRONLY | O_CREAT, 0600);
  {
    const Redirected redirected(STDERR_FILENO, file);
    Progress progress("x", true);
    progress.update(0.5);
  }
  close(file);
  EXPECT_EQ(contents_of(directory / "err"), "");
}

}  // namespace progress_test
}  // namespace orrery
