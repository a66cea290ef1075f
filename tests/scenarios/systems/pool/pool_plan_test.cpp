// What a scenario may ask of a pool's volumes and operations: what could not be carried out is
// refused before anything runs.
#include "scenarios/systems/pool/pool_plan.hpp"

#include <gmock/gmock.h>

#include "scenarios/scenario.hpp"
#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace pool_plan_test {

using testing::HasSubstr;

Scenario pool(const std::string& operations, const std::vector<std::string>& set = {}) {
  TextNode text = parse_document(R"(
scenario: s
system: pool
compute: {servers: 1, racks: 1, node: pool-25g, ssds_per_server: 1}
storage: {servers: 2, racks: 1, node: pool-25g, ssd: p4510-2tb, ssds_per_server: 2}
logical_volumes:
  - {name: lv, host: compute-0, on: storage-0, size: 100GiB}
  - {name: mirror, host: compute-0, on: storage-0, size: 10GiB, raid: raid1}
  - {name: wide, host: compute-0, on: [storage-0, storage-1], size: 10GiB, raid: raid0}
  - {name: bare, host: compute-0, on: compute-0, size: 10GiB, path: native}
workload: [{name: job, runtime: 1s}]
operations: [)" + operations + "]\n",
                                 "s.yaml");
  for (const std::string& assignment : set) apply_override(text, assignment);
  ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(), model_catalogue());
  return load_scenario(text, library);
}

std::string pool_error(const std::string& operations, const std::vector<std::string>& set = {}) {
  return error_of([&] { pool(operations, set); });
}

TEST(PoolOperationsCheck, a_volume_that_has_grown_is_not_made_smaller) {
  const std::string grown = "{kind: resize, volume: compute-0/lv, at: 1ms, size: 200GiB}";
  const std::string less = "{kind: resize, volume: compute-0/lv, at: 3ms, size: 110GiB}";
  EXPECT_THAT(pool_error(grown + ", " + less),
              HasSubstr("compute-0/lv has 200GiB by then: making it smaller would cut off what "
                        "jobs use"));
  // What counts is the time, not the place in the list.
  EXPECT_EQ(pool(less + ", " + grown, {"operations.1.at=5ms"}).operations.size(), 2u);
  EXPECT_THAT(pool_error(less + ", " + grown), HasSubstr("s.yaml:12:"));
}

TEST(PoolOperationsCheck, a_resize_says_its_size_and_has_room) {
  EXPECT_THAT(pool_error("{kind: resize, volume: compute-0/lv, at: 1ms}"),
              HasSubstr("a resize needs `size`"));
  EXPECT_THAT(pool_error("{kind: resize, volume: compute-0/lv, at: 1ms, size: 50TiB}"),
              HasSubstr("too little for compute-0/lv to grow to 50TiB"));
  // Where a migration may have made room, the run has to say.
  const std::string most = "{kind: resize, volume: compute-0/mirror, at: 2s, size: 1800GiB}";
  EXPECT_THAT(pool_error(most), HasSubstr("too little for compute-0/mirror to grow to 1800GiB"));
  EXPECT_EQ(pool("{kind: hot_migration, volume: compute-0/lv, at: 1ms}, " + most).operations.size(),
            2u);
}

TEST(PoolOperationsCheck, what_no_engine_does_is_refused) {
  for (const char* kind : {"resize, size: 20GiB", "snapshot"})
    EXPECT_THAT(pool_error("{at: 1ms, volume: compute-0/wide, kind: " + std::string(kind) + "}"),
                HasSubstr("compute-0/wide lies on 2 nodes"));
  EXPECT_THAT(pool_error("{kind: snapshot, at: 1ms, volume: compute-0/bare}"),
              HasSubstr("no engine that could take a snapshot"));
  EXPECT_THAT(pool_error("{kind: hot_migration, at: 1ms, volume: compute-0/lv, to: compute-0}",
                         {"compute.ssds_per_server=0", "logical_volumes.3.path=remote_tcp",
                          "logical_volumes.3.on=storage-1"}),
              HasSubstr("compute-0 has no SSDs to which compute-0/lv could move"));
}

TEST(PoolOperationsCheck, snapshots_have_names_and_a_limit_of_their_volume) {
  const std::string one = "{kind: snapshot, at: 1ms, volume: compute-0/lv, name: s}";
  EXPECT_THAT(pool_error(one + ", " + one), HasSubstr("compute-0/lv has a snapshot 's' already"));
  EXPECT_EQ(pool(one + ", {kind: snapshot, at: 1ms, volume: compute-0/mirror, name: s}")
                .operations.size(),
            2u);
  EXPECT_THAT(pool_error(one, {"logical_volumes.0.snapshots=8"}),
              HasSubstr("compute-0/lv has 8 snapshots behind it by then, as many as an engine "
                        "keeps"));
}

