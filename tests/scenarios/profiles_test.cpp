#include "scenarios/profiles.hpp"

#include <gtest/gtest.h>

#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace profiles_test {

struct Stack {
  Duration per_block{};
  Bytes window;
  int cores = 0;
  std::optional<Duration> pacing;

  static const Declarations& declarations() {
    static const Declarations all =
        Declare<Stack>("a stack")
            .field("per_block", &Stack::per_block, "transport work per block")
            .field("window", &Stack::window, "bytes in flight", at_least(1))
            .field("cores", &Stack::cores, "cores")
            .otherwise(std::int64_t{1})
            .field("pacing", &Stack::pacing, "gap between packets")
            .build();
    return all;
  }
};

const ModelCatalogue kModels = {{"luna", &Stack::declarations()},
                                {"solar", &Stack::declarations()}};

const std::string kLuna = R"(profile: luna
model: luna
title: LUNA, TCP in user space
parameters:
  window: {value: 64KiB, kind: assumed, source: usual}
  per_block: {value: 0.655us, kind: paper, source: "SIGCOMM'22 Table 1", role: CAL}
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}
std::string error_in(const std::string& text) {
  return error_of([&] { load_profile(parse_document(text, "luna.yaml"), kModels); });
}
ProfileLibrary library(Files files) {
  return {{"mine", "lib"}, reader_of(files), lister_of(files), kModels};
}
const SourceMark kReference{"scenario.yaml", 7, 9};

