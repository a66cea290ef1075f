#include "analysis/blast/blast.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/blast/blast_journal.hpp"
#include "analysis/failure.hpp"
#include "analysis/loading.hpp"
#include "tests/analysis/table_cells.hpp"
#include "tests/analysis/temporary_directory.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace blast_test {

using Json = nlohmann::ordered_json;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// One client and one server in racks of their own.
Scenario small() { return load({"rpc-4k", {"workload.0.runtime=2ms"}, {}}).scenario; }

std::vector<std::string> names_of(const std::vector<BlastCase>& cases) {
  std::vector<std::string> names;
  for (const BlastCase& one : cases) names.push_back(one.name());
  return names;
}
std::vector<std::string> names_of(const BlastPlan& plan) {
  return names_of(blast_cases(small(), plan));
}
BlastPlan only(std::vector<std::string> kinds, std::string among = "*") {
  return {{}, {}, std::move(kinds), std::move(among), 0};
}

Json row_with(const std::string& component, int hangs, int failed, int volumes, double last_s) {
  return {{"kind", "loss"},
          {"component", component},
          {"type", "link"},
          {"second_kind", nullptr},
          {"second_component", nullptr},
          {"volumes_hung", 0},
          {"hangs_1s", hangs},
          {"hangs_60s", 0},
          {"failed", failed},
          {"volumes_hit", volumes},
          {"ios_hit", volumes * 2},
          {"last_hit_after_s", last_s},
          {"worst_latency_ns", 5},
          {"in_flight_at_end", 0},
          {"broken_checks", Json::array()}};
}

TEST(BlastCases, are_every_component_in_each_way_it_can_fail) {
  EXPECT_THAT(names_of(only({"switch_down"}, "frontend/tor-*")),
              ElementsAre("switch_down frontend/tor-0a", "switch_down frontend/tor-0b",
                          "switch_down frontend/tor-1a", "switch_down frontend/tor-1b"));
  EXPECT_THAT(names_of(only({}, "frontend/tor-0a")),
              ElementsAre("switch_down frontend/tor-0a", "switch_isolation frontend/tor-0a",
                          "blackhole frontend/tor-0a", "loss frontend/tor-0a"));
}

TEST(BlastCases, leave_out_compute_servers_and_uplinks_of_what_has_none) {
  const auto names = names_of(BlastPlan{});
  EXPECT_THAT(names, Contains("server_down storage-0"));
  EXPECT_THAT(names, Not(Contains("server_down compute-0")));
  EXPECT_THAT(names, Not(Contains(HasSubstr("switch_isolation frontend/spine"))));
  EXPECT_THAT(names, Not(Contains(HasSubstr("port_down"))));
  EXPECT_THAT(names_of(only({"port_down"})), Each(HasSubstr("port_down frontend/")));
}

TEST(BlastCases, begin_after_the_ramp_and_last_for_good) {
  for (const BlastCase& one : blast_cases(small(), {})) {
    EXPECT_EQ(one.faults[0].at, Duration(std::chrono::milliseconds(1)));
    EXPECT_FALSE(one.faults[0].lasts);
  }
  Scenario no_ramp = small();
  no_ramp.workload[0].ramp_time = {};
  EXPECT_EQ(default_begin(no_ramp), no_ramp.workload[0].runtime / 5);
}

TEST(BlastCases, are_faults_that_a_scenario_may_have) {
  for (const BlastCase& one : blast_cases(small(), {})) {
    const FaultSpec& fault = one.faults[0];
    std::string text = fmt::format("{{kind: {}, target: '{}', at: 1ms", fault.kind, fault.target);
    if (fault.rate) text += fmt::format(", rate: {}", *fault.rate);
    if (fault.fraction) text += fmt::format(", fraction: {}", *fault.fraction);
    if (fault.speed) text += fmt::format(", speed: {}bps", fault.speed->bits_per_second());
    const LoadedScenario loaded = load({"rpc-4k", {"faults=[" + text + "}]"}, {}});
    ASSERT_THAT(loaded.scenario.faults, SizeIs(1)) << one.name();
    EXPECT_EQ(loaded.scenario.faults[0].speed, fault.speed) << one.name();
  }
}