TEST(PoolOperationsCheck, keys_of_other_kinds_mean_nothing) {
  const std::string what[] = {"{kind: hot_upgrade, at: 1ms, node: storage-0",
                              "{kind: hot_migration, at: 1ms, volume: compute-0/lv",
                              "{kind: snapshot, at: 1ms, volume: compute-0/lv",
                              "{kind: resize, at: 1ms, volume: compute-0/lv, size: 200GiB"};
  const std::pair<const char*, std::vector<int>> keys[] = {
      {"node: storage-1", {1, 2, 3}}, {"mode: reconnect", {1, 2, 3}}, {"volume: compute-0/lv", {0}},
      {"to: storage-1", {0, 2, 3}},   {"size: 1GiB", {0, 1, 2}},      {"name: x", {0, 1, 3}}};
  for (const auto& [key, kinds] : keys)
    for (const int kind : kinds) {
      const std::string name = std::string(key).substr(0, std::string_view(key).find(':'));
      EXPECT_THAT(pool_error(what[kind] + ", " + key + "}"),
                  HasSubstr("`" + name + "` means nothing for a "));
    }
  // A resolved scenario says what holds anyway.
  EXPECT_EQ(pool(what[2] + ", mode: inherit, size: 0B}").operations.size(), 1u);
}

TEST(PoolPlan, a_cache_is_of_a_cached_volume) {
  EXPECT_THAT(pool("", {"logical_volumes.0.cache=1GiB"}).notes,
              testing::Contains(HasSubstr("`cache` changes nothing for tier: fast")));
  EXPECT_THAT(pool_error("", {"logical_volumes.0.cache=8191PiB"}),
              HasSubstr("cache: must be at most 1PiB"));
  EXPECT_THAT(pool_error("{kind: resize, volume: compute-0/lv, at: 1ms, size: 8191PiB}"),
              HasSubstr("size: must be at most 1PiB"));
}

TEST(PoolPlan, profiles_of_ssds_that_are_not_there_are_noted) {
  const Scenario s = pool(
      "", {"logical_volumes.3.path=remote_tcp", "logical_volumes.3.on=storage-1",
           "compute.ssds_per_server=0", "compute.ssd=nonsense", "storage.capacity_ssd=nonsense"});
  EXPECT_THAT(s.notes, testing::Contains(HasSubstr(
                           "`compute.ssd` changes nothing without SSDs: ssds_per_server is 0")));
  EXPECT_THAT(s.notes, testing::Contains(HasSubstr("`storage.capacity_ssd` changes nothing")));
}

TEST(PoolOperationsCheck, a_volume_may_move_back_to_where_it_was) {
  EXPECT_EQ(pool("{kind: hot_migration, volume: compute-0/lv, to: storage-1, at: 1ms}, "
                 "{kind: hot_migration, volume: compute-0/lv, to: storage-0, at: 900ms}")
                .operations.size(),
            2u);
}

TEST(PoolPlan, a_cached_volume_is_no_mirror_within_a_node) {
  EXPECT_THAT(pool_error("", {"storage.capacity_ssds_per_server=2", "storage.capacity_ssd=d5-p5316",
                              "logical_volumes.1.tier=cached", "logical_volumes.1.cache=1GiB"}),
              HasSubstr("a cached volume is no mirror within a node"));
}

TEST(PoolPlan, a_cache_holds_a_line_at_least) {
  EXPECT_THAT(pool_error("", {"storage.capacity_ssds_per_server=2", "storage.capacity_ssd=d5-p5316",
                              "logical_volumes.0.tier=cached", "logical_volumes.0.cache=4KiB"}),
              HasSubstr("a cache of 4KiB holds no line of"));
}

TEST(PoolProfiles, that_do_not_go_together_are_refused) {
  EXPECT_THAT(pool_error("", {"profiles={lightpool: {reactors: 4}, pool-25g: {cores: 4}}"}),
              HasSubstr("4 reactors leave none of the 4 cores of 'pool-25g'"));
  EXPECT_THAT(pool_error("", {"profiles={lightpool: {strip: 4MiB}}"}),
              HasSubstr("lightpool.strip of 4MiB is more than lightpool.cluster of 2MiB"));
  EXPECT_THAT(pool_error("", {"profiles={lightpool: {cluster: 3MiB}}"}),
              HasSubstr("lightpool.cluster of 3MiB is no power of two"));
}

TEST(PoolPlan, without_volumes_has_nothing_that_a_job_or_an_application_could_run_on) {
  const std::vector<std::string> none = {"volumes.per_server=0", "logical_volumes=[]"};
  EXPECT_THAT(pool_error("", none),
              HasSubstr("s.yaml:11:12: error: there are no volumes that it could run on"));
  EXPECT_THAT(pool_error("", {none[0], none[1], "applications=[{name: db, kind: rocksdb}]"}),
              HasSubstr("there are no volumes"));
}

}  // namespace pool_plan_test
}  // namespace orrery
