#include "analysis/loading.hpp"

#include <fmt/format.h>

#include <utility>

#include "analysis/data_paths.hpp"
#include "scenarios/text/document.hpp"
#include "scenarios/text/variant.hpp"

namespace orrery {

namespace {

Scenario bound(const TextNode& text, const std::string& path) {
  ProfileLibrary library(profile_directories(path), disk_reader(), disk_lister(),
                         model_catalogue());
  return load_scenario(text, library);
}

LoadedScenario completed(LoadedScenario loaded, const ScenarioRequest& request) {
  loaded.set = request.set;
  if (request.seed) loaded.set.push_back(fmt::format("seed={}", *request.seed));
  loaded.text = overridden(loaded.document, loaded.set);
  loaded.scenario = bound(loaded.text, loaded.path);
  return loaded;
}

}  // namespace

LoadedScenario loaded_from(const std::string& path, TextNode document) {
  LoadedScenario loaded;
  loaded.path = path;
  loaded.document = std::move(document);
  return completed(std::move(loaded), {});
}

LoadedScenario load(const ScenarioRequest& request) {
  LoadedScenario loaded;
  loaded.path = scenario_file(request.file);
  loaded.document = load_document(loaded.path, disk_reader(), disk_lister());
  return completed(std::move(loaded), request);
}

Scenario with_settings(const LoadedScenario& base, const std::vector<std::string>& settings) {
  std::vector<std::string> all = base.set;
  all.insert(all.end(), settings.begin(), settings.end());
  return bound(overridden(base.document, all), base.path);
}

}  // namespace orrery