TEST(BlastCases, refuse_what_leaves_nothing_to_break) {
  EXPECT_THAT(error_of([] { names_of(only({"swich_down"})); }),
              HasSubstr("--kinds: error: unknown kind of failure 'swich_down' (did you mean "
                        "'switch_down'?)"));
  EXPECT_THAT(error_of([] { names_of(only({}, "nowhere")); }), HasSubstr("--among: error: "));
  EXPECT_THAT(error_of([] {
                names_of(BlastPlan{Duration(std::chrono::seconds(9)), {}, {}, "*", 0});
              }),
              HasSubstr("--at: error: the run is over"));
  EXPECT_THAT(error_of([] {
                blast_cases(load({"p4510", {}, {}}).scenario, {});
              }),
              HasSubstr("nothing here to break"));
}

TEST(BlastPairs, are_of_different_components_and_follow_from_the_seed) {
  BlastPlan plan;
  plan.pairs = 30;
  const auto pairs = blast_cases(small(), plan);
  EXPECT_THAT(pairs, SizeIs(30));
  EXPECT_EQ(names_of(pairs), names_of(plan));
  for (const BlastCase& pair : pairs) {
    ASSERT_THAT(pair.faults, SizeIs(2));
    EXPECT_NE(pair.faults[0].target, pair.faults[1].target);
  }
  auto names = names_of(pairs);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
  Scenario other = small();
  other.head.seed = 2;
  EXPECT_NE(names_of(blast_cases(other, plan)), names);
}

TEST(BlastPairs, are_no_more_than_there_are) {
  BlastPlan plan = only({"switch_down"}, "frontend/tor-*");
  plan.pairs = 100;
  EXPECT_THAT(names_of(plan), SizeIs(6));
  plan.among = "frontend/tor-0a";
  EXPECT_THAT(error_of([&] { names_of(plan); }), HasSubstr("--pairs: error: "));
}

TEST(BlastRanking, has_hangs_before_failures_before_volumes_before_time) {
  const auto rows = ranked({row_with("unhurt", 0, 0, 0, 0), row_with("slow", 0, 0, 4, 2.0),
                            row_with("slower", 0, 0, 4, 3.0), row_with("wide", 0, 0, 9, 0.1),
                            row_with("fails", 0, 1, 1, 0.1), row_with("hangs", 1, 0, 1, 0.1),
                            row_with("unhurt too", 0, 0, 0, 0)});
  std::vector<std::string> order;
  for (const Json& row : rows) order.push_back(row["component"]);
  EXPECT_THAT(order,
              ElementsAre("hangs", "fails", "wide", "slower", "slow", "unhurt", "unhurt too"));
}

TEST(BlastRow, of_two_failures_counts_both) {
  const FaultSpec fault;
  const BlastCase pair{{fault, fault}, {Equipment::Kind::tor, Equipment::Kind::tor}};
  const Json none = {{"ios_hit", 0},
                     {"volumes_hit", 0},
                     {"failed", 0},
                     {"hangs_1s", 0},
                     {"worst_latency_ns", nullptr},
                     {"last_hit_after_s", nullptr}};
  const Json some = {{"ios_hit", 7},  {"volumes_hit", 3},        {"failed", 2},
                     {"hangs_1s", 1}, {"worst_latency_ns", 9.0}, {"last_hit_after_s", 0.5}};
  const Json row = blast_row(pair, {{"faults", {none, some}}, {"hangs", {{"over_1s", 4}}}});
  EXPECT_EQ(row["ios_hit"], 7);
  EXPECT_EQ(row["volumes_hit"], 3);
  EXPECT_EQ(row["failed"], 2);
  EXPECT_EQ(row["hangs_1s"], 4);
  EXPECT_EQ(row["worst_latency_ns"], 9.0);
  EXPECT_EQ(row["last_hit_after_s"], 0.5);
  EXPECT_TRUE(blast_row(pair, {{"faults", {none, none}}})["last_hit_after_s"].is_null());
}

