#include <gtest/gtest.h>

#include <system_error>

#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace include_test {

TextNode loaded(const Files& files, const std::string& path) {
  return load_document(path, reader_of(files), lister_of(files));
}
std::string error_in(const Files& files, const std::string& path) {
  return error_of([&] { loaded(files, path); });
}

TEST(Include, lies_below_the_including_file) {
  const TextNode root =
      loaded({{"lib/main.yaml", "include: ../base/pod.yaml\nnetwork: {rate: 100Gbps}\nlist: [c]\n"},
              {"base/pod.yaml", "network: {rate: 25Gbps, mtu: 9000B}\nlist: [a, b]\nseed: 7\n"}},
             "lib/main.yaml");
  EXPECT_EQ(root, parse_document("{network: {rate: 100Gbps, mtu: 9000B}, list: [c], seed: 7}", ""));
  EXPECT_EQ(root.find("network.mtu")->mark, (SourceMark{"base/pod.yaml", 1, 30}));
}

TEST(Include, of_several_files_prefers_the_later_one) {
  const TextNode root = loaded({{"main.yaml", "include: [one.yaml, two.yaml]\n"},
                                {"one.yaml", "a: 1\nb: 1\n"},
                                {"two.yaml", "b: 2\ninclude: three.yaml\n"},
                                {"three.yaml", "b: 3\nc: 3\n"}},
                               "main.yaml");
  EXPECT_EQ(root.find("a")->text, "1");
  EXPECT_EQ(root.find("b")->text, "2");
  EXPECT_EQ(root.find("c")->text, "3");
  EXPECT_EQ(root.find("include"), nullptr);
}

TEST(Include, may_name_the_same_file_twice_and_an_empty_one) {
  EXPECT_EQ(loaded({{"main.yaml", "include: [one.yaml, one.yaml, empty.yaml]\n"},
                    {"one.yaml", "a: 1\n"},
                    {"empty.yaml", "# nothing\n"}},
                   "main.yaml"),
            parse_document("a: 1", ""));
}

TEST(List, of_faults_is_read_wherever_faults_stand_in_a_file) {
  const Files files = {{"main.yaml",
                        "include: sub/below.yaml\nfaults: [{list: f.csv}]\n"
                        "variants: {a: {faults: [{kind: k}, {list: f.csv}]}, b: {seed: 1}, c:}\n"},
                       {"sub/below.yaml", "variants: {d: {faults: [{list: g.csv}]}}\n"},
                       {"f.csv", "kind,at\nloss,1s\n"},
                       {"sub/g.csv", "kind,at\nblackhole,2s\n"}};
  const TextNode root = loaded(files, "main.yaml");
  EXPECT_EQ(root.find("faults.0.kind")->text, "loss");
  EXPECT_EQ(root.find("variants.a.faults.0.kind")->text, "k");
  EXPECT_EQ(root.find("variants.a.faults.1.kind")->text, "loss");
  EXPECT_EQ(root.find("variants.d.faults.0.kind")->text, "blackhole");
  EXPECT_EQ(error_in({{"a.yaml", "variants: {a: {faults: [{list: no.csv}]}}\n"}}, "a.yaml"),
            "a.yaml:1:32: error: cannot read file 'no.csv'");
}

TEST(Include, of_itself_is_refused_with_the_chain_at_the_line_that_closes_it) {
  EXPECT_EQ(error_in({{"a.yaml", "include: sub/b.yaml\n"},
                      {"sub/b.yaml", "x: 1\ninclude:\n  - ../a.yaml\n"}},
                     "a.yaml"),
            "sub/b.yaml:3:5: error: include cycle: a.yaml -> sub/b.yaml -> a.yaml");
}

TEST(Include, of_a_missing_file_names_the_nearest_one) {
  EXPECT_EQ(
      error_in({{"lib/a.yaml", "x: 1\ninclude: pods.yaml\n"}, {"lib/pod.yaml", ""}}, "lib/a.yaml"),
      "lib/a.yaml:2:10: error: cannot read file 'lib/pods.yaml' (did you mean 'pod.yaml'?)");
  EXPECT_EQ(error_of([] { load_document("b.yaml", reader_of({})); }),
            "b.yaml: error: cannot read file 'b.yaml'");
}

TEST(Include, of_a_file_that_cannot_be_read_says_why_where_it_was_asked_for) {
  const FileReader read = [](const std::string& path, std::size_t) -> std::optional<std::string> {
    if (path == "a.yaml") return "include: locked.yaml\n";
    throw std::system_error(std::make_error_code(std::errc::permission_denied));
  };
  EXPECT_EQ(error_of([&] { load_document("a.yaml", read); }),
            "a.yaml:1:10: error: cannot read file 'locked.yaml': Permission denied");
  EXPECT_EQ(error_of([] { load_document("/", disk_reader()); }),
            "/: error: cannot read file '/': Is a directory");
  EXPECT_FALSE(disk_reader()("/no/such/file", 1));
}

TEST(Include, must_be_a_name_of_a_file_that_holds_a_mapping) {
  EXPECT_EQ(error_in({{"a.yaml", "include: {x: 1}\n"}}, "a.yaml"),
            "a.yaml:1:10: error: include: expected a file name or a list of them, got a mapping");
  EXPECT_EQ(error_in({{"a.yaml", "include:\n"}}, "a.yaml"),
            "a.yaml:1:1: error: include: expected a file name or a list of them, got nothing");
  EXPECT_EQ(error_in({{"a.yaml", "include: b.yaml\n"}, {"b.yaml", "- x\n"}}, "a.yaml"),
            "b.yaml:1:1: error: an included file must hold a mapping, got a list");
}

TEST(Include, is_limited_in_number) {
  Files files;
  for (int i = 0; i < 20; ++i) {
    const std::string next = "f" + std::to_string(i + 1) + ".yaml";
    files["f" + std::to_string(i) + ".yaml"] = "include: [" + next + ", " + next + "]\n";
  }
  files["f20.yaml"] = "a: 1\n";
  EXPECT_NE(error_in(files, "f0.yaml").find("more than 64 files are included"), std::string::npos);
}

}  // namespace include_test
}  // namespace orrery
