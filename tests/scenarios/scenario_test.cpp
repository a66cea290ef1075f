// What a scenario must not say, and what it says without effect.
#include "scenarios/scenario.hpp"

#include <gmock/gmock.h>

#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace scenario_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Scenario scenario(const std::string& system, const std::vector<std::string>& set = {}) {
  TextNode text = parse_document("scenario: s\nsystem: " + system +
                                     "\ncompute: {servers: 1}\nstorage: {servers: 4}\n"
                                     "workload: [{name: job}]\n",
                                 "s.yaml");
  if (system == "device") std::erase_if(text.entries, [](auto& e) { return e.key == "compute"; });
  for (const std::string& assignment : set) apply_override(text, assignment);
  ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(), model_catalogue());
  return load_scenario(text, library);
}
std::string error_with(const std::string& system, const std::string& set) {
  return error_of([&] { scenario(system, {set}); });
}

TEST(Scenario, puts_the_agent_where_its_stack_belongs_unless_told_otherwise) {
  for (const auto& [stack, place] : {std::pair{"kernel_tcp", "host"},
                                     {"luna", "host"},
                                     {"rdma", "host"},
                                     {"solar", "dpu"},
                                     {"solar_star", "dpu"}}) {
    const std::string set = std::string("frontend.stack=") + stack;
    EXPECT_EQ(scenario("ebs", {set}).agent_placement(), place) << stack;
    EXPECT_EQ(scenario("ebs", {set, "frontend.agent=auto"}).agent_placement(), place);
    EXPECT_EQ(scenario("ebs", {set, "frontend.agent=dpu"}).agent_placement(), "dpu");
    if (stack != std::string("solar")) {
      EXPECT_EQ(scenario("ebs", {set, "frontend.agent=host"}).agent_placement(), "host");
    }
  }
}

TEST(Scenario, refuses_stacks_where_they_cannot_be) {
  EXPECT_THAT(error_of([] {
                scenario("ebs", {"frontend.stack=solar", "frontend.agent=host"});
              }),
              HasSubstr("its agent cannot run on the host"));
  EXPECT_THAT(error_with("ebs", "frontend.stack=wire"), HasSubstr("the bare wire carries no EBS"));
  EXPECT_THAT(error_with("ebs", "backend.stack=wire"), HasSubstr("the bare wire carries no EBS"));
  EXPECT_THAT(error_with("ebs", "backend.stack=solar"), HasSubstr("use stack: solar_star"));
  EXPECT_EQ(scenario("rpc", {"frontend.stack=wire"}).frontend.stack, "wire");
}

TEST(Scenario, refuses_quorums_and_replicas_that_cannot_be) {
  EXPECT_THAT(error_of([] {
                scenario("ebs", {"ebs.replicas=2", "ebs.quorum=3"});
              }),
              HasSubstr("a quorum of 3 cannot be reached with 2 replicas"));
  EXPECT_THAT(error_with("ebs", "storage.servers=3"), HasSubstr("at least 4 storage servers"));
  EXPECT_THAT(error_with("ebs", "storage.ssds_per_server=13"),
              HasSubstr("do not fit the 12 slots"));
}

TEST(Scenario, puts_as_many_servers_into_a_rack_as_its_fabric_has_ports_for) {
  const auto racks = [](const std::string& system, const std::vector<std::string>& set) {
    const Scenario s = scenario(system, set);
    return std::pair(s.compute.racks, s.storage.racks);
  };
  EXPECT_EQ(racks("ebs", {}), std::pair(1L, 1L));
  EXPECT_EQ(racks("ebs", {"compute.servers=16", "storage.servers=17"}), std::pair(1L, 2L));
  EXPECT_EQ(racks("rpc", {"compute.servers=33"}), std::pair(3L, 1L));
  EXPECT_EQ(racks("ebs", {"profiles.clos-25g.servers_per_rack=2"}), std::pair(1L, 2L));
  EXPECT_EQ(racks("ebs", {"storage.racks=4"}), std::pair(1L, 4L));
  // Storage servers stand on both networks.
  EXPECT_EQ(racks("ebs", {"backend.fabric=clos-100g", "profiles.clos-100g.servers_per_rack=1"}),
            std::pair(1L, 4L));
}

