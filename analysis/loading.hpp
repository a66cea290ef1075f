// From a command line to a checked scenario: file or library name, overrides, seed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/scenario.hpp"
#include "scenarios/text/text_node.hpp"

namespace orrery {

struct ScenarioRequest {
  std::string file;              // a path or a name from the library
  std::vector<std::string> set;  // path.to.key=value, in order
  std::optional<std::int64_t> seed;
};

struct LoadedScenario {
  std::string path;
  TextNode document;             // what the file says
  std::vector<std::string> set;  // all overrides
  TextNode text;                 // with its variant and all overrides, before it was bound
  Scenario scenario;
};

// Throws InputError.
LoadedScenario load(const ScenarioRequest& request);

// The scenario in a document that has been read. Throws InputError.
LoadedScenario loaded_from(const std::string& path, TextNode document);

// The same scenario with more overrides on top. An error in an override is at "--set
// path.to.key=value".
Scenario with_settings(const LoadedScenario& base, const std::vector<std::string>& settings);

}  // namespace orrery
