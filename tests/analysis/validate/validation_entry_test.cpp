#include "analysis/validate/validation_entry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/data_paths.hpp"
#include "scenarios/text/document.hpp"
#include "tests/analysis/temporary_directory.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace validation_entry_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::SizeIs;

std::vector<ValidationEntry> entries_of(const std::string& text) {
  return validation_entries(parse_document(text, "v.yaml"));
}
std::string error_in(const std::string& text) {
  return error_of([&] { entries_of(text); });
}

const std::string kHead =
    "title: Stacks\n"
    "load: the file's load\n"
    "replications: 2\n"
    "runs:\n"
    "  luna: {scenario: rpc-4k, set: [seed=3]}\n"
    "entries:\n";

// The lines of an entry, some replaced (`{"kind", "VAL"}`), some left out (`{"load", ""}`), some
// added.
std::string entry(const std::vector<std::pair<std::string, std::string>>& changes = {}) {
  std::vector<std::pair<std::string, std::string>> lines = {{"id", "rpc"},
                                                            {"source", "a paper"},
                                                            {"figure", "one RPC"},
                                                            {"value", "13.1"},
                                                            {"unit", "us"},
                                                            {"kind", "CAL"},
                                                            {"load", "one at a time"},
                                                            {"metric", "luna:jobs.0.iops / 1000"},
                                                            {"tolerance", "5%"},
                                                            {"reason", "fitted"}};
  for (const auto& [key, value] : changes) {
    const auto line = std::find_if(lines.begin(), lines.end(),
                                   [&key = key](const auto& given) { return given.first == key; });
    if (line == lines.end()) lines.emplace_back(key, value);
    else line->second = value;
  }
  std::string text;
  for (const auto& [key, value] : lines)
    if (!value.empty()) text += (text.empty() ? "  - " : "    ") + key + ": " + value + "\n";
  return text;
}

TEST(ValidationEntry, is_read_with_the_run_its_metric_names) {
  const auto all = entries_of(kHead + entry());
  ASSERT_THAT(all, SizeIs(1));
  const ValidationEntry& e = all[0];
  EXPECT_EQ(e.id, "rpc");
  EXPECT_EQ(e.title, "Stacks");
  EXPECT_EQ(e.value, 13.1);
  EXPECT_EQ(e.unit, "us");
  EXPECT_EQ(e.kind, "CAL");
  EXPECT_EQ(e.metric_text, "luna:jobs.0.iops / 1000");
  EXPECT_EQ(e.mark, (SourceMark{"v.yaml", 7, 5}));
  EXPECT_THAT(e.parts, IsEmpty());
  ASSERT_THAT(e.runs, ElementsAre(Key("luna")));
  EXPECT_EQ(e.runs.at("luna").scenario, "rpc-4k");
  EXPECT_THAT(e.runs.at("luna").set, ElementsAre("seed=3"));
}

TEST(ValidationEntry, takes_load_and_replications_from_its_file_where_it_has_none_of_its_own) {
  const auto all =
      entries_of(kHead + entry({{"load", ""}}) + entry({{"id", "two"}, {"replications", "5"}}));
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].load, "the file's load");
  EXPECT_EQ(all[0].replications, 2);
  EXPECT_EQ(all[1].load, "one at a time");
  EXPECT_EQ(all[1].replications, 5);
}

TEST(ValidationEntry, without_any_load_is_refused) {
  EXPECT_EQ(
      error_in("title: t\nruns: {luna: {scenario: rpc-4k}}\nentries:\n" + entry({{"load", ""}})),
      "v.yaml:4:5: error: rpc: `load` must say under which load");
}

TEST(ValidationEntry, has_parts_with_metrics_of_their_own) {
  const auto all = entries_of(
      kHead + entry({{"runs", "{own: {scenario: p4510}}"},
                     {"parts", "[{name: fn, value: 2, metric: \"own:x.y + luna:z\"}]"}}));
  ASSERT_THAT(all, SizeIs(1));
  ASSERT_THAT(all[0].parts, SizeIs(1));
  EXPECT_EQ(all[0].parts[0].name, "fn");
  EXPECT_EQ(all[0].parts[0].value, 2);
  EXPECT_EQ(all[0].parts[0].metric.references()[0].path, "x.y");
  EXPECT_THAT(all[0].runs, ElementsAre(Key("luna"), Key("own")));
}

TEST(ValidationEntry, prefers_its_own_run_to_one_of_the_file_with_the_same_name) {
  const auto all = entries_of(kHead + entry() +
                              entry({{"id", "two"}, {"runs", "{luna: {scenario: first-light}}"}}));
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].runs.at("luna").scenario, "rpc-4k");
  EXPECT_EQ(all[1].runs.at("luna").scenario, "first-light");
}

TEST(ValidationEntry, is_near_up_to_and_at_its_tolerance) {
  ValidationEntry e;
  e.value = -200;
  e.tolerance = 0.25;
  EXPECT_TRUE(e.is_near(-200));
  EXPECT_TRUE(e.is_near(-250));
  EXPECT_TRUE(e.is_near(-150));
  EXPECT_FALSE(e.is_near(-251));
  EXPECT_FALSE(e.is_near(200));
  EXPECT_FALSE(e.is_near(std::nan("")));
}

TEST(ValidationEntry, is_near_up_to_and_at_its_distance) {
  ValidationEntry e;
  e.value = 0;
  e.within = 0.5;
  EXPECT_TRUE(e.is_near(0.5));
  EXPECT_TRUE(e.is_near(-0.5));
  EXPECT_FALSE(e.is_near(0.51));
}