TEST(BlastTable, shows_the_worst_and_says_how_many_more) {
  std::vector<Json> rows = {row_with("a", 1, 0, 1, 0.1), row_with("b", 0, 0, 1, 0.1),
                            row_with("c", 0, 0, 0, 0)};
  const std::string text = blast_table(small(), {}, rows, 1, {});
  EXPECT_THAT(text, AllOf(HasSubstr("loss     a "), Not(HasSubstr("loss     b "))));
  EXPECT_THAT(text, HasSubstr("and 2 more, of which 1 hit no I/O"));
  EXPECT_THAT(text, HasSubstr("too early to see an I/O hang"));
}

TEST(Blast, gives_the_same_rows_from_any_number_of_processes) {
  const Scenario scenario = small();
  const auto cases = blast_cases(scenario, only({"link_down", "switch_down"}));
  const auto one = run_cases(scenario, cases, 1, {}, {});
  const auto three = run_cases(scenario, cases, 3, {}, {});
  EXPECT_THAT(one.failures, IsEmpty());
  EXPECT_EQ(blast_csv(ranked(one.rows)), blast_csv(ranked(three.rows)));
  EXPECT_THAT(blast_csv(ranked(one.rows)), HasSubstr("switch_down,frontend/tor-0a,ToR,,,"));
}

TEST(BlastJournal, gives_back_what_was_added) {
  const TemporaryDirectory directory;
  const Json row = row_with("a", 1, 2, 3, 0.1);
  {
    BlastJournal journal(directory.path(), small());
    EXPECT_EQ(journal.find("x"), nullptr);
    journal.add("x", row);
  }
  const BlastJournal again(directory.path(), small());
  ASSERT_NE(again.find("x"), nullptr);
  EXPECT_EQ(*again.find("x"), row);
  EXPECT_EQ(again.of_other_versions(), 0U);
}

TEST(BlastJournal, cuts_off_a_line_that_was_not_finished) {
  const TemporaryDirectory directory;
  BlastJournal(directory.path(), small()).add("x", row_with("a", 1, 2, 3, 0.1));
  const std::string whole = contents_of(directory / "done.jsonl");
  for (const std::string& half : {whole.substr(0, whole.size() - 1), std::string("{\"run\"")}) {
    directory.add("done.jsonl", whole + half);
    {
      BlastJournal journal(directory.path(), small());
      EXPECT_NE(journal.find("x"), nullptr);
      journal.add("y", row_with("b", 0, 0, 0, 0));
    }
    EXPECT_THAT(contents_of(directory / "done.jsonl"),
                testing::StartsWith(whole + "{\"run\":\"y\""));
    EXPECT_NE(BlastJournal(directory.path(), small()).find("y"), nullptr);
  }
}

TEST(BlastJournal, refuses_another_scenario_and_what_is_no_journal) {
  const TemporaryDirectory directory;
  BlastJournal(directory.path(), small()).add("x", row_with("a", 1, 2, 3, 0.1));
  Scenario other = small();
  other.head.scenario = "other";
  EXPECT_THAT(error_of([&] { BlastJournal(directory.path(), other); }),
              HasSubstr("done.jsonl:1:1: error: these are results of scenario 'rpc-4k', not of "
                        "'other'"));
  directory.add("done.jsonl", "a letter\n");
  EXPECT_THAT(error_of([&] { BlastJournal(directory.path(), small()); }),
              HasSubstr("done.jsonl:1:1: error: this line was not written by a blast"));
  directory.add("file", "");
  EXPECT_THROW(BlastJournal(directory / "file", small()), Failure);
}

