// Which profiles a scenario may name where.
#include <gtest/gtest.h>

#include "scenarios/scenario.hpp"
#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace scenario_profiles_test {

std::string error_in(const std::string& text) {
  return error_of([&] {
    ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(), model_catalogue());
    load_scenario(parse_document(text, "s.yaml"), library);
  });
}

const std::string kRpc = "scenario: s\nsystem: rpc\nworkload: [{name: w}]\n";

TEST(ScenarioProfiles, of_another_model_are_refused) {
  EXPECT_EQ(error_in(kRpc + "frontend: {profile: clos-25g}\n"),
            "s.yaml:4:21: error: profile 'clos-25g' is one of a leaf_spine, not of a luna");
  EXPECT_EQ(error_in("scenario: s\nsystem: device\nworkload: [{name: w}]\n"
                     "storage: {servers: 1, ssd: luna}\n"),
            "s.yaml:4:28: error: profile 'luna' is one of a luna, not of an SSD");
}

TEST(ScenarioProfiles, of_another_model_are_refused_though_another_key_may_name_them) {
  EXPECT_EQ(error_in(kRpc + "frontend: {stack: luna, fabric: luna}\n"),
            "s.yaml:4:33: error: profile 'luna' is one of a luna, not of a leaf_spine");
}

TEST(ScenarioProfiles, that_do_not_exist_are_refused_with_the_nearest_one) {
  EXPECT_EQ(error_in(kRpc + "frontend: {fabric: clos-25gg}\n"),
            "s.yaml:4:20: error: unknown profile 'clos-25gg' (did you mean 'clos-25g'?)");
  EXPECT_EQ(error_in(kRpc + "profiles: {lunna: {window: 64KiB}}\n"),
            "s.yaml:4:12: error: unknown profile 'lunna' (did you mean 'luna'?)");
}

}  // namespace scenario_profiles_test
}  // namespace orrery
