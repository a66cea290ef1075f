#include "analysis/experiment/run_cache.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "analysis/experiment/files_out.hpp"
#include "analysis/failure.hpp"
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

std::string seal_of(const std::string& summary) {
  return fmt::format("{:016x}", hash_of(2, summary));
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

RunCache::RunCache(const std::optional<std::string>& directory, bool is_used) : is_used_(is_used) {
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
  if (directory_.empty() || !is_used_) return std::nullopt;
  auto text = contents_of(path_of(scenario, seed));
  if (!text) return std::nullopt;
  const std::size_t head = text->find('\n');
  if (head == std::string::npos) return std::nullopt;
  std::string summary = text->substr(head + 1);
  if (text->substr(0, head) != seal_of(summary)) return std::nullopt;
  return summary;
}

void RunCache::keep(const Scenario& scenario, std::uint64_t seed,
                    const std::string& summary) const {
  if (directory_.empty()) return;
  try {
    // Whatever stands there gives way.
    write_files(directory_, {{fs::path(path_of(scenario, seed)).filename().string(),
                              seal_of(summary) + "\n" + summary}});
  } catch (const Failure&) {
    // Then it is run again.
  }
}

}  // namespace orrery