TEST(ValidationEntry, that_is_wrong_is_wrong_at_its_line_and_column) {
  EXPECT_EQ(error_in(kHead + entry({{"tolerance", ""}})),
            "v.yaml:7:5: error: rpc: give one of `tolerance`, `within`, `above`");
  EXPECT_EQ(error_in(kHead + entry({{"within", "3"}})),
            "v.yaml:7:5: error: rpc: give one of `tolerance`, `within`, `above`");
  EXPECT_EQ(error_in(kHead + entry({{"value", "0"}})),
            "v.yaml:15:5: error: rpc: a share of 0 is 0; use `within`");
  EXPECT_EQ(error_in(kHead + entry({{"kind", "VAL"}})),
            "v.yaml:7:5: error: rpc: `miss` must say what a miss tells");
  EXPECT_EQ(error_in(kHead + entry({{"kind", "CALL"}})),
            "v.yaml:12:11: error: unknown value for kind 'CALL' (did you mean 'CAL'?)");
  EXPECT_THAT(error_in(kHead + entry({{"value", "13us"}})), HasSubstr("v.yaml:10:12: error: "));
  EXPECT_THAT(error_in(kHead + entry({{"tolerance", "0"}})), HasSubstr("v.yaml:15:16: error: "));
  EXPECT_THAT(error_in(kHead + entry({{"replications", "101"}})),
              HasSubstr("v.yaml:17:19: error: "));
  EXPECT_THAT(error_in(kHead + entry({{"sorce", "x"}})),
              HasSubstr("v.yaml:17:5: error: unknown key 'sorce' (did you mean 'source'?)"));
  EXPECT_THAT(error_in(kHead + entry({{"figure", ""}})),
              HasSubstr("v.yaml:7:5: error: missing key 'figure'"));
  EXPECT_THAT(error_in(kHead + entry({{"metric", "luna:a."}})),
              HasSubstr("v.yaml:14:13: error: metric: expected a step of a path"));
  EXPECT_EQ(error_in(kHead + "  - just text\n"),
            "v.yaml:7:5: error: expected a mapping of keys, got 'just text'");
}

TEST(ValidationEntry, names_the_nearest_run) {
  EXPECT_EQ(error_in(kHead + entry({{"metric", "lnua:jobs.0.iops"}})),
            "v.yaml:14:13: error: unknown run 'lnua' (did you mean 'luna'?)");
  EXPECT_EQ(error_in(kHead + entry({{"parts", "[{name: n, value: 1, metric: \"lnua:x\"}]"}})),
            "v.yaml:17:41: error: unknown run 'lnua' (did you mean 'luna'?)");
}

TEST(ValidationEntry, refuses_parts_and_runs_of_the_wrong_form) {
  EXPECT_EQ(error_in(kHead + entry({{"parts", "{a: 1}"}})),
            "v.yaml:17:5: error: parts: expected a list of {name, value, metric}");
  EXPECT_EQ(error_in(kHead + entry({{"runs", "[a]"}})),
            "v.yaml:17:5: error: runs: expected a mapping of names to {scenario, set}, got a list");
  EXPECT_EQ(error_in(kHead + entry({{"runs", "{own: rpc-4k}"}})),
            "v.yaml:17:17: error: expected a mapping of keys, got 'rpc-4k'");
}

TEST(ValidationEntry, refuses_runs_that_no_metric_uses) {
  EXPECT_EQ(error_in("title: t\nruns:\n  luna: {scenario: rpc-4k}\n  idle: {scenario: rpc-4k}\n"
                     "entries:\n" +
                     entry()),
            "v.yaml:4:3: error: no metric uses run 'idle'");
  EXPECT_EQ(error_in(kHead + entry({{"runs", "{idle: {scenario: rpc-4k}}"}})),
            "v.yaml:17:12: error: no metric uses run 'idle'");
  EXPECT_EQ(error_in(kHead + entry({{"runs", "{luna: {scenario: p4510}}"}})),
            "v.yaml:5:3: error: no metric uses run 'luna'");
}

TEST(ValidationEntries, are_a_list_in_a_file_with_a_title) {
  EXPECT_EQ(error_in("title: t\n"), "v.yaml:1:1: error: `entries` is a list of published figures");
  EXPECT_EQ(error_in("title: t\nentries: {}\n"),
            "v.yaml:2:1: error: `entries` is a list of published figures");
  EXPECT_THAT(error_in("entries: []\n"), HasSubstr("v.yaml:1:1: error: missing key 'title'"));
  EXPECT_THAT(entries_of("title: t\nentries: []\n"), IsEmpty());
}

TEST(ValidationFiles, are_read_in_the_order_of_their_names) {
  const TemporaryDirectory directory;
  directory.add("b.yaml", kHead + entry({{"id", "second"}}));
  directory.add("a.yaml", kHead + entry({{"id", "first"}}));
  directory.add("notes.txt", "not: [a validation file");
  const auto all = load_validation(directory.path());
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].id, "first");
  EXPECT_EQ(all[1].id, "second");
}

TEST(ValidationFiles, hold_every_id_once) {
  const TemporaryDirectory directory;
  const std::string first = directory.add("a.yaml", kHead + entry());
  const std::string second = directory.add("b.yaml", kHead + entry());
  EXPECT_EQ(error_of([&] { load_validation(directory.path()); }),
            second + ":7:5: error: id 'rpc' is there already\n  hint: at " + first + ":7:5");
}

TEST(ValidationFiles, that_come_with_the_program_name_scenarios_that_load) {
  const auto all = load_validation(validation_directory());
  EXPECT_GT(all.size(), 50u);
  for (const ValidationEntry& e : all) {
    EXPECT_FALSE(e.load.empty()) << e.id;
    for (const auto& [name, run] : e.runs) EXPECT_NO_THROW(load(run.request())) << e.id;
  }
}

}  // namespace validation_entry_test
}  // namespace orrery
