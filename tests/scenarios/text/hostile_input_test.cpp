// Texts and files that nobody writes by hand: they are read in the time of their length, or
// refused.
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "scenarios/text/csv_lines.hpp"
#include "scenarios/text/document.hpp"
#include "scenarios/text/nearest.hpp"
#include "scenarios/text/rows.hpp"
#include "tests/linear_time.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace hostile_input_test {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string repeated(std::string_view part, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += part;
  return text;
}

TEST(HostileText, of_one_line_is_read_in_the_time_of_its_length) {
  expect_linear(
      [](std::size_t n) {
        EXPECT_THAT(parse_document("a: [" + repeated("1,", n) + "]", "x").find("a")->items,
                    SizeIs(n));
      },
      10'000);
  expect_linear(
      [](std::size_t n) {
        parse_document("[" + repeated("{\"k\":\"\xC3\xA9\",\"v\":[1]},", n) + "]", "x");
      },
      2'000);
  expect_linear(
      [](std::size_t n) { parse_document("\xC3\xA9: \"" + repeated("\\u00e9'x ", n) + "\"", "x"); },
      20'000);
}

TEST(HostileText, marks_are_right_far_into_a_line) {
  const TextNode root = parse_document("a: [" + repeated("\xC3\xA9,", 5000) + "x]", "f");
  EXPECT_EQ(root.find("a")->items[5000].mark, (SourceMark{"f", 1, 10'005}));
  EXPECT_EQ(root.find("a")->items[4999].mark, (SourceMark{"f", 1, 10'003}));
}

TEST(HostileText, with_many_keys_in_a_map_is_read_in_the_time_of_its_length) {
  expect_linear(
      [](std::size_t n) {
        std::string text;
        for (std::size_t i = 0; i < n; ++i) text += "key" + std::to_string(i) + ": 1\n";
        EXPECT_THAT(parse_document(text, "x").entries, SizeIs(n));
      },
      5'000);
}

TEST(HostileText, that_nests_is_refused_at_the_level_that_is_too_deep) {
  for (const std::string_view part : {"[", "{a: ", "{? ", "- ", "? ", "[{a: "})
    EXPECT_THAT(error_of([&] { parse_document(repeated(part, 100'000), "x"); }),
                ::testing::AnyOf(HasSubstr("nested deeper than 64"), HasSubstr("invalid YAML")))
        << part;
  EXPECT_THAT(error_of([] { parse_document(repeated("!", 100'000) + " x", "x"); }),
              HasSubstr("x:1:3: error: "));
}

TEST(HostileText, in_an_override_is_not_repeated_at_every_value) {
  TextNode root = TextNode::map();
  apply_override(root, "a=[" + repeated("1,", 30'000) + "]");
  EXPECT_LT(root.find("a")->items[9].mark.file.size(), 300u);
}

TEST(HostileText, is_not_repeated_whole_in_messages) {
  const std::string name(1'000'000, 'x');
  EXPECT_LT(std::strlen(unknown_name({"f", 1, 1}, "key", name, {"a", "b"}).what()), 1000u);
  EXPECT_LT(error_of([&] { parse_document(name + ": 1\n" + name + ": 2", "f"); }).size(), 3000u);
  EXPECT_LT(error_of([&] { parse_document("\"" + name + "\": !" + name + " 2", "f"); }).size(),
            3000u);
}

TEST(HostileText, of_commas_is_cut_in_the_time_of_its_length) {
  expect_linear(
      [](std::size_t n) {
        const std::string text = "a,b\n\"" + repeated("x\"\"", n) + "\",1\n";
        CsvLines lines(text);
        ASSERT_TRUE(lines.next() && lines.next());
        EXPECT_EQ(lines.cells()[0].size(), 2 * n);
      },
      100'000);
  EXPECT_THAT(error_of([] { parse_rows("a\n" + repeated("x,", 100'000), "f.csv"); }),
              HasSubstr("f.csv:2:513: error: more than 256 cells"));
}

TEST(Rows, count_columns_in_characters) {
  const auto rows = parse_rows("a,b\n\xC3\xA9\xC3\xA9,x\n", "f.csv");
  EXPECT_EQ(rows[0].find("b")->mark, (SourceMark{"f.csv", 2, 4}));
  EXPECT_THAT(error_of([] { parse_rows("a,b\n\xC3\xA9,\"x\n", "f.csv"); }),
              HasSubstr("f.csv:2:3: error: a quote"));
}

// A directory that is gone afterwards.
class SpecialFiles : public ::testing::Test {
 protected:
  SpecialFiles() {
    std::string name = (std::filesystem::temp_directory_path() / "orrery-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~SpecialFiles() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  static std::string refusal(const std::string& path) {
    return error_of([&] { load_document(path, disk_reader(), disk_lister()); });
  }

  std::string directory_;
};

TEST_F(SpecialFiles, are_refused_without_waiting_for_them) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path("socket").c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  for (const std::string& special : {path("pipe"), path("socket"), std::string("/dev/zero"),
                                     std::string("/dev/null"), std::string("/dev/full")})
    EXPECT_EQ(refusal(special),
              special + ": error: cannot read file '" + special + "': no regular file");
  EXPECT_THAT(refusal(directory_), HasSubstr("Is a directory"));
  ::close(socket);
}

TEST_F(SpecialFiles, are_refused_wherever_a_file_names_them) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  std::ofstream(path("s.yaml")) << "seed: 1\ninclude: pipe\n";
  EXPECT_THAT(refusal(path("s.yaml")), HasSubstr("s.yaml:2:10: error: cannot read file"));
  std::ofstream(path("t.yaml")) << "faults:\n  - list: pipe\n";
  EXPECT_THAT(refusal(path("t.yaml")), HasSubstr("t.yaml:2:11: error: cannot read file"));
}

TEST_F(SpecialFiles, pipes_that_the_program_was_given_are_read_to_their_end) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "seed: 7\n", 8), 8);
  ::close(ends[1]);
  const std::string name = "/dev/fd/" + std::to_string(ends[0]);
  EXPECT_EQ(load_document(name, disk_reader()).find("seed")->text, "7");
  ::close(ends[0]);
}

TEST_F(SpecialFiles, that_are_huge_are_refused_without_being_read) {
  std::ofstream(path("huge.yaml")) << "seed: 1\n";
  std::filesystem::resize_file(path("huge.yaml"), std::uintmax_t{1} << 40);
  EXPECT_EQ(refusal(path("huge.yaml")), path("huge.yaml") + ": error: larger than 8 MiB");
  EXPECT_EQ(disk_reader()(path("huge.yaml"), 10)->substr(0, 8), "seed: 1\n");
}

TEST_F(SpecialFiles, a_link_to_nothing_is_not_its_own_nearest_name) {
  std::filesystem::create_symlink("nowhere", path("s.yaml"));
  EXPECT_EQ(refusal(path("s.yaml")),
            path("s.yaml") + ": error: cannot read file '" + path("s.yaml") + "'");
}

}  // namespace hostile_input_test
}  // namespace orrery
