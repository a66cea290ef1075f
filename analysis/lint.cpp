#include "analysis/lint.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "analysis/data_paths.hpp"
#include "analysis/experiment/variants.hpp"
#include "analysis/loading.hpp"
#include "analysis/validate/validation_entry.hpp"
#include "scenarios/text/document.hpp"

namespace orrery {

namespace {

LintResult lint_profile(const std::string& path, const TextNode& text) {
  const std::string beside = std::filesystem::path(path).parent_path().string();
  ProfileLibrary library({beside, profile_directory()}, disk_reader(), disk_lister(),
                         model_catalogue());
  const Profile profile =
      load_profile(text, model_catalogue(),
                   [&library](const std::string& name, const SourceMark& mark) -> const Profile& {
                     return library.get(name, mark);
                   });
  const std::string name = std::filesystem::path(path).stem().string();
  if (profile.name != name)
    throw InputError(text.entry("profile")->value.mark,
                     fmt::format("profile '{}' in a file named '{}.yaml'", profile.name, name));
  return {path, fmt::format("profile '{}' of model {}, ok", profile.name, profile.model), {}};
}

LintResult lint_validation(const std::string& path, const TextNode& text) {
  const auto entries = validation_entries(text);
  for (const ValidationEntry& entry : entries)
    for (const auto& [name, run] : entry.runs) load(run.request());
  return {path,
          fmt::format("{} validation {}, ok", entries.size(),
                      entries.size() == 1 ? "entry" : "entries"),
          {}};
}

// Every entry of `variants`: one that neither the scenario nor its `compare` chooses would else be
// looked at by nobody.
void lint_variants(const LoadedScenario& loaded) {
  const TextNode* variants = loaded.document.find("variants");
  if (variants == nullptr) return;
  for (const TextNode::Entry& variant : variants->entries) {
    TextNode chosen = loaded.document;
    std::erase_if(chosen.entries,
                  [](const TextNode::Entry& entry) { return entry.key == "variant"; });
    chosen.entries.push_back(
        {"variant", variant.mark, TextNode::scalar(variant.key, variant.mark)});
    try {
      loaded_from(loaded.path, std::move(chosen));
    } catch (const InputError& error) {
      throw InputError(error.mark(),
                       fmt::format("{} (in variant {})", error.message(), variant.key),
                       error.hint());
    }
  }
}

LintResult lint_scenario(const std::string& path, TextNode text) {
  const LoadedScenario loaded = loaded_from(path, std::move(text));
  const auto variants = load_variants(loaded, axes_of(loaded.scenario));
  lint_variants(loaded);
  std::string finding = fmt::format("scenario '{}', ok", loaded.scenario.head.scenario);
  if (!loaded.scenario.compare.empty())
    finding += fmt::format("; {} variants to compare", variants.size());
  return {path, finding, loaded.scenario.notes};
}

}  // namespace

LintResult lint(const std::string& file_or_name) {
  const std::string path = scenario_file(file_or_name);
  TextNode text = load_document(path, disk_reader(), disk_lister());
  if (text.entry("profile") != nullptr) return lint_profile(path, text);
  if (text.entry("entries") != nullptr) return lint_validation(path, text);
  return lint_scenario(path, std::move(text));
}

}  // namespace orrery
