#include "analysis/experiment/files_out.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "analysis/failure.hpp"
#include "tests/analysis/temporary_directory.hpp"

namespace orrery {
namespace files_out_test {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

template <class Function>
std::string failure_of(Function function) {
  try {
    function();
  } catch (const Failure& failure) {
    return failure.what();
  }
  ADD_FAILURE() << "no Failure";
  return {};
}

// Writes beyond this size fail, as they do on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limited{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limited);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(WriteFile, writes_all_of_it_and_leaves_nothing_else) {
  const TemporaryDirectory directory;
  const std::string large(3'000'000, 'x');
  for (const std::string& contents : {std::string("a\0b\n", 4), std::string{}, large}) {
    write_file(directory / "out", contents);
    EXPECT_EQ(contents_of(directory / "out"), contents);
    EXPECT_THAT(directory.names(), ElementsAre("out"));
  }
}

TEST(WriteFile, that_fails_half_way_leaves_what_was_there_and_no_half_file) {
  const TemporaryDirectory directory;
  directory.add("out", "what was there");
  const FileSizeLimit limit(1000);
  EXPECT_THAT(failure_of([&] { write_file(directory / "out", std::string(5000, 'x')); }),
              AllOf(HasSubstr(directory / "out"), HasSubstr("File too large")));
  EXPECT_EQ(contents_of(directory / "out"), "what was there");
  EXPECT_THAT(directory.names(), ElementsAre("out"));
}

TEST(WriteFile, that_cannot_replace_its_target_leaves_no_half_file) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "out");
  EXPECT_THAT(failure_of([&] { write_file(directory / "out", "text"); }),
              HasSubstr("cannot write " + (directory / "out") + ": "));
  EXPECT_THAT(directory.names(), ElementsAre("out"));
}

TEST(WriteFile, names_the_file_and_the_reason_when_its_directory_is_missing) {
  const TemporaryDirectory directory;
  EXPECT_EQ(failure_of([&] { write_file(directory / "no/out", "text"); }),
            "cannot write " + (directory / "no/out") + ": No such file or directory");
}

TEST(WriteFile, writes_into_what_is_no_regular_file) {
  write_file("/dev/null", "text");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  for (const std::size_t size : {10u, 1'000'000u})
    EXPECT_EQ(failure_of([size] { write_file("/dev/full", std::string(size, 'x')); }),
              "cannot write /dev/full: No space left on device");
}

TEST(WriteFiles, writes_all_of_them_and_leaves_nothing_else) {
  const TemporaryDirectory directory;
  directory.add("b", "old");
  write_files(directory.path(), {{"a", "1"}, {"b", "2"}});
  EXPECT_EQ(contents_of(directory / "a") + contents_of(directory / "b"), "12");
  EXPECT_THAT(directory.names(), UnorderedElementsAre("a", "b"));
}

TEST(WriteFiles, that_fails_at_the_last_leaves_all_that_was_there) {
  const TemporaryDirectory directory;
  directory.add("small", "old");
  directory.add("large", "old");
  const FileSizeLimit limit(1000);
  EXPECT_EQ(failure_of([&] {
              write_files(directory.path(), {{"small", "new"}, {"large", std::string(5000, 'x')}});
            }),
            "cannot write " + (directory / "large") + ": File too large");
  EXPECT_EQ(contents_of(directory / "small") + contents_of(directory / "large"), "oldold");
  EXPECT_THAT(directory.names(), UnorderedElementsAre("small", "large"));
}

TEST(EnsureWritable, makes_the_directory_and_leaves_it_empty) {
  const TemporaryDirectory directory;
  ensure_writable(directory / "a/b/c");
  ensure_writable(directory / "a/b/c");
  EXPECT_TRUE(std::filesystem::is_empty(directory / "a/b/c"));
}

TEST(EnsureWritable, keeps_what_is_in_the_directory) {
  const TemporaryDirectory directory;
  directory.add("kept", "text");
  ensure_writable(directory.path());
  EXPECT_THAT(directory.names(), ElementsAre("kept"));
}

TEST(EnsureWritable, says_why_there_can_be_no_directory) {
  const TemporaryDirectory directory;
  directory.add("file", "text");
  EXPECT_EQ(failure_of([&] { ensure_writable(directory / "file"); }),
            "cannot create directory " + (directory / "file") + ": Not a directory");
  EXPECT_EQ(failure_of([&] { ensure_writable(directory / "file/below"); }),
            "cannot create directory " + (directory / "file/below") + ": Not a directory");
}

TEST(EnsureWritable, notices_that_nothing_can_be_written) {
  const TemporaryDirectory directory;
  const FileSizeLimit limit(100);
  EXPECT_EQ(failure_of([&] { ensure_writable(directory.path()); }),
            "cannot write into directory " + directory.path() + ": File too large");
  EXPECT_THAT(directory.names(), IsEmpty());
}

TEST(EnsureFileWritable, takes_new_files_old_files_and_devices_and_changes_none) {
  const TemporaryDirectory directory;
  const WorkingDirectory here(directory.path());
  directory.add("old", "text");
  for (const char* path : {"new", "old", "/dev/null", "/dev/full", "a/new"})
    ensure_file_writable(path);
  EXPECT_EQ(contents_of("old"), "text");
  EXPECT_FALSE(std::filesystem::exists("new"));
}

TEST(EnsureFileWritable, refuses_directories) {
  const TemporaryDirectory directory;
  EXPECT_EQ(failure_of([&] { ensure_file_writable(directory.path()); }),
            "cannot write " + directory.path() + ": Is a directory");
  EXPECT_EQ(failure_of([&] { ensure_file_writable(directory / "new/"); }),
            "cannot write " + (directory / "new/") + ": Is a directory");
}

}  // namespace files_out_test
}  // namespace orrery
