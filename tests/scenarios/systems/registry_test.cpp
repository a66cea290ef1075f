// Kinds of systems: what every one of them has, and what each makes of the sections of others.
#include "scenarios/systems/registry.hpp"

#include <gmock/gmock.h>

#include <set>

#include "scenarios/scenario.hpp"
#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace registry_test {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

Scenario of_kind(std::string_view kind, const std::vector<std::string>& set = {}) {
  TextNode text = parse_document("scenario: s\nsystem: " + std::string(kind) +
                                     "\ncompute: {servers: 1, racks: 1}\n"
                                     "storage: {servers: 4, ssds_per_server: 1}\n"
                                     "workload: [{name: job, runtime: 1s}]\n",
                                 "s.yaml");
  for (const std::string& assignment : set) apply_override(text, assignment);
  ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(), model_catalogue());
  return load_scenario(text, library);
}

TEST(SystemKinds, have_names_and_sections_of_their_own) {
  std::set<std::string> names, sections;
  for (const SystemKind* kind : all_systems()) {
    EXPECT_TRUE(names.emplace(kind->name).second) << kind->name;
    EXPECT_EQ(&system_kind(kind->name), kind);
    EXPECT_FALSE(kind->help.empty());
    for (const SectionEntry& entry : kind->sections)
      EXPECT_TRUE(sections.insert(entry.name).second) << entry.name;
    EXPECT_TRUE(kind->load_whole != nullptr || (kind->resolve != nullptr && kind->build != nullptr))
        << kind->name;
    EXPECT_EQ(kind->settings != nullptr, kind->subject == Subject::io) << kind->name;
  }
}

TEST(SystemKinds, name_the_volumes_of_their_scenarios) {
  for (const auto& [kind, first] :
       {std::pair{"ebs", "compute-0/volume-0"}, std::pair{"pool", "compute-0/volume-0"},
        std::pair{"rpc", "compute-0/client-0"}, std::pair{"device", "storage-0/ssd-0"}})
    EXPECT_EQ(of_kind(kind).volume_names().front(), first);
}

TEST(SystemKinds, note_sections_of_others) {
  for (const char* kind : {"ebs", "pool", "rpc", "device"}) {
    const auto notes = of_kind(kind, {"snapshots=[]"}).notes;
    EXPECT_THAT(notes, Contains(HasSubstr("`snapshots` changes nothing in a system of kind " +
                                          std::string(kind))));
  }
  EXPECT_THAT(of_kind("rpc", {"ebs={quorum: 5}"}).notes,
              Contains(HasSubstr("`ebs` changes nothing in a system of kind rpc")));
  EXPECT_THAT(of_kind("ebs", {"operations=[]"}).notes, Contains(HasSubstr("`operations`")));
  EXPECT_THAT(of_kind("pool", {"operations=[]"}).notes, IsEmpty());
}

TEST(SystemKinds, a_closed_loop_on_a_device_that_is_done_at_once_is_refused) {
  EXPECT_THAT(
      error_of([] { of_kind("device", {"storage.ssd=null-device"}); }),
      HasSubstr("s.yaml:5:12: error: a closed loop on 'null-device', which is done at once, "
                "goes round in no time"));
  EXPECT_EQ(
      of_kind("device", {"storage.ssd=null-device", "workload.0.rate_iops=1000"}).workload.size(),
      1u);
}

}  // namespace registry_test
}  // namespace orrery
