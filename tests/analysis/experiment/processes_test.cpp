#include "analysis/experiment/processes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "analysis/failure.hpp"
#include "tests/analysis/temporary_directory.hpp"

namespace orrery {
namespace processes_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Work = std::function<std::string(const ReportProgress&)>;

std::vector<ProcessResult> run(const std::vector<Work>& works, const ProcessOptions& options = {}) {
  std::vector<ProcessJob> jobs;
  for (std::size_t i = 0; i < works.size(); ++i)
    jobs.push_back({"job " + std::to_string(i), works[i]});
  return run_in_processes(jobs, options);
}
ProcessResult run_one(const Work& work) { return run({work})[0]; }

// Numbers that children and parent share.
class Shared {
 public:
  Shared()
      : numbers_(static_cast<std::atomic<int>*>(
            mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  Shared(const Shared&) = delete;
  ~Shared() { munmap(numbers_, kSize); }
  std::atomic<int>& operator[](std::size_t i) const { return numbers_[i]; }
  void wait_for(std::size_t i, int value) const {
    while (numbers_[i] < value) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

 private:
  static constexpr std::size_t kSize = 4096;
  std::atomic<int>* numbers_;
};

TEST(Processes, bring_their_texts_back_in_the_order_of_the_jobs) {
  const Shared shared;
  std::vector<std::size_t> order;
  ProcessOptions options;
  options.at_most = 3;
  options.ended = [&](std::size_t i, const ProcessResult&) {
    order.push_back(i);
    ++shared[0];
  };
  // Each waits until the one after it has been collected.
  std::vector<Work> works;
  for (int i = 0; i < 3; ++i)
    works.emplace_back([&shared, i](const ReportProgress&) {
      shared.wait_for(0, 2 - i);
      return std::to_string(i);
    });
  const auto results = run(works, options);
  ASSERT_EQ(results.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(results[i].output, std::to_string(i));
  EXPECT_THAT(order, ElementsAre(2, 1, 0));
}

TEST(Processes, of_no_jobs_are_none) { EXPECT_THAT(run({}), IsEmpty()); }

TEST(Processes, carry_any_text_however_large) {
  std::string large(5'000'000, 'x');
  large[0] = '\0';
  large[4'999'999] = '\n';
  for (const std::string& text : {std::string{}, std::string("a\0b", 3), large}) {
    const ProcessResult result = run_one([&](const ReportProgress&) { return text; });
    ASSERT_TRUE(result.output) << result.failure;
    EXPECT_TRUE(*result.output == text);
  }
}

TEST(Processes, are_at_most_as_many_as_asked_for_at_the_same_time) {
  const Shared shared;
  std::vector<Work> works;
  for (int i = 0; i < 30; ++i)
    works.emplace_back([&shared](const ReportProgress&) {
      const int now = ++shared[0];
      for (int most = shared[1]; most < now && !shared[1].compare_exchange_weak(most, now);) {}
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      --shared[0];
      return std::string{};
    });
  ProcessOptions options;
  options.at_most = 2;
  EXPECT_EQ(run(works, options).size(), 30u);
  EXPECT_LE(shared[1], 2);
}

TEST(Processes, that_throw_say_what_was_thrown) {
  const ProcessResult result = run_one(
      [](const ReportProgress&) -> std::string { throw std::runtime_error("no figure 'x'"); });
  EXPECT_FALSE(result.output);
  EXPECT_EQ(result.failure, "no figure 'x'");
}

TEST(Processes, that_throw_what_is_no_exception_have_failed) {
  const ProcessResult result = run_one([](const ReportProgress&) -> std::string {
    std::set_terminate([] { ::_exit(9); });
    throw 7;
  });
  EXPECT_FALSE(result.output);
  EXPECT_EQ(result.failure, "its process ended with code 9 and no result");
}

TEST(Processes, that_throw_nothing_to_read_have_failed_all_the_same) {
  const ProcessResult result =
      run_one([](const ReportProgress&) -> std::string { throw std::runtime_error(""); });
  EXPECT_FALSE(result.output);
  EXPECT_THAT(result.failure, HasSubstr("no result"));
}

TEST(Processes, that_die_say_how) {
  const auto killed_by = [](int signal) {
    return run_one([signal](const ReportProgress&) {
             const rlimit no_core{0, 0};
             setrlimit(RLIMIT_CORE, &no_core);
             std::signal(signal, SIG_DFL);
             std::raise(signal);
             return std::string{};
           })
        .failure;
  };
  EXPECT_EQ(killed_by(SIGKILL), "its process was ended by signal 9 (Killed)");
  EXPECT_THAT(killed_by(SIGSEGV), HasSubstr("signal 11 (Segmentation fault)"));
  EXPECT_THAT(killed_by(SIGABRT), HasSubstr("signal 6 (Aborted)"));
  EXPECT_EQ(run_one([](const ReportProgress&) -> std::string { ::_exit(5); }).failure,
            "its process ended with code 5 and no result");
}

TEST(Processes, that_die_take_no_other_with_them) {
  std::vector<std::size_t> failed;
  ProcessOptions options;
  options.ended = [&](std::size_t i, const ProcessResult& result) {
    if (!result.output) failed.push_back(i);
  };
  const auto results = run({[](const ReportProgress&) { return std::string("first"); },
                            [](const ReportProgress&) -> std::string {
                              std::raise(SIGKILL);
                              return "never";
                            },
                            [](const ReportProgress&) { return std::string("third"); }},
                           options);
  EXPECT_EQ(results[0].output, "first");
  EXPECT_EQ(results[1].output, std::nullopt);
  EXPECT_EQ(results[2].output, "third");
  EXPECT_THAT(failed, ElementsAre(1));
}

TEST(Processes, report_progress_that_only_grows_and_ends_at_one) {
  std::vector<double> seen;
  ProcessOptions options;
  options.at_most = 2;
  options.progress = [&](double fraction) { seen.push_back(fraction); };
  run(std::vector<Work>(4,
                        [](const ReportProgress& progress) {
                          for (int i = 0; i < 10; ++i) {  // however seldom it is passed on
                            std::this_thread::sleep_for(std::chrono::milliseconds(50));
                            progress(0.3);
                          }
                          progress(1);
                          return std::string{};
                        }),
      options);
  ASSERT_FALSE(seen.empty());
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), 1);
  EXPECT_TRUE(std::any_of(seen.begin(), seen.end(), [](double fraction) {
    return fraction > 0 && fraction < 1 && std::abs(4 * fraction - std::round(4 * fraction)) > 0.01;
  }));
}

TEST(Processes, leave_no_child_behind) {
  run(std::vector<Work>(5, [](const ReportProgress&) { return std::string{}; }));
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(Processes, that_cannot_be_made_are_a_failure) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer needs files of its own to look at memory";
#endif
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const int lowest_free = dup(0);
  close(lowest_free);
  const rlimit limited{static_cast<rlim_t>(lowest_free), before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &limited);
  std::string reason;
  try {
    run_one([](const ReportProgress&) { return std::string{}; });
  } catch (const Failure& failure) {
    reason = failure.what();
  }
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(reason, "cannot make a pipe: Too many open files");
}

// A process that has ended may still be there as a zombie.
bool is_running(pid_t id) {
  std::ifstream in("/proc/" + std::to_string(id) + "/stat");
  std::string stat;
  std::getline(in, stat);
  const std::size_t name_end = stat.rfind(')');
  return name_end != std::string::npos && stat.at(name_end + 2) != 'Z';
}

TEST(Processes, die_with_their_parent) {
  const Shared shared;
  const pid_t parent = fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    run(std::vector<Work>(2,
                          [&shared](const ReportProgress&) -> std::string {
                            shared[static_cast<std::size_t>(++shared[0])] = getpid();
                            for (;;) pause();
                          }),
        {2, {}, {}});
    ::_exit(0);
  }
  shared.wait_for(0, 2);
  shared.wait_for(1, 1);
  shared.wait_for(2, 1);
  const pid_t first = shared[1], second = shared[2];
  EXPECT_TRUE(is_running(first));
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  for (int i = 0; i < 5000 && (is_running(first) || is_running(second)); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_FALSE(is_running(first));
  EXPECT_FALSE(is_running(second));
}

}  // namespace processes_test
}  // namespace orrery
