#include "analysis/compare/comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/analysis/compare/comparison_rig.hpp"
#include "tests/analysis/table_cells.hpp"

namespace orrery {
namespace comparison_test {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const ComparisonRow* find_row(const std::vector<ComparisonRow>& rows, const std::string& group,
                              const std::string& metric) {
  for (const ComparisonRow& row : rows)
    if (row.group == group && row.metric == metric) return &row;
  return nullptr;
}

Compared two_variants() {
  Compared compared;
  compared.add("slow", side_of(10'000, 200'000));
  compared.add("fast", side_of(20'000, 50'000));
  return compared;
}

TEST(Comparison, of_nothing_has_no_rows) {
  EXPECT_THAT(compare({}), IsEmpty());
  const Compared none;
  EXPECT_THAT(comparison_json(none.base(), {})["rows"], IsEmpty());
  EXPECT_THAT(comparison_json(none.base(), {})["variants"], IsEmpty());
  EXPECT_EQ(comparison_csv({}), "group,metric,unit,variant,value,ratio\n");
}

TEST(Comparison, has_a_ratio_to_the_first_variant) {
  const Compared compared = two_variants();
  const auto rows = compare(compared.list());
  const ComparisonRow* iops = find_row(rows, "w write", "IOPS");
  ASSERT_NE(iops, nullptr);
  EXPECT_EQ(iops->unit, Unit::ios_per_second);
  EXPECT_THAT(iops->values, ElementsAre(10'000, 20'000));
  EXPECT_EQ(iops->ratio(0), 1);
  EXPECT_EQ(iops->ratio(1), 2);
  ASSERT_TRUE(iops->intervals[1]);
  EXPECT_DOUBLE_EQ(iops->intervals[1]->first, 18'000);
  const ComparisonRow* mean = find_row(rows, "w write", "mean");
  ASSERT_NE(mean, nullptr);
  EXPECT_EQ(mean->ratio(1), 0.25);
}

TEST(Comparison, has_no_ratio_to_nothing_or_to_zero) {
  ComparisonRow row{"group", "metric", Unit::plain, {0.0, 5.0, std::nullopt}, {}, {}, {}};
  EXPECT_EQ(row.ratio(1), std::nullopt);
  row.values = {std::nullopt, 5.0, 5.0};
  EXPECT_EQ(row.ratio(1), std::nullopt);
  row.values = {2.0, 5.0, std::nullopt};
  EXPECT_EQ(row.ratio(1), 2.5);
  EXPECT_EQ(row.ratio(2), std::nullopt);
}

TEST(Comparison, leaves_out_what_no_variant_has) {
  const Compared compared = two_variants();
  const auto rows = compare(compared.list());
  EXPECT_EQ(find_row(rows, "w write", "p99"), nullptr);
  EXPECT_EQ(find_row(rows, "w read", "IOPS"), nullptr);
}

TEST(Comparison, has_a_hole_where_only_one_variant_has_a_stage) {
  Compared compared = two_variants();
  compared.summary(1)["jobs"][0]["write"]["stages"]["pcie"] = stage_of(0, 600);
  const auto rows = compare(compared.list());
  const ComparisonRow* pcie = find_row(rows, "w write, mean per stage", "pcie");
  ASSERT_NE(pcie, nullptr);
  EXPECT_THAT(pcie->values, ElementsAre(std::nullopt, 600));
  EXPECT_EQ(pcie->ratio(1), std::nullopt);
}

TEST(Comparison, shows_waiting_only_where_a_variant_waits) {
  Compared compared = two_variants();
  for (std::size_t i : {0u, 1u}) {
    auto& stages = compared.summary(i)["jobs"][0]["write"]["stages"];
    stages["fn"] = stage_of(i == 0 ? 50 : 5'000, 10'000);
    stages["sa"] = stage_of(99, 4'000);
  }
  const auto rows = compare(compared.list());
  std::vector<std::string> metrics;
  for (const ComparisonRow& row : rows)
    if (row.group == "w write, mean per stage") metrics.push_back(row.metric);
  EXPECT_THAT(metrics, ElementsAre("fn", "  of it waiting", "sa"));
}

TEST(Comparison, calls_a_saturated_variant_by_its_name_and_quotes_no_latency) {
  Compared compared = two_variants();
  compared.summary(0)["jobs"][0]["write"]["saturated"] = true;
  const auto rows = compare(compared.list());
  const ComparisonRow* mean = find_row(rows, "w write", "mean");
  ASSERT_NE(mean, nullptr);
  EXPECT_THAT(mean->values, ElementsAre(std::nullopt, 50'000));
  EXPECT_THAT(mean->saturated, ElementsAre(true, false));
  EXPECT_EQ(mean->ratio(1), std::nullopt);
  EXPECT_EQ(find_row(rows, "w write", "IOPS")->ratio(1), 2);

  const Json json = comparison_json(compared.base(), compared.list());
  for (const Json& row : json["rows"])
    if (row["metric"] == "mean") {
      EXPECT_EQ(row["values"], Json::parse(R"(["saturated", 50000.0])"));
      EXPECT_EQ(row["ratios"], Json::parse("[null, null]"));
    }
  EXPECT_THAT(comparison_csv(compared.list()), HasSubstr("w write,mean,ns,slow,saturated,\n"));
  EXPECT_THAT(row_of(comparison_table(compared.base(), compared.list(), {}), "mean"),
              ElementsAre("SATURATED", "50.0 us"));
}

TEST(Comparison, names_what_is_busiest_in_every_variant_also_in_a_saturated_one) {
  Compared compared = two_variants();
  compared.summary(0)["jobs"][0]["write"]["saturated"] = true;
  compared.summary(0)["stations"] = Json::parse(
      R"([{"name": "core-0", "utilisation": 0.5}, {"name": "core-1", "utilisation": 1.0}])");
  compared.summary(1)["stations"] = Json::parse(R"([{"name": "disk", "utilisation": 0.25}])");
  compared.summary(1)["ports"] = Json::parse(R"([{"name": "tor-0", "utilisation": 0.125}])");
  const auto rows = compare(compared.list());
  const ComparisonRow* station = find_row(rows, "busiest", "busiest station");
  ASSERT_NE(station, nullptr);
  EXPECT_THAT(station->texts, ElementsAre("core-1, 100 %", "disk, 25.0 %"));
  const ComparisonRow* link = find_row(rows, "busiest", "busiest link");
  ASSERT_NE(link, nullptr);
  EXPECT_THAT(link->texts, ElementsAre("", "tor-0, 12.5 %"));
  EXPECT_THAT(comparison_csv(compared.list()),
              HasSubstr("busiest,busiest station,,slow,\"core-1, 100 %\",\n"));
  for (const int width : {40, 80, 200}) {
    const std::string table = comparison_table(compared.base(), compared.list(), {width});
    EXPECT_THAT(table, HasSubstr("core-1, 100 %"));
    EXPECT_THAT(table, HasSubstr("tor-0, 12.5 %"));
  }
  EXPECT_EQ(find_row(compare(two_variants().list()), "busiest", "busiest station"), nullptr);
}

TEST(Comparison, sums_what_faults_did_and_takes_the_worst_of_what_has_no_sum) {
  Compared compared = two_variants();
  compared.summary(0)["faults"] = Json::parse(R"([
    {"ios_hit": 10, "volumes_hit": 3, "failed": 1, "hangs_1s": 2, "hangs_60s": 1,
     "worst_latency_ns": 2e9, "last_hit_after_s": 0.5},
    {"ios_hit": 5, "volumes_hit": 4, "failed": 0, "hangs_1s": 0, "hangs_60s": 0,
     "worst_latency_ns": 1e6, "last_hit_after_s": 1.5}])");
  compared.summary(0)["hangs"] = {{"over_1s", 7}};
  compared.summary(1)["faults"] = Json::parse(R"([
    {"ios_hit": 0, "volumes_hit": 0, "failed": 0, "hangs_1s": 0, "hangs_60s": 0,
     "worst_latency_ns": null, "last_hit_after_s": null}])");
  compared.summary(1)["hangs"] = {{"over_1s", 0}};
  const std::string group = "faults: I/Os in all; volumes, latency and time of the worst fault";
  const auto rows = compare(compared.list());
  const auto values = [&](const char* metric) {
    const ComparisonRow* row = find_row(rows, group, metric);
    return row == nullptr ? std::vector<std::optional<double>>{} : row->values;
  };
  EXPECT_THAT(values("I/Os hit"), ElementsAre(15, 0));
  EXPECT_THAT(values("volumes hit"), ElementsAre(4, 0));
  EXPECT_THAT(values("failed"), ElementsAre(1, 0));
  EXPECT_THAT(values("hit >= 1 s"), ElementsAre(2, 0));
  EXPECT_THAT(values("hit >= 60 s"), ElementsAre(1, 0));
  EXPECT_THAT(values("worst latency"), ElementsAre(2e9, std::nullopt));
  EXPECT_THAT(values("last hit after"), ElementsAre(1.5e9, std::nullopt));
  EXPECT_THAT(values("all >= 1 s"), ElementsAre(7, 0));
  const std::string table = comparison_table(compared.base(), compared.list(), {200});
  EXPECT_THAT(row_of(table, "I/Os hit"), ElementsAre("15", "0", "0.00x"));
  EXPECT_THAT(row_of(table, "worst latency"), ElementsAre("2.00 s", "-"));
}

TEST(Comparison, without_faults_speaks_of_hangs_only_where_there_are_some) {
  Compared compared = two_variants();
  const std::string group = "faults: I/Os in all; volumes, latency and time of the worst fault";
  for (std::size_t i : {0u, 1u}) compared.summary(i)["hangs"] = {{"over_1s", 0}};
  for (const ComparisonRow& row : compare(compared.list())) EXPECT_NE(row.group, group);
  compared.summary(1)["hangs"]["over_1s"] = 3;
  const auto rows = compare(compared.list());
  const ComparisonRow* hangs = find_row(rows, group, "all >= 1 s");
  ASSERT_NE(hangs, nullptr);
  EXPECT_THAT(hangs->values, ElementsAre(0, 3));
  EXPECT_EQ(find_row(rows, group, "I/Os hit"), nullptr);
}

TEST(Comparison, shows_the_longest_queue_of_switches_and_losses_where_there_are_some) {
  Compared compared = two_variants();
  for (std::size_t i : {0u, 1u}) {
    compared.summary(i)["network"]["frontend"] = {{"packets_dropped", i}, {"timeouts", 0}};
    compared.summary(i)["ports"] = Json::parse(
        R"([{"name": "frontend/compute-0/port-0", "peak_queue_bytes": 9000000},
            {"name": "frontend/tor-0a->compute-0", "peak_queue_bytes": 655000},
            {"name": "frontend/tor-0a->spine-0", "peak_queue_bytes": 100},
            {"name": "backend/tor-0a->storage-0", "peak_queue_bytes": 4000000}])");
  }
  const auto rows = compare(compared.list());
  const ComparisonRow* queue = find_row(rows, "frontend network", "longest queue");
  ASSERT_NE(queue, nullptr);
  EXPECT_THAT(queue->values, ElementsAre(655'000, 655'000));
  EXPECT_THAT(find_row(rows, "frontend network", "packets lost")->values, ElementsAre(0, 1));
  EXPECT_EQ(find_row(rows, "frontend network", "timeouts"), nullptr);
  for (std::size_t i : {0u, 1u}) compared.summary(i)["ports"][1]["peak_queue_bytes"] = 65'000;
  EXPECT_EQ(find_row(compare(compared.list()), "frontend network", "longest queue"), nullptr);
  for (std::size_t i : {0u, 1u}) compared.summary(i)["ports"][1]["peak_queue_bytes"] = 655'000;
  EXPECT_THAT(row_of(comparison_table(compared.base(), compared.list(), {}), "longest queue"),
              ElementsAre("655 KB", "655 KB", "1.00x"));
}

TEST(Comparison, says_what_else_differs_and_where_agents_run) {
  Compared compared = two_variants();
  auto rows = compare(compared.list());
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(rows[0].metric, "agent");
  EXPECT_THAT(rows[0].texts, ElementsAre("host", "host"));

  compared.add("many", side_of(1, 1)).compute.servers = 7;
  rows = compare(compared.list());
  const ComparisonRow* servers = find_row(rows, "setting", "servers");
  ASSERT_NE(servers, nullptr);
  EXPECT_THAT(servers->texts[2], HasSubstr("7 clients"));
  EXPECT_EQ(find_row(rows, "setting", "stack"), nullptr);  // the same everywhere
}

TEST(Comparison, of_systems_of_different_kinds_leaves_settings_empty_that_one_has_not) {
  Compared compared;
  set_system(compared.add("ebs", side_of(1'000, 1'000)), "ebs");
  compared.add("rpc", side_of(2'000, 1'000));
  set_system(compared.add("device", side_of(3'000, 1'000)), "device");
  const auto rows = compare(compared.list());
  const ComparisonRow* frontend = find_row(rows, "setting", "frontend");
  ASSERT_NE(frontend, nullptr);
  EXPECT_THAT(frontend->texts, ElementsAre("luna", "", ""));
  const ComparisonRow* stack = find_row(rows, "setting", "stack");
  ASSERT_NE(stack, nullptr);
  EXPECT_THAT(stack->texts, ElementsAre("", "luna", ""));
  const std::string table = comparison_table(compared.base(), compared.list(), {200});
  EXPECT_THAT(row_of(table, "stack"), ElementsAre("-", "luna", "-"));
}

TEST(Comparison, in_csv_names_the_stage_that_waits_and_quotes_commas) {
  Compared compared;
  compared.add("a,\"b\"", side_of(1'000, 1'000));
  compared.summary(0)["jobs"][0]["write"]["stages"]["fn"] = stage_of(5'000, 10'000);
  const std::string csv = comparison_csv(compared.list());
  EXPECT_THAT(csv, HasSubstr("\"w write, mean per stage\",fn waiting,ns,\"a,\"\"b\"\"\",5000,1\n"));
  EXPECT_THAT(csv, HasSubstr("\"w write, mean per stage\",fn,ns,\"a,\"\"b\"\"\",15000,1\n"));
  for (const std::string& line : lines_in(csv)) EXPECT_THAT(line, Not(HasSubstr(",  ")));
}

TEST(Comparison, as_json_holds_settings_summaries_and_rows) {
  const Compared compared = two_variants();
  const Json json = comparison_json(compared.base(), compared.list());
  EXPECT_EQ(json["scenario"], "made-up");
  EXPECT_EQ(json["orrery version"], "1.2.3");
  ASSERT_EQ(json["variants"].size(), 2u);
  EXPECT_EQ(json["variants"][1]["label"], "fast");
  EXPECT_EQ(json["variants"][1]["settings"], (Json{{"key", "fast"}}));
  EXPECT_EQ(json["variants"][1]["summary"], *compared.list()[1].summary);
  for (const Json& row : json["rows"])
    for (const char* list : {"values", "intervals", "ratios"}) EXPECT_EQ(row[list].size(), 2u);
}

TEST(ComparisonTable, stands_variants_side_by_side_with_their_ratio) {
  const Compared compared = two_variants();
  const std::string table = comparison_table(compared.base(), compared.list(), {});
  EXPECT_THAT(lines_in(table)[0], HasSubstr("made-up: A title"));
  EXPECT_THAT(row_of(table, "agent"), ElementsAre("host", "host"));
  EXPECT_THAT(row_of(table, "IOPS", "w write"), ElementsAre("10.0k ±1.0k", "20.0k ±2.0k", "2.00x"));
  EXPECT_THAT(row_of(table, "bandwidth", "w write"),
              ElementsAre("41.0 MB/s", "81.9 MB/s", "2.00x"));
  EXPECT_THAT(row_of(table, "p50", "w write"), ElementsAre("180 us", "45.0 us", "0.25x"));
}

TEST(ComparisonTable, says_which_keys_are_compared) {
  const Compared compared = two_variants();
  EXPECT_THAT(lines_in(comparison_table(compared.base(), compared.list(), {})),
              testing::Contains("compared: key"));
}

TEST(ComparisonTable, of_one_variant_has_no_ratios) {
  Compared compared;
  compared.add("alone", side_of(10'000, 200'000));
  const std::string table = comparison_table(compared.base(), compared.list(), {40});
  EXPECT_THAT(row_of(table, "mean"), ElementsAre("200 us"));
  EXPECT_THAT(table, Not(HasSubstr("ratio to")));
}

TEST(ComparisonTable, of_nothing_is_a_heading) {
  const Compared none;
  EXPECT_EQ(comparison_table(none.base(), {}, {}), "made-up: A title\n");
}

TEST(ComparisonTable, that_is_too_wide_has_a_line_per_variant_and_keeps_the_mean) {
  Compared compared;
  for (int i = 0; i < 12; ++i)
    compared.add("variant-" + std::to_string(i), side_of(1'000 * (i + 1), 100'000 + i));
  for (const int width : {40, 60, 80, 100}) {
    const std::string table = comparison_table(compared.base(), compared.list(), {width});
    for (const std::string& line : lines_in(table)) EXPECT_LE(display_width(line), width) << line;
    int rows = 0;
    for (const std::string& line : lines_in(table))
      rows += line.starts_with("variant-11") && line.find("12.0k") != std::string::npos ? 1 : 0;
    EXPECT_EQ(rows, 1) << table;
    EXPECT_THAT(table, HasSubstr("mean"));
  }
}

TEST(ComparisonTable, has_every_metric_of_every_variant_at_any_width) {
  for (const int count : {3, 5, 12}) {
    Compared compared;
    for (int i = 0; i < count; ++i) {
      Json side = side_of(1'000 * (i + 1), 100'000 + i);
      side["lat_ns"]["percentile"]["99.000000"] = 311'000 + 1'000 * i;
      side["lat_ns"]["percentile"]["99.900000"] = 511'000 + 1'000 * i;
      side["stages"]["fn"] = stage_of(71'000 + 1'000 * i, 10'000);
      compared.add("variant-" + std::to_string(i), side);
    }
    for (const int width : {40, 60, 80, 100, 120, 400}) {
      const std::string table = comparison_table(compared.base(), compared.list(), {width});
      for (const char* metric : {"IOPS", "bandwidth", "mean", "p50", "p99", "p99.9", "waiting"})
        EXPECT_THAT(table, HasSubstr(metric)) << width;
      for (int i = 0; i < count; ++i)
        for (const int what : {311, 511, 71, 81})
          EXPECT_THAT(table, testing::ContainsRegex("\\b" + std::to_string(what + i) + "(.0)? us"))
              << width;
    }
  }
}

TEST(ComparisonTable, of_a_few_too_many_repeats_the_first_beside_the_rest) {
  Compared compared;
  for (const char* label : {"one", "two", "four"}) compared.add(label, side_of(1e4, 1e5));
  const auto lines = lines_in(comparison_table(compared.base(), compared.list(), {60}));
  const auto with = [&](const std::string& label) {
    return std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
      const auto cells = cells_in(line);
      return cells.size() > 1 && std::find(cells.begin(), cells.end(), label) != cells.end();
    });
  };
  EXPECT_GT(with("one"), with("four"));
  EXPECT_EQ(with("four"), 1);
}

TEST(Comparison, of_a_job_called_write_its_writes_are_called_write) {
  Compared compared = two_variants();
  for (std::size_t i : {0u, 1u}) {
    compared.summary(i)["jobs"][0]["jobname"] = "write";
    compared.summary(i)["jobs"][0]["write"]["stages"]["fn"] = stage_of(0, 10'000);
  }
  const auto rows = compare(compared.list());
  EXPECT_NE(find_row(rows, "write", "IOPS"), nullptr);
  EXPECT_NE(find_row(rows, "write, mean per stage", "fn"), nullptr);
  EXPECT_THAT(comparison_table(compared.base(), compared.list(), {}),
              Not(HasSubstr("write write")));
}

TEST(Comparison, has_the_jobs_of_every_variant_by_name) {
  Compared compared = two_variants();
  compared.summary(1)["jobs"].push_back(
      {{"jobname", "only.there"}, {"read", side_of(5'000, 70'000)}});
  const auto rows = compare(compared.list());
  const ComparisonRow* iops = find_row(rows, "only.there read", "IOPS");
  ASSERT_NE(iops, nullptr);
  EXPECT_THAT(iops->values, ElementsAre(std::nullopt, 5'000));
}

TEST(SameArrivals, are_those_of_open_loops_alike_under_the_same_seed) {
  const auto with = [](const auto& change) {
    Compared compared;
    for (const char* label : {"a", "b"}) {
      Scenario& scenario = compared.add(label, side_of(1e4, 1e5));
      scenario.workload.resize(1);
      scenario.workload[0].rate_iops = Iops{1'000};
    }
    for (std::size_t i : {0u, 1u}) compared.summary(i)["jobs"][0]["ios"]["arrived"] = 7;
    std::vector<ComparedVariant> list = compared.list();
    Variant changed = *list[1].variant;
    Json summary = *list[1].summary;
    change(changed.scenario, summary);
    list[1] = {&changed, &summary};
    const bool same = have_same_arrivals(list);
    const std::string table = comparison_table(compared.base(), list, {});
    EXPECT_EQ(table.find("the same arrivals") != std::string::npos, same) << table;
    return same;
  };
  EXPECT_TRUE(with([](Scenario&, Json&) {}));
  EXPECT_TRUE(with([](Scenario& s, Json&) { s.frontend.stack = "solar"; }));
  EXPECT_FALSE(with([](Scenario& s, Json&) { s.head.seed = 9; }));
  EXPECT_FALSE(with([](Scenario& s, Json&) { s.workload[0].rate_iops = Iops{2'000}; }));
  EXPECT_FALSE(with([](Scenario& s, Json&) { s.workload[0].rate_iops.reset(); }));
  EXPECT_FALSE(with([](Scenario& s, Json&) { s.workload[0].bs = "8k"; }));
  EXPECT_FALSE(with([](Scenario&, Json& summary) { summary["jobs"][0]["ios"]["arrived"] = 8; }));
}

TEST(ComparisonTable, shows_notes_once_and_broken_checks_with_their_variant) {
  Compared compared = two_variants();
  for (std::size_t i : {0u, 1u}) compared.summary(i)["notes"] = {"a key changes nothing"};
  compared.summary(1)["checks"] =
      Json::array({{{"name", "littles_law"}, {"ok", false}, {"detail", "core-0"}},
                   {{"name", "ios_conserved"}, {"ok", true}, {"detail", ""}}});
  const std::string table = comparison_table(compared.base(), compared.list(), {});
  const std::size_t note = table.find("note: a key changes nothing");
  ASSERT_NE(note, std::string::npos);
  EXPECT_EQ(table.find("note: a key changes nothing", note + 1), std::string::npos);
  EXPECT_THAT(table, HasSubstr("CHECK BROKEN in fast: littles_law: core-0"));
  EXPECT_THAT(table, Not(HasSubstr("ios_conserved")));

  compared.summary(1)["notes"].push_back("this one dropped packets");
  EXPECT_THAT(comparison_table(compared.base(), compared.list(), {}),
              HasSubstr("note in fast: this one dropped packets"));

  compared.add("third", side_of(1'000, 1'000));
  EXPECT_THAT(comparison_table(compared.base(), compared.list(), {}),
              HasSubstr("note in slow, fast: a key changes nothing"));
}

}  // namespace comparison_test
}  // namespace orrery
