#include "analysis/run/run_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/analysis/compare/comparison_rig.hpp"
#include "tests/analysis/table_cells.hpp"

namespace orrery {
namespace run_table_test {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Scenario scenario() {
  Scenario s;
  s.head.scenario = "made-up";
  s.head.title = "A title";
  set_system(s, "ebs");
  s.head.seed = 7;
  s.compute.servers = 1;
  s.volumes.per_server = 4;
  s.storage.servers = 8;
  s.frontend.stack = "solar";
  s.backend.stack = "rdma";
  return s;
}

Json summary() {
  Json write = side_of(16'000, 200'000);
  write["stages"] = {{"sa", stage_of(0, 50'000)}, {"fn", stage_of(30'000, 120'000)}};
  write["intervals"]["lat_mean_ns"] = {190'000, 210'000};
  Json out = {{"agent", "dpu"}};
  out["jobs"] = Json::array();
  out["jobs"].push_back({{"jobname", "w"},
                         {"job options", {{"name", "w"}, {"bs", "4k"}, {"iodepth", "8"}}},
                         {"write", write}});
  out["resources"] = {{"dpu_cores_used", 1.25}, {"ssd_utilisation", 0.5}};
  out["stations"] = Json::array();
  out["stations"].push_back({{"name", "core-0"}, {"utilisation", 0.25}});
  out["stations"].push_back({{"name", "core-1"}, {"utilisation", 0.75}});
  out["ports"] = Json::array();
  out["ports"].push_back({{"name", "tor-0"}, {"utilisation", 0.125}, {"drops", 2}});
  return out;
}

std::string table_of(const Json& of) { return run_table(scenario(), of, {}); }

TEST(RunTable, has_figures_stages_and_what_was_busy) {
  const std::string table = table_of(summary());
  EXPECT_THAT(row_of(table, "w"),
              ElementsAre("write", "16.0k ±1.6k", "65.5 MB/s", "200 ±10 us", "180 us", "-", "-"));
  EXPECT_THAT(row_of(table, "sa", "w write"),
              ElementsAre("0.00 us", "-", "50.0 us", "50.0 us", "25.0 %"));
  EXPECT_THAT(row_of(table, "fn", "w write"),
              ElementsAre("30.0 us", "-", "120 us", "150 us", "75.0 %"));
  EXPECT_THAT(row_of(table, "DPU cores busy per compute server"), ElementsAre("1.25"));
  EXPECT_THAT(row_of(table, "busiest part of an SSD"), ElementsAre("50.0 %"));
  EXPECT_THAT(table, HasSubstr("busiest station: core-1, 75.0 %"));
  EXPECT_THAT(table, HasSubstr("busiest link: tor-0, 12.5 %"));
  EXPECT_THAT(table, HasSubstr("2 packets dropped"));
}

TEST(RunTable, says_what_ran_under_which_load) {
  const auto lines = lines_in(table_of(summary()));
  EXPECT_EQ(lines[0], "made-up: A title");
  EXPECT_EQ(lines[1],
            "1 compute server x 4 volumes, 8 storage servers; frontend solar; backend rdma; agent "
            "dpu; seed 7");
  EXPECT_EQ(lines[2], "load w: bs=4k iodepth=8");
}

TEST(RunTable, quotes_no_latency_of_an_overloaded_job) {
  Json overloaded = summary();
  overloaded["jobs"][0]["write"]["saturated"] = true;
  overloaded["jobs"][0]["write"]["offered_iops"] = 1'000'000;
  const std::string table = table_of(overloaded);
  EXPECT_THAT(row_of(table, "w"), ElementsAre("write", "16.0k", "65.5 MB/s", "SATURATED"));
  EXPECT_THAT(table, HasSubstr("offered 1.00M IOPS, done 16.0k IOPS"));
  EXPECT_THAT(table, Not(HasSubstr("200 us")));
  EXPECT_THAT(row_of(table, "fn"), IsEmpty());
}

TEST(RunTable, has_no_figure_for_a_latency_that_is_not_known) {
  Json unknown = summary();
  unknown["jobs"][0]["write"]["lat_ns"] = {{"mean", nullptr}, {"N", 0}};
  unknown["jobs"][0]["write"]["intervals"]["lat_mean_ns"] = nullptr;
  EXPECT_THAT(row_of(table_of(unknown), "w"),
              ElementsAre("write", "16.0k ±1.6k", "65.5 MB/s", "-", "-", "-", "-"));
  EXPECT_THAT(row_of(table_of(unknown), "fn"), IsEmpty());
}

TEST(RunTable, of_jobs_that_did_nothing_has_no_rows) {
  Json idle = summary();
  idle["jobs"][0]["write"]["total_ios"] = 0;
  EXPECT_THAT(table_of(idle), Not(HasSubstr("IOPS")));
  EXPECT_THAT(table_of(idle), HasSubstr("busiest station"));
}

TEST(RunTable, counts_failures_and_hangs) {
  Json bad = summary();
  bad["jobs"][0]["write"]["failed"] = 3;
  bad["jobs"][0]["write"]["hangs_1s"] = 2;
  bad["jobs"][0]["write"]["hangs_60s"] = 1;
  EXPECT_THAT(table_of(bad), HasSubstr("w write: 3 I/Os failed"));
  EXPECT_THAT(table_of(bad),
              HasSubstr("w write: 2 I/Os took 1 s or longer, 1 of them 60 s or longer"));
  EXPECT_THAT(table_of(summary()), Not(HasSubstr("failed")));
}

TEST(RunTable, tells_which_component_failed_in_every_line_however_narrow_the_terminal_is) {
  Json broken = summary();
  for (const char* component : {"frontend/tor-0a", "frontend/spine-12"})
    broken["faults"].push_back({{"kind", "switch_down"},
                                {"component", component},
                                {"from_s", 1.0},
                                {"to_s", nullptr},
                                {"ios_hit", 1234},
                                {"volumes_hit", 16},
                                {"worst_latency_ns", 2e8},
                                {"last_hit_after_s", 0.25}});
  for (const int width : {50, 60, 80, 200}) {
    const std::string table = run_table(scenario(), broken, {width});
    for (const char* text : {"for good", "1234", "200 ms", "250 ms"})
      EXPECT_THAT(table, HasSubstr(text)) << width;
    for (const std::string& line : lines_in(table)) {
      EXPECT_LE(display_width(line), width) << line;
      if (line.starts_with("switch_down")) {
        EXPECT_THAT(line, HasSubstr("frontend/"));
      }
    }
  }
}

TEST(RunTable, shows_notes_and_broken_checks) {
  Json doubtful = summary();
  doubtful["notes"] = {"no I/O reached ssd-3"};
  doubtful["checks"] = Json::array({{{"name", "littles_law"}, {"ok", false}, {"detail", "x"}}});
  EXPECT_THAT(table_of(doubtful), HasSubstr("note: no I/O reached ssd-3"));
  EXPECT_THAT(table_of(doubtful), HasSubstr("CHECK BROKEN: littles_law: x"));
  EXPECT_THAT(table_of(summary()), Not(HasSubstr("BROKEN")));
}

TEST(RunTable, of_a_summary_without_anything_has_a_heading) {
  EXPECT_EQ(lines_in(run_table(scenario(), Json::object(), {}))[0], "made-up: A title");
}

TEST(Settings, are_those_of_the_systems_kind) {
  const auto names = [](const std::string& system) {
    Scenario s = scenario();
    set_system(s, system);
    std::vector<std::string> out;
    for (const auto& [name, value] : settings_of(s, summary())) out.push_back(name);
    return out;
  };
  EXPECT_THAT(names("ebs"), ElementsAre("servers", "frontend", "backend", "agent", "seed"));
  EXPECT_THAT(names("rpc"), ElementsAre("servers", "stack", "agent", "seed"));
  EXPECT_THAT(names("pool"), ElementsAre("servers", "path", "seed"));
  EXPECT_THAT(names("device"), ElementsAre("servers", "seed"));
}

}  // namespace run_table_test
}  // namespace orrery
