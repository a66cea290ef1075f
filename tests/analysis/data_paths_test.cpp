#include "analysis/data_paths.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/analysis/temporary_directory.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace data_paths_test {

const std::filesystem::path kSources = std::filesystem::current_path();  // where tests start

using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

// A data directory with two scenarios, in a working directory of its own.
class Places : public testing::Test {
 protected:
  Places() {
    for (const char* name : {"b.yaml", "alpha.yaml", "notes.txt"})
      data_.add(std::string("scenarios/library/") + name, "");
    data_.add("scenarios/profiles/x.yaml", "");
    setenv("ORRERY_DATA", data_.path().c_str(), 1);
  }
  ~Places() override { unsetenv("ORRERY_DATA"); }

  TemporaryDirectory data_;
  TemporaryDirectory here_;
  WorkingDirectory in_here_{here_.path()};
};

TEST_F(Places, are_in_the_data_directory_of_the_environment) {
  EXPECT_EQ(data_directory(), data_.path());
  EXPECT_EQ(library_directory(), data_ / "scenarios/library");
  EXPECT_EQ(profile_directory(), data_ / "scenarios/profiles");
  EXPECT_EQ(validation_directory(), data_ / "scenarios/validation");
}

TEST_F(Places, are_in_the_source_tree_without_that) {
  for (const char* empty : {"", static_cast<const char*>(nullptr)}) {
    if (empty == nullptr) unsetenv("ORRERY_DATA");
    else setenv("ORRERY_DATA", empty, 1);
    EXPECT_TRUE(std::filesystem::equivalent(data_directory(), kSources));
    EXPECT_THAT(library_names(), Contains("first-light"));
  }
}

TEST_F(Places, are_shown_as_seen_from_the_working_directory) {
  unsetenv("ORRERY_DATA");
  const WorkingDirectory there(kSources);
  EXPECT_EQ(library_directory(), "scenarios/library");
}

TEST_F(Places, that_the_environment_names_wrongly_are_an_error) {
  setenv("ORRERY_DATA", here_.path().c_str(), 1);
  EXPECT_EQ(error_of([] { data_directory(); }),
            "ORRERY_DATA=" + here_.path() + ": error: no directory scenarios/profiles in there");
}

TEST_F(Places, name_the_scenarios_of_the_library_in_order) {
  EXPECT_THAT(library_names(), ElementsAre("alpha", "b"));
}

TEST_F(Places, find_a_scenario_by_name_with_or_without_its_extension) {
  EXPECT_EQ(scenario_file("alpha"), data_ / "scenarios/library/alpha.yaml");
  EXPECT_EQ(scenario_file("alpha.yaml"), data_ / "scenarios/library/alpha.yaml");
}

TEST_F(Places, prefer_a_file_that_exists_but_no_directory) {
  std::filesystem::create_directory("alpha");
  EXPECT_EQ(scenario_file("alpha"), data_ / "scenarios/library/alpha.yaml");
  here_.add("alpha.yaml", "");
  EXPECT_EQ(scenario_file("alpha.yaml"), "alpha.yaml");
  here_.add("b", "");
  EXPECT_EQ(scenario_file("b"), "b");
}

TEST_F(Places, leave_a_path_to_the_loader) {
  EXPECT_EQ(scenario_file("some/where.yaml"), "some/where.yaml");
  EXPECT_EQ(scenario_file("./alpha"), "./alpha");
}

TEST_F(Places, name_the_nearest_scenario_of_the_library_or_file_beside) {
  EXPECT_EQ(error_of([] { scenario_file("alpah"); }),
            "alpah: error: no such file, and no scenario of that name in the library (did you mean "
            "'alpha'?)");
  here_.add("my-scenario.yaml", "");
  EXPECT_THAT(error_of([] { scenario_file("my-scenaro.yaml"); }),
              HasSubstr("(did you mean 'my-scenario.yaml'?)"));
  EXPECT_THAT(error_of([] { scenario_file("nothing-like-it"); }),
              EndsWith("\n  hint: one of: alpha, b"));
  EXPECT_EQ(error_of([] { scenario_file(""); }), "FILE: error: an empty name names no file");
}

TEST_F(Places, of_profiles_are_beside_the_scenario_and_then_the_data_directorys) {
  EXPECT_THAT(profile_directories("a/b.yaml"),
              ElementsAre("a/profiles", data_ / "scenarios/profiles"));
  EXPECT_THAT(profile_directories("b.yaml"), ElementsAre("profiles", data_ / "scenarios/profiles"));
}

}  // namespace data_paths_test
}  // namespace orrery
