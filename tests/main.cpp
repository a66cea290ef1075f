// The main of every test program: each case runs in a process of its own, forked before it touches
// anything.
//
// A process can hold one SimGrid engine, and a case that crashes takes no other along. Forking
// costs a millisecond or two, where starting a program anew costs a quarter of a second under
// AddressSanitizer.
#include <fnmatch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr int kSkipped = 77;

bool matches_any(std::string_view patterns, const std::string& name) {
  while (!patterns.empty()) {
    const std::size_t end = patterns.find(':');
    if (fnmatch(std::string(patterns.substr(0, end)).c_str(), name.c_str(), 0) == 0) return true;
    patterns = end == std::string_view::npos ? "" : patterns.substr(end + 1);
  }
  return false;
}

// GoogleTest's filter: what to run, and behind a "-" what not.
bool is_wanted(const std::string& filter, const std::string& name) {
  const std::size_t dash = filter.find('-');
  const std::string_view wanted = std::string_view(filter).substr(0, dash);
  if (dash != std::string::npos && matches_any(std::string_view(filter).substr(dash + 1), name))
    return false;
  return wanted.empty() || matches_any(wanted, name);
}

std::vector<std::string> wanted_cases() {
  const std::string filter = GTEST_FLAG_GET(filter);
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  std::vector<std::string> names;
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      const std::string name = std::string(suite.name()) + "." + suite.GetTestInfo(j)->name();
      if (name.find("DISABLED_") == std::string::npos && is_wanted(filter, name))
        names.push_back(name);
    }
  }
  return names;
}

[[noreturn]] void run_case(const std::string& name) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  GTEST_FLAG_SET(filter, name);
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  struct Printer : testing::EmptyTestEventListener {
    void OnTestPartResult(const testing::TestPartResult& part) override {
      if (part.passed()) return;
      std::printf("%s:%d: %s\n", part.file_name() != nullptr ? part.file_name() : "?",
                  part.line_number(), part.message());
    }
  };
  listeners.Append(new Printer);
  const int failed = RUN_ALL_TESTS();
  const bool is_skipped = testing::UnitTest::GetInstance()->skipped_test_count() > 0;
  std::exit(failed != 0 ? 1 : is_skipped ? kSkipped : 0);
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  if (GTEST_FLAG_GET(list_tests)) return RUN_ALL_TESTS();
  std::vector<std::string> failed;
  int passed = 0, skipped = 0;
  for (const std::string& name : wanted_cases()) {
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child < 0) return std::perror("fork"), 1;
    if (child == 0) run_case(name);
    int status = 0;
    while (waitpid(child, &status, 0) < 0) continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
      ++passed;
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == kSkipped) {
      ++skipped;
    } else {
      if (WIFSIGNALED(status)) std::printf("%s: signal %d\n", name.c_str(), WTERMSIG(status));
      failed.push_back(name);
    }
  }
  for (const std::string& name : failed) std::printf("FAILED: %s\n", name.c_str());
  std::printf("%d passed, %zu failed, %d skipped\n", passed, failed.size(), skipped);
  if (passed + skipped + static_cast<int>(failed.size()) == 0) return 1;
  return !failed.empty() ? 1 : passed == 0 ? kSkipped : 0;
}
