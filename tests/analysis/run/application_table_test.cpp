#include "analysis/run/application_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "analysis/experiment/run_directory.hpp"
#include "tests/analysis/compare/comparison_rig.hpp"
#include "tests/analysis/table_cells.hpp"

namespace orrery {
namespace application_table_test {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Json summary() {
  Json read = {{"name", "read"},
               {"ops", 50'000.0},
               {"counts", {{"arrived", 5000}}},
               {"failed", 2},
               {"saturated", false},
               {"intervals", {{"ops", {49'000.0, 51'000.0}}}},
               {"stages", {{"app", stage_of(1'000, 4'000)}, {"ssd", stage_of(0, 15'000)}}}};
  read["lat_ns"] = {{"mean", 20'000.0}, {"percentile", {{"50.000000", 4'000.0}}}};
  read["lat_ns"]["bins"] = {{"4016", 3000}, {"89600", 1000}};
  const Json never = {{"name", "update"}, {"ops", 0.0}, {"counts", {{"arrived", 0}}}};
  Json application = {{"name", "kv"}, {"kind", "rocksdb"}, {"options", {{"threads", "8"}}}};
  application["operations"] = Json::array({read, never});
  application["io"] = {
      {"log", {{"iops", 0.0}}},
      {"read", {{"iops", 1000.0}, {"bw_bytes", 4.096e6}, {"lat_mean_ns", 80'000.0}}}};
  application["block_cache_hit_ratio"] = 0.75;
  application["write_amplification"] = 12.5;
  application["stalls"] = {{"stops", 3}, {"stopped_s", 0.25}, {"slowdowns", 0}, {"slowed_s", 0.0}};
  Json out;
  out["applications"] = Json::array({application});
  return out;
}

TEST(ApplicationTable, has_operations_io_and_how_the_engine_fared) {
  const std::string table = figures_of_applications(summary(), {});
  EXPECT_THAT(row_of(table, "kv"),
              ElementsAre("read", "50.0k ±1.0k", "20.0 us", "4.00 us", "-", "-"));
  EXPECT_THAT(table, Not(HasSubstr("update ")));
  EXPECT_THAT(table, HasSubstr("kv: block cache hits 75.0 %, write amplification 12.5, updates "
                               "stopped 3 times, 250 ms in all"));
  EXPECT_THAT(table, HasSubstr("kv read: 2 operations failed"));
  EXPECT_THAT(table, HasSubstr("4.10 KB"));
  EXPECT_THAT(row_of(stages_of_applications(summary(), {}), "ssd", "kv read"),
              ElementsAre("0.00 us", "-", "15.0 us", "15.0 us", "75.0 %"));
  EXPECT_EQ(application_load_lines(summary(), {}), "load kv: rocksdb threads=8\n");
}

TEST(ApplicationTable, is_empty_without_applications) {
  EXPECT_THAT(figures_of_applications(Json::object(), {}), IsEmpty());
  EXPECT_THAT(stages_of_applications(Json::object(), {}), IsEmpty());
  EXPECT_THAT(application_load_lines(Json::object(), {}), IsEmpty());
}

TEST(ApplicationTable, a_saturated_operation_has_no_latency) {
  Json of = summary();
  of["applications"][0]["operations"][0]["saturated"] = true;
  EXPECT_THAT(row_of(figures_of_applications(of, {}), "kv"),
              ElementsAre("read", "50.0k ±1.0k", "SATURATED"));
  EXPECT_THAT(stages_of_applications(of, {}), IsEmpty());
}

TEST(ApplicationTable, latencies_of_operations_are_in_the_csv) {
  EXPECT_THAT(latency_csv(summary()), HasSubstr("kv,read,lat,4032,3000,0.75\n"
                                                "kv,read,lat,90112,1000,1\n"));
}

}  // namespace application_table_test
}  // namespace orrery
