#include "analysis/terminal/terminal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "analysis/failure.hpp"
#include "tests/analysis/standard_streams.hpp"

namespace orrery {
namespace terminal_test {

class TerminalTest : public testing::Test {
 protected:
  TerminalTest() {
    for (const char* name : {"NO_COLOR", "COLUMNS", "TERM"}) unsetenv(name);
    setenv("TERM", "xterm", 1);
  }
  static Terminal on(int descriptor) {
    const Redirected redirected(STDOUT_FILENO, descriptor);
    return Terminal::of_stdout();
  }
  static Terminal elsewhere() {
    const int file = open("/dev/null", O_WRONLY);
    const Terminal terminal = on(file);
    close(file);
    return terminal;
  }
};

TEST_F(TerminalTest, has_the_width_and_the_colours_of_standard_output) {
  const PseudoTerminal pseudo(132);
  EXPECT_EQ(on(pseudo.descriptor()).width, 132);
  EXPECT_TRUE(on(pseudo.descriptor()).colours);
}

TEST_F(TerminalTest, has_no_colours_where_they_are_unwanted) {
  const PseudoTerminal pseudo;
  setenv("NO_COLOR", "", 1);
  EXPECT_TRUE(on(pseudo.descriptor()).colours);
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(on(pseudo.descriptor()).colours);
  unsetenv("NO_COLOR");
  setenv("TERM", "dumb", 1);
  EXPECT_FALSE(on(pseudo.descriptor()).colours);
}

TEST_F(TerminalTest, that_is_none_has_100_columns_or_those_of_the_environment_and_no_colours) {
  EXPECT_FALSE(elsewhere().colours);
  EXPECT_EQ(elsewhere().width, 100);
  setenv("COLUMNS", "150", 1);
  EXPECT_EQ(elsewhere().width, 150);
  setenv("COLUMNS", "nonsense", 1);
  EXPECT_EQ(elsewhere().width, 100);
}

TEST_F(TerminalTest, is_never_taken_for_narrower_than_a_table_needs) {
  const PseudoTerminal pseudo(1);
  EXPECT_EQ(on(pseudo.descriptor()).width, 40);
  setenv("COLUMNS", "1", 1);
  EXPECT_EQ(elsewhere().width, 40);
}

TEST(PrintOut, fails_on_a_full_disk) {
  const int full = open("/dev/full", O_WRONLY);
  std::string reason;
  {
    const Redirected redirected(STDOUT_FILENO, full);
    try {
      print_out("text");
    } catch (const Failure& failure) {
      reason = failure.what();
    }
    std::clearerr(stdout);
  }
  close(full);
  EXPECT_EQ(reason, "cannot write to standard output: No space left on device");
}

TEST(PrintOut, minds_no_reader_that_has_left) {
  const auto handler = std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  bool is_quiet = true;
  {
    const Redirected redirected(STDOUT_FILENO, ends[1]);
    try {
      print_out(std::string(200'000, 'x'));
    } catch (const Failure&) {
      is_quiet = false;
    }
    std::clearerr(stdout);
  }
  close(ends[1]);
  std::signal(SIGPIPE, handler);
  EXPECT_TRUE(is_quiet);
}

}  // namespace terminal_test
}  // namespace orrery
