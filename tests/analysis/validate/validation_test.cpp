#include "analysis/validate/validation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "scenarios/text/document.hpp"
#include "tests/analysis/table_cells.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace validation_test {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// 100 us, give or take 10 %.
ValidationResult result_of(const std::string& kind, std::optional<double> simulated) {
  ValidationResult result;
  result.entry.id = kind + "-entry";
  result.entry.title = "Subject";
  result.entry.kind = kind;
  result.entry.value = 100;
  result.entry.unit = "us";
  result.entry.figure = "latency | of a thing";
  result.entry.source = "a paper";
  result.entry.load = "the load";
  result.entry.tolerance = 0.1;
  result.entry.reason = "a reason";
  result.entry.miss = "the model is wrong";
  if (simulated) result.simulated = {*simulated, Bounds{*simulated - 2, *simulated + 2}};
  return result;
}

TEST(Verdict, on_a_prediction_is_hit_or_miss_and_on_the_rest_ok_or_off) {
  EXPECT_EQ(result_of("VAL", 105).verdict(), "hit");
  EXPECT_EQ(result_of("VAL", 120).verdict(), "miss");
  for (const char* kind : {"CAL", "derived"}) {
    EXPECT_EQ(result_of(kind, 95).verdict(), "ok");
    EXPECT_EQ(result_of(kind, 80).verdict(), "off");
  }
}

TEST(Verdict, without_a_simulated_value_or_with_none_that_is_a_number_is_no_success) {
  for (const char* kind : {"VAL", "CAL", "derived"})
    EXPECT_EQ(result_of(kind, {}).verdict(), "failed");
  EXPECT_EQ(result_of("CAL", std::nan("")).verdict(), "off");
  EXPECT_EQ(result_of("VAL", std::nan("")).verdict(), "miss");
}

TEST(Verdict, comes_with_the_ratio_of_simulated_to_published) {
  EXPECT_EQ(result_of("VAL", 120).ratio(), 1.2);
  EXPECT_EQ(result_of("VAL", {}).ratio(), std::nullopt);
  ValidationResult zero = result_of("VAL", 5);
  zero.entry.value = 0;
  EXPECT_EQ(zero.ratio(), std::nullopt);
}

TEST(Validation, is_fine_though_predictions_miss) {
  EXPECT_TRUE(Validation{}.is_fine());
  EXPECT_TRUE((Validation{{result_of("VAL", 500), result_of("CAL", 100)}, {}}).is_fine());
}

TEST(Validation, is_not_fine_when_something_fitted_is_off_or_a_run_failed_or_broke_an_invariant) {
  EXPECT_FALSE((Validation{{result_of("CAL", 500)}, {}}).is_fine());
  EXPECT_FALSE((Validation{{result_of("derived", 500)}, {}}).is_fine());
  EXPECT_FALSE((Validation{{result_of("VAL", {})}, {}}).is_fine());
  EXPECT_FALSE((Validation{{result_of("VAL", 100)}, {"a run failed"}}).is_fine());
  ValidationResult troubled = result_of("VAL", 100);
  troubled.trouble = "littles_law: core-0";
  EXPECT_FALSE((Validation{{troubled}, {}}).is_fine());
}

TEST(Predicted, has_students_interval) {
  const Predicted predicted = predicted_from({1, 2, 3});
  EXPECT_DOUBLE_EQ(predicted.mean, 2);
  ASSERT_TRUE(predicted.interval);
  // t of 2 degrees of freedom at 97.5 %, from a table: 4.3027.
  EXPECT_NEAR(predicted.interval->second - 2, 4.3027 / std::sqrt(3), 1e-4);
  EXPECT_NEAR(2 - predicted.interval->first, 4.3027 / std::sqrt(3), 1e-4);
}

TEST(Predicted, from_one_run_has_no_interval_and_from_equal_ones_has_none_to_speak_of) {
  EXPECT_EQ(predicted_from({7}).mean, 7);
  EXPECT_EQ(predicted_from({7}).interval, std::nullopt);
  EXPECT_EQ(predicted_from({7, 7, 7}).interval, Bounds(7, 7));
}

TEST(ValidationTable, has_a_row_per_entry_in_groups_by_kind) {
  ValidationResult missed = result_of("VAL", 120);
  missed.entry.parts.push_back({"wire", 40, "us", Expression("1", {})});
  missed.parts = {Predicted{42, {}}};
  const Validation validation{{missed, result_of("CAL", 101), result_of("derived", {})}, {}};
  const std::string table = validation_table(validation, {120});
  EXPECT_THAT(row_of(table, "VAL-entry"),
              ElementsAre("100 us", "120 ±2 us", "1.200", "miss", "latency | of a thing"));
  EXPECT_THAT(row_of(table, "wire"), ElementsAre("40.0 us", "42.0 us"));
  EXPECT_THAT(row_of(table, "CAL-entry"),
              ElementsAre("100 us", "101 ±2 us", "1.010", "ok", "latency | of a thing"));
  EXPECT_THAT(row_of(table, "derived-entry"),
              ElementsAre("100 us", "-", "-", "failed", "latency | of a thing"));
  EXPECT_THAT(table, HasSubstr("VAL-entry: the model is wrong"));
  EXPECT_THAT(table, HasSubstr("Calibrated (CAL): 1 ok"));
  EXPECT_LT(table.find("CAL-entry"), table.find("VAL-entry"));
}

