#include "analysis/data_paths.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "analysis/failure.hpp"
#include "scenarios/text/files.hpp"
#include "scenarios/text/input_error.hpp"
#include "scenarios/text/nearest.hpp"

namespace orrery {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kExtension = ".yaml";

bool holds_scenarios(const fs::path& root) {
  std::error_code error;
  return fs::is_directory(root / "scenarios" / "profiles", error);
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error) && !fs::is_directory(path, error);
}

// The path as people in the current directory would write it.
std::string shown(const fs::path& path) {
  std::error_code error;
  const fs::path here = fs::current_path(error);
  if (error) return path.string();
  const std::string near = path.lexically_proximate(here).string();
  return near.starts_with("..") ? path.string() : near;
}

}  // namespace

std::string data_directory() {
  if (const char* given = std::getenv("ORRERY_DATA"); given != nullptr && *given != '\0') {
    if (!holds_scenarios(given))
      throw InputError({fmt::format("ORRERY_DATA={}", given), 0, 0},
                       "no directory scenarios/profiles in there");
    return given;
  }
  for (const char* root : {ORRERY_SOURCE_DIR, ORRERY_DATA_DIR})
    if (holds_scenarios(root)) return shown(root);
  throw Failure(
      fmt::format("no scenarios and profiles in {} or {}; set ORRERY_DATA to a directory "
                  "that holds scenarios/profiles",
                  ORRERY_SOURCE_DIR, ORRERY_DATA_DIR));
}

namespace {
std::string below_data(std::string_view name) {
  return (fs::path(data_directory()) / "scenarios" / name).lexically_normal().string();
}
}  // namespace

std::string library_directory() { return below_data("library"); }
std::string profile_directory() { return below_data("profiles"); }
std::string validation_directory() { return below_data("validation"); }

std::vector<std::string> library_names() {
  std::vector<std::string> names;
  for (const std::string& file : disk_lister()(library_directory()))
    if (file.ends_with(kExtension))
      names.push_back(file.substr(0, file.size() - kExtension.size()));
  return names;
}

std::string scenario_file(const std::string& path_or_name) {
  if (path_or_name.empty()) throw InputError({"FILE", 0, 0}, "an empty name names no file");
  if (is_file(path_or_name)) return path_or_name;
  const fs::path given(path_or_name);
  if (given.has_parent_path())
    return path_or_name;  // the loader says what is near in that directory
  std::string name = path_or_name;
  if (name.ends_with(kExtension)) name.resize(name.size() - kExtension.size());
  const fs::path in_library = fs::path(library_directory()) / (name + std::string(kExtension));
  if (is_file(in_library)) return in_library.string();
  std::error_code error;
  if (fs::exists(given, error)) return path_or_name;  // a directory, as the loader will say

  std::vector<std::string> candidates = library_names();
  if (path_or_name.ends_with(kExtension)) {
    for (std::string& candidate : candidates) candidate += kExtension;
    for (std::string& file : disk_lister()("."))
      if (file.ends_with(kExtension)) candidates.push_back(std::move(file));
  }
  std::string message = "no such file, and no scenario of that name in the library";
  if (const auto near = nearest(path_or_name, candidates))
    throw InputError({path_or_name, 0, 0}, fmt::format("{} (did you mean '{}'?)", message, *near));
  throw InputError({path_or_name, 0, 0}, message, names_hint(path_or_name, library_names()));
}

std::vector<std::string> profile_directories(const std::string& scenario_file) {
  return {(fs::path(scenario_file).parent_path() / "profiles").string(), profile_directory()};
}

}  // namespace orrery