TEST(Profiles, carry_each_value_with_its_source) {
  const Profile luna = load_profile(parse_document(kLuna, "luna.yaml"), kModels);
  EXPECT_EQ(luna.name, "luna");
  EXPECT_EQ(luna.model, "luna");
  EXPECT_EQ(luna.title, "LUNA, TCP in user space");
  ASSERT_EQ(luna.parameters.size(), 3u);  // the optional one is left out
  EXPECT_EQ(luna.parameters[0].first, "per_block");
  const Parameter& per_block = luna.parameters[0].second;
  EXPECT_EQ(per_block.value, Value{Duration{655'000}});
  EXPECT_EQ(per_block.kind, SourceKind::paper);
  EXPECT_EQ(per_block.source, "SIGCOMM'22 Table 1");
  EXPECT_EQ(per_block.role, "CAL");
  EXPECT_EQ(luna.parameters[2].first, "cores");
  EXPECT_EQ(luna.parameters[2].second.source, "default of model luna");
  const Stack stack = bind<Stack>(luna);
  EXPECT_EQ(stack.window, kibibytes(64));
  EXPECT_EQ(stack.cores, 1);
  EXPECT_EQ(stack.pacing, std::nullopt);
}

TEST(Profiles, refuse_unknown_and_missing_parameters) {
  EXPECT_EQ(error_in(replaced(kLuna, "window:", "windw:")),
            "luna.yaml:5:3: error: unknown parameter of model 'luna' 'windw' "
            "(did you mean 'window'?)");
  EXPECT_EQ(error_in("profile: luna\nmodel: luna\ntitle: x\nparameters:\n"
                     "  window: {value: 64KiB, kind: assumed, source: usual}\n"),
            "luna.yaml:4:1: error: profile 'luna' lacks parameter 'per_block' "
            "(transport work per block)");
}

TEST(Profiles, refuse_parameters_without_a_source) {
  EXPECT_EQ(error_in(replaced(kLuna, ", source: usual", "")),
            "luna.yaml:5:11: error: missing key 'source' (where the value comes from)");
  EXPECT_EQ(error_in(replaced(kLuna, "source: usual", "source: ''")),
            "luna.yaml:5:49: error: window: the source must not be empty");
  EXPECT_EQ(error_in(replaced(kLuna, "{value: 64KiB, kind: assumed, source: usual}", "64KiB")),
            "luna.yaml:5:11: error: window: expected {value, kind, source}, got '64KiB'");
  EXPECT_EQ(error_in(replaced(kLuna, "value: 64KiB, ", "")),
            "luna.yaml:5:11: error: window: missing key 'value'");
  EXPECT_EQ(error_in(replaced(kLuna, "assumed", "asumed")),
            "luna.yaml:5:32: error: unknown value for kind 'asumed' (did you mean 'assumed'?)");
  EXPECT_EQ(error_in(replaced(kLuna, "CAL", "VAL")),
            "luna.yaml:6:80: error: unknown value for role 'VAL' (did you mean 'CAL'?)");
}

TEST(Profiles, refuse_wrong_values_and_models) {
  EXPECT_EQ(error_in(replaced(kLuna, "64KiB", "0B")),
            "luna.yaml:5:19: error: window: must be at least 1B, got '0B'");
  EXPECT_EQ(error_in(replaced(kLuna, "model: luna", "model: lunar")),
            "luna.yaml:2:8: error: unknown model 'lunar' (did you mean 'luna'?)");
  EXPECT_EQ(error_in(replaced(kLuna, "model: luna\n", "")),
            "luna.yaml:1:1: error: missing key 'model' (the model it parametrises)");
  EXPECT_EQ(error_in("profile: luna\nmodel: luna\ntitle: x\nparameters: [1]\n"),
            "luna.yaml:4:13: error: parameters: expected a mapping, got a list");
}

TEST(ProfileLibrary, finds_profiles_by_the_names_of_their_files) {
  ProfileLibrary profiles = library({{"lib/luna.yaml", kLuna}, {"lib/readme.md", ""}});
  EXPECT_EQ(profiles.names(), std::vector<std::string>{"luna"});
  const Profile& luna = profiles.get("luna", kReference);
  EXPECT_EQ(&luna, &profiles.get("luna", kReference));
}

TEST(ProfileLibrary, refuses_a_missing_profile_where_it_is_referred_to) {
  ProfileLibrary profiles = library({{"lib/luna.yaml", kLuna}});
  EXPECT_EQ(error_of([&] { profiles.get("lnua", kReference); }),
            "scenario.yaml:7:9: error: unknown profile 'lnua' (did you mean 'luna'?)");
  EXPECT_EQ(error_of([&] { profiles.get("../lib/luna", kReference); }),
            "scenario.yaml:7:9: error: unknown profile '../lib/luna'\n  hint: one of: luna");
}

TEST(ProfileLibrary, refuses_a_profile_in_a_file_of_another_name) {
  ProfileLibrary profiles = library({{"lib/moon.yaml", kLuna}});
  EXPECT_EQ(error_of([&] { profiles.get("moon", kReference); }),
            "lib/moon.yaml:1:10: error: profile 'luna' in a file named 'moon.yaml'");
}

TEST(ProfileLibrary, prefers_the_earlier_directory) {
  ProfileLibrary profiles = library(
      {{"lib/luna.yaml", kLuna}, {"mine/luna.yaml", replaced(kLuna, "LUNA, TCP", "My TCP")}});
  EXPECT_EQ(profiles.get("luna", kReference).title, "My TCP in user space");
}

TEST(ProfileLibrary, lets_a_profile_extend_another) {
  ProfileLibrary profiles =
      library({{"lib/luna.yaml", kLuna},
               {"lib/fast.yaml",
                "profile: fast\ntitle: twice as fast\nextends: luna\nparameters:\n"
                "  per_block: {value: 300ns, kind: measured, source: our host}\n"}});
  const Profile& fast = profiles.get("fast", kReference);
  EXPECT_EQ(fast.name, "fast");
  EXPECT_EQ(fast.model, "luna");
  EXPECT_EQ(fast.title, "twice as fast");
  EXPECT_EQ(bind<Stack>(fast).per_block, Duration{300'000});
  EXPECT_EQ(fast.parameters[0].second.role, "");
  EXPECT_EQ(bind<Stack>(fast).window, kibibytes(64));
}

TEST(ProfileLibrary, refuses_extensions_that_lead_nowhere) {
  const auto extending = [](const std::string& name, const std::string& other) {
    return "profile: " + name + "\ntitle: x\nextends: " + other + "\n";
  };
  ProfileLibrary profiles = library({{"lib/a.yaml", extending("a", "bb")},
                                     {"lib/bb.yaml", extending("bb", "a")},
                                     {"lib/c.yaml", extending("c", "luma")},
                                     {"lib/d.yaml", extending("d", "luna") + "model: solar\n"},
                                     {"lib/luna.yaml", kLuna}});
  for (int attempt = 0; attempt < 2; ++attempt)  // an error leaves the library as it was
    EXPECT_EQ(error_of([&] { profiles.get("a", kReference); }),
              "lib/bb.yaml:3:10: error: profiles extend each other: a -> bb -> a");
  EXPECT_EQ(error_of([&] { profiles.get("c", kReference); }),
            "lib/c.yaml:3:10: error: unknown profile 'luma' (did you mean 'luna'?)");
  EXPECT_EQ(error_of([&] { profiles.get("d", kReference); }),
            "lib/d.yaml:4:8: error: profile 'd' is for model 'solar', but 'luna', which it "
            "extends, is for model 'luna'");
  EXPECT_NO_THROW(profiles.get("luna", kReference));
}

TEST(Profiles, changed_by_a_scenario_say_so) {
  const Profile luna = load_profile(parse_document(kLuna, "luna.yaml"), kModels);
  TextNode changes = parse_document("window: 128KiB\n", "scenario.yaml");
  apply_override(changes, "pacing=1us");
  const Profile changed = with_overrides(luna, changes, Stack::declarations());
  EXPECT_EQ(bind<Stack>(changed).window, kibibytes(128));
  EXPECT_EQ(bind<Stack>(changed).pacing, Duration{1'000'000});
  EXPECT_EQ(changed.parameters[1].second.kind, SourceKind::scenario);
  EXPECT_EQ(changed.parameters[1].second.source, "scenario.yaml:1");
  EXPECT_EQ(changed.parameters[3].second.source, "--set pacing=1us");
  EXPECT_EQ(changed.parameters[0].second.kind, SourceKind::paper);
}

TEST(Profiles, refuse_wrong_changes_by_a_scenario) {
  const Profile luna = load_profile(parse_document(kLuna, "luna.yaml"), kModels);
  const auto error = [&](std::string_view text) {
    return error_of([&] {
      with_overrides(luna, parse_document(text, "scenario.yaml"), Stack::declarations());
    });
  };
  EXPECT_EQ(error("windw: 1KiB"),
            "scenario.yaml:1:1: error: unknown parameter of profile 'luna' 'windw' "
            "(did you mean 'window'?)");
  EXPECT_EQ(error("[1]"),
            "scenario.yaml:1:1: error: expected parameters of profile 'luna', got a list");
  EXPECT_EQ(error("window: fast").substr(0, 32), "scenario.yaml:1:9: error: window");
}

}  // namespace profiles_test
}  // namespace orrery
