#include "analysis/experiment/run_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "analysis/failure.hpp"
#include "analysis/loading.hpp"
#include "scenarios/text/document.hpp"
#include "sim/histogram.hpp"
#include "tests/analysis/table_cells.hpp"
#include "tests/analysis/temporary_directory.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace run_directory_test {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

Scenario scenario_of(const char* name) { return load({name, {}, {}}).scenario; }

TEST(RunDirectory, holds_the_files_of_a_run) {
  const TemporaryDirectory directory;
  RunDirectory run(directory / "a/b", scenario_of("rpc-4k"));
  run.write({{"scenario", "rpc-4k"}});
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory / "a/b"))
    names.push_back(entry.path().filename().string());
  EXPECT_THAT(names, UnorderedElementsAre("summary.json", "latency.csv", "timeline.csv",
                                          "hangs.csv", "scenario.yaml"));
  EXPECT_EQ(contents_of(directory / "a/b/summary.json"), "{\n  \"scenario\": \"rpc-4k\"\n}\n");
}

TEST(RunDirectory, holds_a_scenario_that_resolves_to_itself) {
  const TemporaryDirectory directory;
  RunDirectory(directory.path(), scenario_of("first-light")).write(Json::object());
  const std::string first = contents_of(directory / "scenario.yaml");
  const LoadedScenario again = load({directory / "scenario.yaml", {}, {}});
  RunDirectory(directory.path(), again.scenario).write(Json::object());
  EXPECT_EQ(contents_of(directory / "scenario.yaml"), first);
}

TEST(RunDirectory,
     of_an_earlier_run_of_the_same_scenario_is_taken_and_untouched_until_it_is_written) {
  const TemporaryDirectory directory;
  RunDirectory(directory.path(), scenario_of("rpc-4k")).write({{"run", 1}});
  RunDirectory second(directory.path(), scenario_of("rpc-4k"));
  EXPECT_THAT(contents_of(directory / "summary.json"), HasSubstr("\"run\": 1"));
  second.write({{"run", 2}});
  EXPECT_THAT(contents_of(directory / "summary.json"), HasSubstr("\"run\": 2"));
}

TEST(RunDirectory, of_another_scenario_is_refused) {
  const TemporaryDirectory directory;
  RunDirectory(directory.path(), scenario_of("rpc-4k")).write({{"run", 1}});
  EXPECT_EQ(error_of([&] { RunDirectory(directory.path(), scenario_of("p4510")); }),
            (directory / "scenario.yaml") + ":2:11: error: " + directory.path() +
                " holds results of scenario 'rpc-4k', not of 'p4510'\n  hint: choose another "
                "output directory, or remove this one");
}

TEST(RunDirectory, with_a_scenario_that_somebody_wrote_is_refused_and_left_alone) {
  const TemporaryDirectory directory;
  directory.add("scenario.yaml", "scenario: rpc-4k\n");
  EXPECT_THAT(error_of([&] { RunDirectory(directory.path(), scenario_of("rpc-4k")); }),
              HasSubstr("scenario.yaml:1:1: error: this file was not written by a run"));
  EXPECT_EQ(contents_of(directory / "scenario.yaml"), "scenario: rpc-4k\n");
}

TEST(RunDirectory, with_an_empty_scenario_has_nothing_to_lose) {
  const TemporaryDirectory directory;
  directory.add("scenario.yaml", "");
  RunDirectory(directory.path(), scenario_of("rpc-4k")).write(Json::object());
  EXPECT_THAT(contents_of(directory / "scenario.yaml"), HasSubstr("scenario: rpc-4k"));
}

TEST(RunDirectory, with_a_directory_in_a_file_s_place_is_refused_before_anything_runs) {
  const TemporaryDirectory directory;
  directory.add("latency.csv/mine", "");
  EXPECT_THROW(RunDirectory(directory.path(), scenario_of("rpc-4k")), Failure);
}

TEST(RunDirectory, is_one_run_s_until_that_lets_it_go) {
  const TemporaryDirectory directory;
  RunDirectory first(directory.path(), scenario_of("rpc-4k"));
  EXPECT_THROW(RunDirectory(directory.path(), scenario_of("rpc-4k")), Failure);
  first.let_go();
  {
    RunDirectory second(directory.path(), scenario_of("rpc-4k"));
    EXPECT_THROW(first.write(Json::object()), Failure);
    second.write({{"run", 2}});
  }
  first.write({{"run", 1}});
  EXPECT_THAT(contents_of(directory / "summary.json"), HasSubstr("\"run\": 1"));
}

TEST(LatencyCsv, has_bins_in_order_with_their_cumulative_share) {
  Json summary;
  summary["jobs"] = Json::array();
  summary["jobs"].push_back(
      {{"jobname", "a, \"b\""}, {"write", {{"lat_ns", {{"bins", {{"900", 1}, {"1004", 3}}}}}}}});
  EXPECT_THAT(
      lines_in(latency_csv(summary)),
      ElementsAre("job,direction,kind,up_to_ns,count,cumulative",
                  "\"a, \"\"b\"\"\",write,lat,904,1,0.25", "\"a, \"\"b\"\"\",write,lat,1008,3,1"));
  EXPECT_THAT(lines_in(latency_csv(Json::object())),
              ElementsAre("job,direction,kind,up_to_ns,count,cumulative"));
}

// Below 128 ns a bin is a nanosecond; what is longer than the last bin, which begins at 17 s, lies
// in it.
TEST(LatencyCsv, bounds_lie_above_all_values_of_their_bins) {
  Histogram latencies;
  for (const double us : {0.127, 69.0, 1e6, 60e6}) latencies.add(microseconds(us));
  Json latency{{"max", to_nanoseconds(latencies.max())}};
  for (unsigned bucket = 0; bucket < Histogram::kBuckets; ++bucket)
    if (latencies.in_bucket(bucket) > 0)
      latency["bins"][std::to_string(Histogram::bucket_value(bucket))] = 1;
  Json summary;
  summary["jobs"] = Json::array({{{"jobname", "j"}, {"read", {{"clat_ns", latency}}}}});
  EXPECT_THAT(lines_in(latency_csv(summary)),
              ElementsAre("job,direction,kind,up_to_ns,count,cumulative", "j,read,clat,128,1,0.25",
                          "j,read,clat,69632,1,0.5", "j,read,clat,1006632960,1,0.75",
                          "j,read,clat,60000000000,1,1"));
}

TEST(TimelineCsv, has_a_column_for_every_key_of_any_entry) {
  const Json summary = {{"timeline", Json::array({{{"time_ms", 0}, {"job", "w"}},
                                                  {{"time_ms", 1}, {"job", "x,y"}, {"n", 3}}})}};
  EXPECT_THAT(lines_in(timeline_csv(summary)), ElementsAre("time_ms,job,n", "0,w,", "1,\"x,y\",3"));
}

}  // namespace run_directory_test
}  // namespace orrery
