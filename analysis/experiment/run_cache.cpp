#include "analysis/experiment/run_cache.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "analysis/version.hpp"
#include "scenarios/text/files.hpp"
#include "scenarios/text/text_node.hpp"
#include "sim/random.hpp"

namespace orrery {

namespace fs = std::filesystem;

namespace {

std::optional<std::string> contents_of(const fs::path& path) {
  // Beyond the largest program and the largest summary.
  constexpr std::size_t kMost = std::size_t{1} << 30;
  try {
    return disk_reader()(path.string(), kMost);
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

void forget_old(const fs::path& all, const fs::path& mine) {
  constexpr auto kKept = std::chrono::hours(7 * 24);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(all, error)) {
    if (entry.path() == mine || !entry.is_directory(error)) continue;
    const auto written = fs::last_write_time(entry.path(), error);
    if (!error && fs::file_time_type::clock::now() - written > kKept)
      fs::remove_all(entry.path(), error);
  }
}

}  // namespace

std::optional<std::string> user_cache_directory() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0')
    return (fs::path(cache) / "orrery").string();
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    return (fs::path(home) / ".cache" / "orrery").string();
  return std::nullopt;
}

RunCache::RunCache(const std::optional<std::string>& directory) {
  if (!directory) return;
  const fs::path all = fs::path(*directory) / "runs";
  const fs::path mine = all / std::string(kProgramHash).substr(0, 16);
  std::error_code error;
  fs::create_directories(mine, error);
  if (error) return;
  fs::last_write_time(mine, fs::file_time_type::clock::now(), error);
  forget_old(all, mine);
  directory_ = mine.string();
}

std::string RunCache::path_of(const Scenario& scenario, std::uint64_t seed) const {
  Scenario seeded = scenario;
  seeded.head.seed = static_cast<std::int64_t>(seed);
  return fmt::format("{}/{:016x}.json", directory_, hash_of(1, to_yaml(resolved_scenario(seeded))));
}

std::optional<std::string> RunCache::find(const Scenario& scenario, std::uint64_t seed) const {
  if (directory_.empty()) return std::nullopt;
  return contents_of(path_of(scenario, seed));
}

// Under another name first: a program that is killed leaves no half of an entry.
void RunCache::keep(const Scenario& scenario, std::uint64_t seed,
                    const std::string& summary) const {
  if (directory_.empty()) return;
  const fs::path path = path_of(scenario, seed);
  fs::path half = path;
  half += ".new";
  {
    std::ofstream out(half, std::ios::binary | std::ios::trunc);
    out << summary;
    if (!out.flush()) return;
  }
  std::error_code error;
  fs::rename(half, path, error);
}

}  // namespace orrery