TEST(Scenario, refuses_racks_that_are_too_full_or_empty) {
  EXPECT_EQ(
      error_of([] {
        scenario("ebs", {"compute.racks=1", "compute.servers=20"});
      }),
      "--set compute.racks=1:1:15: error: 20 compute servers in 1 rack put 20 into one, whose "
      "ToRs have ports for 16\n  hint: it takes 2 racks, or more servers_per_rack in the "
      "fabric's profile");
  EXPECT_THAT(error_of([] {
                scenario("rpc", {"storage.racks=3", "profiles.clos-25g.servers_per_rack=1"});
              }),
              HasSubstr("4 storage servers in 3 racks put 2 into one"));
  EXPECT_EQ(
      error_with("ebs", "storage.racks=5"),
      "--set storage.racks=5:1:15: error: 5 racks for 4 storage servers: some would be empty");
  // Where the file says racks and the command line servers, it is the servers that are wrong.
  EXPECT_EQ(error_of([] {
              TextNode text = parse_document(
                  "scenario: s\nsystem: rpc\ncompute: {servers: 2, racks: 2}\n"
                  "workload: [{name: job}]\n",
                  "s.yaml");
              apply_override(text, "compute.servers=1");
              ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(),
                                     model_catalogue());
              load_scenario(text, library);
            }),
            "--set compute.servers=1:1:17: error: 2 racks for 1 compute servers: some would be "
            "empty");
}

TEST(Scenario, refuses_more_than_a_run_can_hold_where_most_of_it_is_asked_for) {
  const auto refused = [](const std::string& system, const std::vector<std::string>& set) {
    const std::string error = error_of([&] { scenario(system, set); });
    return error.substr(0, error.find(": error: "));
  };
  EXPECT_EQ(refused("rpc", {"volumes.per_server=100000", "compute.servers=2"}),
            "--set volumes.per_server=100000:1:20");
  EXPECT_EQ(refused("ebs", {"storage.servers=1025"}), "--set storage.servers=1025:1:17");
  EXPECT_EQ(refused("device", {"storage.servers=4096", "storage.ssds_per_server=32",
                               "profiles.storage-25g.ssd_slots=32"}),
            "--set storage.servers=4096:1:17");
  EXPECT_EQ(refused("ebs", {"volumes.size=1PiB", "volumes.per_server=200"}),
            "--set volumes.size=1PiB:1:14");
  EXPECT_EQ(refused("ebs", {"workload.0.rate_iops=1e30"}), "--set workload.0.rate_iops=1e30:1:22");
  EXPECT_EQ(refused("ebs", {"workload.0.rate_iops=10M", "volumes.per_server=101"}),
            "--set workload.0.rate_iops=10M:1:22");
  EXPECT_EQ(refused("ebs", {"workload.0.numjobs=65536", "workload.0.iodepth=1048576"}),
            "--set workload.0.iodepth=1048576:1:20");
  EXPECT_EQ(refused("ebs", {"workload.0.numjobs=65536", "volumes.per_server=5"}),
            "--set workload.0.numjobs=65536:1:20");
  EXPECT_EQ(refused("ebs", {"workload.0.bs=64m", "workload.0.iodepth=1025"}),
            "--set workload.0.iodepth=1025:1:20");
  // Of all jobs together; the one that is too much is refused.
  EXPECT_EQ(refused("ebs", {"workload=[{name: a, iodepth: 600000}, {name: b, iodepth: 600000}]"}),
            "--set workload=[{name: a, iodepth: 600000}, {name: b, iodepth: 600000}]:1:58");
  // An open loop without iodepth has what it has; a job that is on few volumes counts these.
  scenario("ebs", {"workload.0.rate_iops=100k", "workload.0.numjobs=1000"});
  scenario("ebs", {"volumes.per_server=1000", "workload.0.iodepth=1048576",
                   "workload.0.filename=compute-0/volume-7"});
}

TEST(Scenario, lets_messages_but_not_block_ios_have_any_size) {
  EXPECT_EQ(scenario("rpc", {"workload.0.bs=64"}).workload[0].bs, "64");
  for (const std::string system : {"ebs", "device"}) {
    EXPECT_EQ(
        error_with(system, "workload.0.bs=64"),
        "--set workload.0.bs=64:1:15: error: an I/O of 64 bytes is not a multiple of 512, the "
        "sector of a block device");
    EXPECT_THAT(error_with(system, "workload.0.offset=100B"),
                HasSubstr("--set workload.0.offset=100B:1:19: error: offset is not a multiple"));
  }
}