TEST(BlastJournal, leaves_spoilt_lines_and_has_their_runs_made_again) {
  const TemporaryDirectory directory;
  BlastJournal(directory.path(), small()).add("x", row_with("a", 1, 2, 3, 0.1));
  const std::string good = contents_of(directory / "done.jsonl");
  std::string without_row = good;
  without_row.replace(without_row.find("{\"kind\""), std::string::npos, "{}}\n");
  for (const std::string& bad :
       {std::string("\n"), std::string("{\"run\": \n"), std::string("[1]\n"),
        std::string(4096, '\0') + "\n", without_row}) {
    for (const std::string& text : {bad + good, good + bad}) {
      directory.add("done.jsonl", text);
      const BlastJournal journal(directory.path(), small());
      EXPECT_EQ(journal.unreadable(), 1U) << bad;
    }
  }
  // Of two lines of one run the good one counts, wherever it stands.
  directory.add("done.jsonl", without_row + good);
  EXPECT_NE(BlastJournal(directory.path(), small()).find("x"), nullptr);
  directory.add("done.jsonl", "");
  EXPECT_EQ(BlastJournal(directory.path(), small()).find("x"), nullptr);
}

TEST(BlastJournal, is_one_process_s) {
  const TemporaryDirectory directory;
  const BlastJournal first(directory.path(), small());
  EXPECT_THROW(BlastJournal(directory.path(), small()), Failure);
}

TEST(BlastJournal, counts_lines_of_other_versions) {
  const TemporaryDirectory directory;
  directory.add("done.jsonl", R"({"run":"x","scenario":"rpc-4k","version":"0.0.1","row":{}})"
                              "\n");
  EXPECT_EQ(BlastJournal(directory.path(), small()).of_other_versions(), 1U);
}

TEST(BlastRunId, changes_with_anything_that_changes_the_result) {
  const Scenario scenario = small();
  const auto cases = blast_cases(scenario, {});
  const std::string id = run_id_of(with_faults(scenario, cases[0].faults));
  EXPECT_EQ(run_id_of(with_faults(scenario, cases[0].faults)), id);
  EXPECT_NE(run_id_of(with_faults(scenario, cases[1].faults)), id);
  Scenario seeded = scenario;
  seeded.head.seed = 2;
  EXPECT_NE(run_id_of(with_faults(seeded, cases[0].faults)), id);
  std::vector<FaultSpec> brief = cases[0].faults;
  brief[0].lasts = Duration(std::chrono::milliseconds(1));
  EXPECT_NE(run_id_of(with_faults(scenario, brief)), id);
}

TEST(BlastTable, tells_what_failed_in_every_line_however_narrow_the_terminal_is) {
  const std::vector<Json> rows = {row_with("backend/tor-0b--spine-0", 12345, 2, 16, 0.5),
                                  row_with("frontend/tor-3a", 3, 0, 8, 0.25)};
  for (const int width : {50, 60, 80, 200}) {
    const std::string table = blast_table(small(), {}, rows, 20, {width});
    EXPECT_THAT(table, HasSubstr("recovered"));
    EXPECT_THAT(table, HasSubstr("worst"));
    // Up to the sums by kind, which have no components.
    for (const std::string& line : lines_in(table.substr(0, table.find("of a"))))
      if (line.starts_with("loss")) {
        EXPECT_THAT(line, testing::AnyOf(HasSubstr("tor-0b--spine-0"), HasSubstr("tor-3a")));
      }
  }
}

TEST(BlastTable, has_a_pair_of_failures_in_two_lines) {
  Json pair = row_with("a--b", 0, 0, 1, 0.5);
  pair["second_kind"] = "link_down";
  pair["second_component"] = "c--d";
  const auto lines = lines_in(blast_table(small(), {}, {pair}, 20, {80}));
  EXPECT_THAT(cells_in(lines[1])[0], testing::Eq("loss a--b +"));
  EXPECT_THAT(cells_in(lines[2]), ElementsAre("link_down c--d"));
}

}  // namespace blast_test
}  // namespace orrery
