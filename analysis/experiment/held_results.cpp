#include "analysis/experiment/held_results.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "analysis/failure.hpp"
#include "scenarios/text/files.hpp"
#include "scenarios/text/input_error.hpp"

namespace orrery {

namespace fs = std::filesystem;

std::optional<std::string> held_text(const std::string& path, std::size_t most) {
  std::error_code unknown;
  const fs::file_status status = fs::status(path, unknown);
  if (fs::exists(status) && !fs::is_regular_file(status)) return std::nullopt;
  try {
    return disk_reader()(path, most);
  } catch (const std::system_error& error) {
    throw Failure(fmt::format("cannot read {}: {}", path, error.code().message()));
  }
}

void check_held(const std::string& directory, const ResultFiles& files,
                const std::string& scenario) {
  const auto foreign = [&files](const std::string& path) {
    return InputError(
        {path, 1, 1},
        fmt::format("this file was not written by {} and would be overwritten", files.command),
        "choose another output directory");
  };
  constexpr std::size_t kMost = std::size_t{1} << 30;
  const std::string path = (fs::path(directory) / files.json).string();
  const auto text = held_text(path, kMost);
  if (!text)
    for (const std::string& name : files.others) {
      const std::string other = (fs::path(directory) / name).string();
      if (const auto held = held_text(other, 1); held && !held->empty()) throw foreign(other);
    }
  if (!text || text->empty()) return;
  const auto held = nlohmann::json::parse(*text, nullptr, false);
  if (!held.is_object() || !held.contains("scenario") || !held["scenario"].is_string() ||
      !held.contains(files.list) || !held[files.list].is_array())
    throw foreign(path);
  if (const auto name = held["scenario"].get<std::string>(); name != scenario)
    throw InputError(
        {path, 1, 1},
        fmt::format("{} holds results of scenario '{}', not of '{}'", directory, name, scenario),
        "choose another output directory, or remove this one");
}

}  // namespace orrery
