#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace override_test {

TextNode scenario() {
  return parse_document("seed: 1\nworkload:\n  - {bs: 4KiB, iodepth: 1}\nempty:\n", "a.yaml");
}
TextNode with(std::string_view assignment) {
  TextNode root = scenario();
  apply_override(root, assignment);
  return root;
}
std::string error_for(std::string_view assignment) {
  return error_of([&] { with(assignment); });
}

TEST(Override, replaces_a_value_and_marks_it_as_an_argument) {
  const TextNode root = with("workload.0.iodepth=32");
  EXPECT_EQ(root.find("workload.0.iodepth")->text, "32");
  EXPECT_EQ(root.find("workload.0.iodepth")->mark,
            (SourceMark{"--set workload.0.iodepth=32", 1, 20}));
  EXPECT_EQ(root.find("workload.0.bs")->text, "4KiB");
}

TEST(Override, creates_the_maps_on_its_way) {
  EXPECT_EQ(with("profiles.luna.window=64KiB").find("profiles.luna.window")->text, "64KiB");
  EXPECT_EQ(with("empty.x=1").find("empty.x")->text, "1");
  EXPECT_EQ(with("a.b=1").entry("a")->mark, (SourceMark{"--set a.b=1", 1, 1}));
  EXPECT_EQ(with("a.b=1").entry("a")->value.entry("b")->mark, (SourceMark{"--set a.b=1", 1, 3}));
}

TEST(Override, takes_flow_lists_flow_maps_and_quotes) {
  EXPECT_EQ(*with("seed=[1, {x: 2}]").find("seed"), parse_document("[1, {x: 2}]", ""));
  EXPECT_EQ(with("seed=\"a: b\"").find("seed")->text, "a: b");
  EXPECT_EQ(with("seed=a=b").find("seed")->text, "a=b");
  for (const char* nothing : {"", " ", "~", "null"})
    EXPECT_TRUE(with(std::string("seed=") + nothing).find("seed")->is_null()) << nothing;
}

TEST(Override, refuses_what_is_no_assignment) {
  EXPECT_EQ(error_for("seed"), "--set seed:1:1: error: expected path.to.key=value");
  EXPECT_EQ(error_for("=5"), "--set =5:1:1: error: expected path.to.key=value");
  EXPECT_EQ(error_for("a..b=5"),
            "--set a..b=5:1:3: error: 'a..b' is no path of keys\n"
            "  hint: write keys with one dot between them: path.to.key=value");
  EXPECT_EQ(error_for("a=1\nb=2"), "--set: error: an override is one line");
}

TEST(Override, takes_text_literally_whatever_yaml_would_make_of_it) {
  for (const char* text :
       {"a # b", "a: b",   "a: b # c", "#1",   "# 1", "- a",   "*",
        "*/*",   "&x",     "!x",       "|",    ">",   "%",     "@",
        "it's",  "a\"b\"", "---",      "a, b", "a]",  "k: [1", "\xC3\xA9 # \xC3\xA9"}) {
    const TextNode root = with(std::string("seed=") + text);
    EXPECT_EQ(root.find("seed")->text, text);
    EXPECT_EQ(root.find("seed")->mark.column, 6);
  }
  EXPECT_EQ(with("seed=  a # b ").find("seed")->text, "a # b");
  EXPECT_EQ(with("seed=  a # b ").find("seed")->mark.column, 8);
}

TEST(Override, cuts_no_comment_off_what_is_read_as_yaml) {
  EXPECT_EQ(with("seed=\"a # b\"").find("seed")->text, "a # b");
  EXPECT_EQ(*with("seed=[a#b, \"# c\"]").find("seed"), parse_document("[a#b, \"# c\"]", ""));
  for (const char* text : {"\"a\" # b", "[1, 2] # b", "{x: 1} # b", "'a' #"})
    EXPECT_EQ(error_for(std::string("seed=") + text),
              std::string("--set seed=") + text +
                  ":1:6: error: a comment after the value\n"
                  "  hint: put quotes around the whole of a text that holds ' #'");
}

TEST(Override, refuses_broken_yaml_at_its_column) {
  EXPECT_EQ(error_for("a.b=[1, *x]"),
            "--set a.b=[1, *x]:1:9: error: invalid YAML: the referenced anchor is not defined");
}

TEST(Override, refuses_steps_that_lead_nowhere) {
  EXPECT_EQ(error_for("workload.1.bs=4KiB"),
            "--set workload.1.bs=4KiB:1:10: error: 'workload' has 1 item, there is no item 1\n"
            "  hint: items count from 0");
  EXPECT_EQ(
      error_for("workload.bs=4KiB"),
      "--set workload.bs=4KiB:1:10: error: 'workload' is a list: expected a number, got 'bs'");
  EXPECT_EQ(error_for("seed.x=1"),
            "--set seed.x=1:1:6: error: 'seed' is '1', it has no key 'x'\n"
            "  hint: set at a.yaml:1:7");
}

TEST(Override, that_fails_changes_nothing) {
  TextNode root = scenario();
  EXPECT_THROW(apply_override(root, "new.path..x=1"), InputError);
  EXPECT_EQ(root, scenario());
}

RC_GTEST_PROP(Override, of_random_bytes_gives_a_tree_or_an_input_error, ()) {
  const std::string alphabet = "abseworkld01.=[]{}: #&*'\"\n\xC3\xA9";
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(alphabet));
  try {
    with(text);
  } catch (const InputError&) {}
}

}  // namespace override_test
}  // namespace orrery
