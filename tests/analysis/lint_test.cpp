#include "analysis/lint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/data_paths.hpp"
#include "scenarios/text/files.hpp"
#include "tests/analysis/temporary_directory.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace lint_test {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kScenario =
    "scenario: mine\n"
    "system: rpc\n"
    "workload:\n"
    "  - {name: w, rw: randwrite, runtime: 1ms}\n";

class Lint : public testing::Test {
 protected:
  std::string error_in(const std::string& text, const char* name = "mine.yaml") {
    const std::string file = directory_.add(name, text);
    std::string error = error_of([&] { lint(file); });
    const std::string start = file + ":";
    EXPECT_EQ(error.substr(0, start.size()), start);
    return error.substr(std::min(start.size(), error.size()));
  }
  TemporaryDirectory directory_;
};

TEST_F(Lint, finds_everything_right_that_comes_with_the_program) {
  for (const std::string& place :
       {library_directory(), profile_directory(), validation_directory()})
    for (const std::string& file : disk_lister()(place)) {
      const LintResult result = lint(place + "/" + file);
      EXPECT_THAT(result.finding, HasSubstr(", ok"));
      EXPECT_THAT(result.notes, IsEmpty()) << file;
    }
}

TEST_F(Lint, takes_a_name_from_the_library) {
  EXPECT_EQ(lint("first-light").finding, "scenario 'first-light', ok; 3 variants to compare");
}

TEST_F(Lint, says_what_kind_of_file_it_is) {
  EXPECT_EQ(lint(directory_.add("mine.yaml", kScenario)).finding, "scenario 'mine', ok");
  EXPECT_EQ(lint(profile_directory() + "/luna.yaml").finding, "profile 'luna' of model luna, ok");
  EXPECT_EQ(lint(directory_.add("v.yaml", "title: t\nentries: []\n")).finding,
            "0 validation entries, ok");
}

TEST_F(Lint, notes_what_changes_nothing) {
  const std::string file = directory_.add("mine.yaml", kScenario + "ebs: {replicas: 3}\n");
  EXPECT_THAT(lint(file).notes,
              ElementsAre(file + ":5:1: `ebs` changes nothing in a system of kind rpc"));
}

TEST_F(Lint, finds_an_unknown_key) {
  EXPECT_EQ(error_in(kScenario + "frontend: {stak: luna}\n"),
            "5:12: error: unknown key 'stak' (did you mean 'stack'?)");
}

TEST_F(Lint, finds_what_is_wrong_in_a_variant_that_compare_would_run) {
  EXPECT_EQ(error_in(kScenario + "compare:\n  frontend.stack: [luna, lunar]\n"),
            "6:26: error: unknown value for stack 'lunar' (did you mean 'luna'?)");
  EXPECT_THAT(error_in(kScenario + "compare:\n  frontend.stak: [luna, solar]\n"),
              HasSubstr("unknown key 'stak' (did you mean 'stack'?)"));
  EXPECT_EQ(error_in(kScenario + "compare: {seed: [1, 2, 1]}\n"),
            "5:24: error: value '1' is there twice");
  EXPECT_THAT(error_in(kScenario + "compare: {seed: [7]}\n"),
              HasSubstr("5:18: error: nothing to compare: 'seed' has one value"));
}

TEST_F(Lint, finds_what_is_wrong_in_a_variant_that_nothing_chooses) {
  const std::string variants = kScenario +
                               "variants:\n"
                               "  good: {frontend: {stack: solar}}\n"
                               "  bad: {frontend: {stak: solar}}\n";
  EXPECT_EQ(error_in(variants),
            "7:20: error: unknown key 'stak' (did you mean 'stack'?) (in variant bad)");
  EXPECT_THAT(error_in(variants + "variant: good\n"), HasSubstr("7:20: error: unknown key 'stak'"));
  EXPECT_EQ(error_in(kScenario + "variants: {a: {}, b: [x]}\n"),
            "5:22: error: a variant is a mapping of what differs (in variant b)");
  EXPECT_EQ(error_in(kScenario + "variants: {a: {include: x.yaml}}\n"),
            "5:16: error: a variant has no `include` of its own (in variant a)");
  EXPECT_EQ(lint(directory_.add("mine.yaml", kScenario + "variants: {}\n")).finding,
            "scenario 'mine', ok");
}

TEST_F(Lint, wants_a_profile_in_a_file_of_its_name) {
  const std::string luna = contents_of(profile_directory() + "/luna.yaml");
  EXPECT_THAT(error_in(luna, "moon.yaml"),
              HasSubstr("error: profile 'luna' in a file named 'moon.yaml'"));
  EXPECT_EQ(lint(directory_.add("luna.yaml", luna)).finding, "profile 'luna' of model luna, ok");
}

TEST_F(Lint, finds_a_profile_that_extends_one_beside_it) {
  directory_.add("luna.yaml", contents_of(profile_directory() + "/luna.yaml"));
  const std::string child = "profile: child\nmodel: luna\ntitle: t\nextends: luna\n";
  EXPECT_THAT(lint(directory_.add("child.yaml", child)).finding, EndsWith("ok"));
  EXPECT_THAT(
      error_in(child + "parameters: {windwo: 1}\n", "child.yaml"),
      HasSubstr(
          "5:14: error: unknown parameter of model 'luna' 'windwo' (did you mean 'window'?)"));
}

TEST_F(Lint, loads_the_scenarios_that_validation_entries_run) {
  const std::string entry =
      "title: t\n"
      "entries:\n"
      "  - {id: a, source: s, figure: f, value: 1, kind: CAL, load: l, metric: 'x:a', within: 1,\n"
      "     reason: r, runs: {x: {scenario: SCENARIO}}}\n";
  const auto with = [&](const std::string& scenario) {
    std::string text = entry;
    return text.replace(text.find("SCENARIO"), 8, scenario);
  };
  EXPECT_EQ(lint(directory_.add("v.yaml", with("rpc-4k"))).finding, "1 validation entry, ok");
  EXPECT_THAT(error_of([&] { lint(directory_.add("v.yaml", with("rpc-4kk"))); }),
              HasSubstr("(did you mean 'rpc-4k'?)"));
}

}  // namespace lint_test
}  // namespace orrery