TEST(Scenario, notes_keys_that_change_nothing) {
  EXPECT_THAT(scenario("ebs").notes, IsEmpty());
  EXPECT_THAT(scenario("rpc").notes, IsEmpty());
  EXPECT_THAT(scenario("device").notes, IsEmpty());
  for (const std::string key :
       {"volumes.iops_limit=100", "volumes.bandwidth_limit=1MB/s", "volumes.limit_burst=1ms",
        "volumes.encrypted=true", "compute.guest=none", "storage.ssds_per_server=2"})
    EXPECT_THAT(scenario("rpc", {key}).notes,
                ElementsAre(HasSubstr("`" + key.substr(0, key.find('=')) +
                                      "` changes nothing in a system of kind rpc")));
  for (const std::string key : {"frontend.stack=solar", "backend.stack=luna", "ebs.quorum=1",
                                "volumes.size=1TiB", "storage.racks=2"})
    EXPECT_THAT(scenario("device", {key}).notes,
                ElementsAre(HasSubstr("changes nothing in a system of kind device")));
  EXPECT_THAT(
      scenario("ebs", {"compute.dpu=my-dpu"}).notes,
      ElementsAre(HasSubstr("`compute.dpu` changes nothing while the agent is on the host")));
  EXPECT_THAT(scenario("ebs", {"compute.dpu=ali-dpu", "frontend.agent=dpu"}).notes, IsEmpty());
  EXPECT_THAT(scenario("ebs", {"volumes.limit_burst=1ms"}).notes,
              ElementsAre(HasSubstr("`volumes.limit_burst` changes nothing without a limit")));
  EXPECT_THAT(scenario("ebs", {"volumes.limit_burst=1ms", "volumes.iops_limit=100"}).notes,
              IsEmpty());
}

TEST(Scenario, written_out_with_its_defaults_gets_no_notes) {
  for (const std::string agent : {"host", "dpu"}) {
    const Scenario once = scenario("ebs", {"frontend.agent=" + agent});
    ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(), model_catalogue());
    EXPECT_THAT(load_scenario(resolved_scenario(once), library).notes, IsEmpty()) << agent;
  }
}

TEST(Scenario, finds_jobs_by_their_names_in_overrides) {
  const std::vector<std::string> two = {"workload=[{name: a, bs: 4k}, {name: b, bs: 8k}]"};
  auto set = two;
  set.push_back("workload.b.iodepth=7");
  const Scenario s = scenario("ebs", set);
  EXPECT_EQ(s.workload[1].iodepth, 7);
  EXPECT_EQ(s.workload[1].bs, "8k");
  EXPECT_FALSE(s.workload[0].iodepth);
  set = two;
  set.push_back("workload.bb.iodepth=7");
  EXPECT_THAT(error_of([&] { scenario("ebs", set); }), HasSubstr("did you mean 'b'?"));
  EXPECT_THAT(error_of([] { scenario("ebs", {"workload=[{name: a}, {name: a}]"}); }),
              HasSubstr("two jobs are called 'a'"));
}

TEST(Scenario, jobs_run_on_the_volumes_their_filename_matches) {
  const std::vector<std::string> names =
      scenario("ebs", {"compute.servers=2", "volumes.per_server=2"}).volume_names();
  EXPECT_THAT(names, ElementsAre("compute-0/volume-0", "compute-0/volume-1", "compute-1/volume-0",
                                 "compute-1/volume-1"));
  EXPECT_THAT(scenario("rpc", {"volumes.per_server=2"}).volume_names(),
              ElementsAre("compute-0/client-0", "compute-0/client-1"));
  EXPECT_THAT(scenario("device", {"storage={servers: 1, ssds_per_server: 2}"}).volume_names(),
              ElementsAre("storage-0/ssd-0", "storage-0/ssd-1"));
  EXPECT_EQ(error_with("ebs", "workload.job.filename=compute-9/*"),
            "--set workload.job.filename=compute-9/*:1:23: error: no volume is called "
            "'compute-9/*'\n  hint: there is compute-0/volume-0");
}

}  // namespace scenario_test
}  // namespace orrery
