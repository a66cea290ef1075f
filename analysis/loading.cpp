#include "analysis/loading.hpp"

#include <fmt/format.h>

#include "analysis/data_paths.hpp"
#include "scenarios/text/document.hpp"

namespace orrery {

namespace {

Scenario bound(const TextNode& text, const std::string& path) {
  ProfileLibrary library(profile_directories(path), disk_reader(), disk_lister(),
                         model_catalogue());
  return load_scenario(text, library);
}

}  // namespace

LoadedScenario load(const ScenarioRequest& request) {
  LoadedScenario loaded;
  loaded.path = scenario_file(request.file);
  loaded.text = load_document(loaded.path, disk_reader(), disk_lister());
  for (const std::string& assignment : request.set) apply_override(loaded.text, assignment);
  if (request.seed) apply_override(loaded.text, fmt::format("seed={}", *request.seed));
  loaded.scenario = bound(loaded.text, loaded.path);
  return loaded;
}

Scenario with_settings(const LoadedScenario& base, const std::vector<std::string>& settings) {
  TextNode text = base.text;
  for (const std::string& assignment : settings) apply_override(text, assignment);
  return bound(text, base.path);
}

}  // namespace orrery