TEST(ValidationTable, leaves_out_kinds_without_entries_and_what_a_hit_would_have_told) {
  const std::string table = validation_table({{result_of("VAL", 100)}, {}}, {});
  EXPECT_THAT(table, Not(HasSubstr("Calibrated")));
  EXPECT_THAT(table, Not(HasSubstr("the model is wrong")));
  EXPECT_EQ(validation_table({}, {}), "");
}

TEST(ValidationMarkdown, has_as_many_cells_in_every_row_of_a_table) {
  ValidationResult missed = result_of("VAL", 120);
  missed.entry.parts.push_back({"wire", 40, "us", Expression("1", {})});
  missed.parts = {std::nullopt};
  const std::string text = validation_markdown({{missed, result_of("CAL", 101)}, {}});
  EXPECT_THAT(text, HasSubstr("latency \\| of a thing (a paper)"));
  EXPECT_THAT(text, HasSubstr("### Subject"));
  std::size_t columns = 0;
  for (const std::string& line : lines_in(text)) {
    if (!line.starts_with('|')) {
      columns = 0;
      continue;
    }
    std::size_t cells = 0;
    for (std::size_t i = 0; i < line.size(); ++i)
      cells += line[i] == '|' && (i == 0 || line[i - 1] != '\\') ? 1 : 0;
    if (columns == 0) columns = cells;
    EXPECT_EQ(cells, columns) << line;
  }
}

TEST(ValidationJson, is_a_list_of_entries_with_verdicts) {
  ValidationResult failed = result_of("CAL", {});
  failed.trouble = "run died";
  failed.entry.tolerance.reset();
  failed.entry.within = 3;
  const Json json = validation_json({{result_of("VAL", 120), failed}, {}});
  ASSERT_THAT(json, SizeIs(2));
  EXPECT_EQ(json[0]["id"], "VAL-entry");
  EXPECT_EQ(json[0]["kind"], "VAL");
  EXPECT_EQ(json[0]["published"], 100);
  EXPECT_EQ(json[0]["simulated"], 120);
  EXPECT_EQ(json[0]["ratio"], 1.2);
  EXPECT_EQ(json[0]["verdict"], "miss");
  EXPECT_EQ(json[0]["load"], "the load");
  EXPECT_EQ(json[0]["interval"], Json::parse("[118.0, 122.0]"));
  EXPECT_EQ(json[0]["tolerance"], 0.1);
  EXPECT_TRUE(json[1]["simulated"].is_null());
  EXPECT_TRUE(json[1]["ratio"].is_null());
  EXPECT_EQ(json[1]["verdict"], "failed");
  EXPECT_EQ(json[1]["within"], 3);
  EXPECT_FALSE(json[1].contains("tolerance"));
  EXPECT_EQ(json[1]["trouble"], "run died");
  EXPECT_EQ(validation_json({}), Json::array());
}

// Entries over short runs of the library's RPC scenario, with one metric each.
std::vector<ValidationEntry> entries_with(const std::vector<std::string>& metrics) {
  std::string text =
      "title: t\n"
      "load: l\n"
      "replications: 2\n"
      "entries:\n";
  for (const std::string& metric : metrics)
    text += "  - {id: a, source: s, figure: f, value: 13.1, kind: CAL, within: 1, reason: r, " +
            std::string("metric: '") + metric +
            "', runs: {x: {scenario: rpc-4k, set: [workload.0.runtime=2ms]}}}\n";
  return validation_entries(parse_document(text, "v.yaml"));
}

TEST(Validate, predicts_from_one_run_per_seed) {
  const Validation validation = validate(
      entries_with({"x:jobs.0.write.lat_ns.mean / 1000", "x:jobs.rpc.write.iops * 0 + 13"}), 1,
      false, RunCache({}));
  EXPECT_THAT(validation.failures, IsEmpty());
  ASSERT_THAT(validation.results, SizeIs(2));
  for (const ValidationResult& result : validation.results) {
    EXPECT_EQ(result.verdict(), "ok");
    EXPECT_NEAR(result.simulated->mean, 13.1, 0.2);
    EXPECT_TRUE(result.simulated->interval);
  }
  EXPECT_TRUE(validation.is_fine());
}

TEST(Validate, does_not_depend_on_how_many_run_at_once) {
  const auto entries = entries_with({"x:jobs.0.write.iops"});
  EXPECT_EQ(validation_json(validate(entries, 1, false, RunCache({}))),
            validation_json(validate(entries, 4, false, RunCache({}))));
}

TEST(Validate, refuses_a_figure_that_no_run_has_at_the_metric) {
  EXPECT_EQ(
      error_of([] { validate(entries_with({"x:jobs.0.wirte.iops"}), 1, false, RunCache({})); }),
      "v.yaml:5:89: error: no figure 'jobs.0.wirte.iops' in run 'x' (rpc-4k --set "
      "workload.0.runtime=2ms)");
}

TEST(Validate, of_nothing_is_nothing) {
  EXPECT_THAT(validate({}, 1, false, RunCache({})).results, IsEmpty());
}

}  // namespace validation_test
}  // namespace orrery
