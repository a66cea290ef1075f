#include "analysis/result/summary_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace orrery {
namespace summary_view_test {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Json kSummary = Json::parse(R"({
  "jobs": [
    {"jobname": "w", "write": {"total_ios": 5, "saturated": false, "iops": 16.5,
      "lat_ns": {"mean": 7, "percentile": {"50.000000": 100, "99.000000": 200, "99.900000": 300}},
      "intervals": {"iops": [15, 18], "none": null, "three": [1, 2, 3], "words": ["a", "b"]}}},
    {"jobname": "r", "read": {"total_ios": 0, "saturated": true},
      "write": {"total_ios": 0, "failed": 3}},
    {"jobname": "idle", "read": {"total_ios": 0, "failed": 0, "saturated": false}}],
  "stations": [{"name": "core-0", "served": 4}],
  "checks": [{"name": "good", "ok": true, "detail": ""},
             {"name": "bad", "ok": false, "detail": "core-0"},
             {"name": "silent", "detail": ""}]
})");

TEST(SummaryView, finds_by_key_by_index_and_by_name) {
  EXPECT_EQ(number_at(kSummary, "jobs.0.write.iops"), 16.5);
  EXPECT_EQ(number_at(kSummary, "jobs.w.write.iops"), 16.5);
  EXPECT_EQ(number_at(kSummary, "stations.core-0.served"), 4);
  EXPECT_EQ(find_in(kSummary, ""), &kSummary);
}

TEST(SummaryView, calls_a_job_s_side_by_job_and_direction_and_says_no_word_twice) {
  EXPECT_EQ(side_name("mix", "write"), "mix write");
  EXPECT_EQ(side_name("write", "read"), "write read");
  EXPECT_EQ(side_name("write", "write"), "write");
  EXPECT_EQ(sides_of(kSummary)[0].name(), "w write");
}

TEST(SummaryView, finds_percentiles_by_their_short_names) {
  EXPECT_EQ(number_at(kSummary, "jobs.0.write.lat_ns.p50"), 100);
  EXPECT_EQ(number_at(kSummary, "jobs.0.write.lat_ns.p99"), 200);
  EXPECT_EQ(number_at(kSummary, "jobs.0.write.lat_ns.p99_9"), 300);
  EXPECT_EQ(number_at(kSummary, "jobs.0.write.lat_ns.p95"), std::nullopt);
  EXPECT_EQ(number_at(kSummary, "jobs.0.write.lat_ns.pxy"), std::nullopt);
  EXPECT_EQ(number_at(kSummary, "jobs.0.write.lat_ns.p"), std::nullopt);
}

TEST(SummaryView, finds_nothing_where_there_is_nothing) {
  for (const char* path : {"nothing", "jobs.7", "jobs.-1", "jobs.x", "jobs.0.write.iops.more", ".",
                           "jobs..0", "jobs.99999999999999999999999"})
    EXPECT_EQ(find_in(kSummary, path), nullptr) << path;
  EXPECT_EQ(number_at(kSummary, "jobs.0.jobname"), std::nullopt);
  EXPECT_EQ(text_at(kSummary, "nothing"), "");
}

TEST(SummaryView, takes_two_numbers_for_an_interval) {
  EXPECT_EQ(interval_at(kSummary, "jobs.0.write.intervals.iops"), Bounds(15, 18));
  for (const char* other : {"none", "three", "words", "missing"})
    EXPECT_EQ(interval_at(kSummary, std::string("jobs.0.write.intervals.") + other), std::nullopt);
}

TEST(SummaryView, gives_texts_as_they_are_and_the_rest_as_json) {
  EXPECT_EQ(text_at(kSummary, "jobs.0.jobname"), "w");
  EXPECT_EQ(text_at(kSummary, "jobs.0.write.iops"), "16.5");
  EXPECT_EQ(text_at(kSummary, "jobs.0.write.intervals.none"), "");
}

TEST(SummaryView, lists_the_sides_that_did_anything_or_were_overloaded) {
  const auto sides = sides_of(kSummary);
  ASSERT_THAT(sides, SizeIs(3));
  EXPECT_EQ(sides[0].job + " " + sides[0].direction, "w write");
  EXPECT_FALSE(sides[0].is_saturated());
  EXPECT_EQ(sides[1].job + " " + sides[1].direction, "r read");
  EXPECT_TRUE(sides[1].is_saturated());
  EXPECT_EQ(sides[2].job + " " + sides[2].direction, "r write");
  EXPECT_THAT(sides_of(Json::object()), IsEmpty());
}

TEST(SummaryView, takes_a_check_without_a_verdict_for_broken) {
  EXPECT_THAT(broken_checks(kSummary), ElementsAre("bad: core-0", "silent: "));
  EXPECT_THAT(broken_checks(Json::object()), IsEmpty());
}

}  // namespace summary_view_test
}  // namespace orrery
