// Every scenario of the library: it loads, so do its variants, and shortened it runs.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "analysis/experiment/variants.hpp"
#include "tests/integration/runs.hpp"

namespace orrery {
namespace library_test {

class Library : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Scenarios, Library, testing::ValuesIn(library_names()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(Library, is_named_like_its_file_and_says_what_it_shows) {
  const Scenario scenario = library_scenario(GetParam());
  EXPECT_EQ(scenario.head.scenario, GetParam());
  EXPECT_FALSE(scenario.head.title.empty());
  EXPECT_THAT(scenario.notes, testing::IsEmpty());
  EXPECT_FALSE(scenario.compare.empty());
}

TEST_P(Library, all_its_variants_load) {
  const LoadedScenario loaded = load({GetParam(), {}, {}});
  const auto variants = load_variants(loaded, axes_of(loaded.scenario));
  EXPECT_GE(variants.size(), 2u);
  for (const Variant& variant : variants)
    EXPECT_THAT(variant.scenario.notes, testing::IsEmpty()) << variant.label;
}

TEST_P(Library, runs_when_it_is_shortened) {
  Settings shorter;
  for (std::size_t i = 0; i < library_scenario(GetParam()).workload.size(); ++i) {
    shorter.push_back(fmt::format("workload.{}.ramp_time=2ms", i));
    shorter.push_back(fmt::format("workload.{}.runtime=5ms", i));
  }
  for (std::size_t i = 0; i < library_scenario(GetParam()).applications.size(); ++i) {
    shorter.push_back(fmt::format("applications.{}.ramp_time=2ms", i));
    shorter.push_back(fmt::format("applications.{}.runtime=5ms", i));
  }
  if (library_scenario(GetParam()).kind->subject == Subject::control_plane)
    shorter = {"fleet.runtime=10min", "fleet.sample_every=1min"};
  const Json summary = run(library_scenario(GetParam(), shorter));
  expect_sound(summary);
  for (const Json& job : summary.at("jobs")) {
    EXPECT_GT(figure(job, "ios.done"), 0) << job.at("jobname");
    EXPECT_EQ(figure(job, "ios.failed"), 0) << job.at("jobname");
  }
}

}  // namespace library_test
}  // namespace orrery
