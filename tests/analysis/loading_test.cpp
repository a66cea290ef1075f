#include "analysis/loading.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "scenarios/text/document.hpp"

namespace orrery {
namespace loading_test {

// Every key that a resolved scenario writes out, and every list and mapping in it.
void add_paths(const TextNode& node, const std::string& path, std::vector<std::string>& paths) {
  if (!path.empty()) paths.push_back(path);
  const std::string prefix = path.empty() ? "" : path + ".";
  for (const TextNode::Entry& entry : node.entries)
    add_paths(entry.value, prefix + entry.key, paths);
  for (std::size_t i = 0; i < node.items.size(); ++i)
    add_paths(node.items[i], prefix + std::to_string(i), paths);
}

class Overrides : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Scenarios, Overrides,
                         testing::Values("first-light", "hot-migration", "databases", "rpc-4k",
                                         "fleet-deathwatch"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(Overrides, of_any_key_are_not_ignored) {
  const LoadedScenario base = load({GetParam(), {}, {}});
  const TextNode resolved = resolved_scenario(base.scenario);
  std::vector<std::string> paths;
  add_paths(resolved, "", paths);
  ASSERT_GT(paths.size(), 20u);
  const LoadedScenario written = loaded_from(base.path, resolved);
  for (const std::string& path : paths) {
    // No key takes a list in a list: what is not refused has not been looked at.

    try {
      with_settings(written, {path + "=[[]]"});
      ADD_FAILURE() << path;
    } catch (const InputError& error) {
      EXPECT_THAT(error.mark().file, testing::StartsWith("--set " + path)) << error.what();
      EXPECT_EQ(error.mark().line, 1) << error.what();
    }
  }
}

}  // namespace loading_test
}  // namespace orrery
