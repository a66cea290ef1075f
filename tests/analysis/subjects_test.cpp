// How every kind of system is run and shown, and which commands are not for it.
#include "analysis/subjects.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/loading.hpp"
#include "scenarios/systems/registry.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace subjects_test {

using testing::HasSubstr;

LoadedScenario of_kind(std::string_view name) {
  LoadedScenario loaded;
  loaded.path = "s.yaml";
  loaded.scenario.head.system = name;
  loaded.scenario.kind = &system_kind(name);
  return loaded;
}

TEST(Subjects, every_kind_of_system_is_run_and_shown) {
  for (const SystemKind* kind : all_systems()) {
    const SubjectEntry& entry = subject_of(of_kind(kind->name).scenario);
    EXPECT_NE(entry.run, nullptr) << kind->name;
    EXPECT_NE(entry.table, nullptr) << kind->name;
  }
}

TEST(Subjects, a_command_that_is_not_for_a_kind_says_what_is) {
  const auto refusal = [](std::string_view command, std::string_view kind) {
    return error_of([&] { require_command(command, of_kind(kind)); });
  };
  EXPECT_THAT(refusal("fleet", "pool"),
              HasSubstr("s.yaml: error: a scenario of system pool, not of a fleet"));
  EXPECT_THAT(refusal("compare", "fleet"), HasSubstr("hint: orrery fleet puts its variants"));
  EXPECT_THAT(refusal("blast", "fleet"), HasSubstr("a fleet has no I/O that could be hit"));
  require_command("compare", of_kind("ebs"));
  require_command("blast", of_kind("device"));
  require_command("fleet", of_kind("fleet"));
}

}  // namespace subjects_test
}  // namespace orrery
