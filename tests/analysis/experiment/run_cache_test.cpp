#include "analysis/experiment/run_cache.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "analysis/loading.hpp"
#include "tests/analysis/temporary_directory.hpp"

namespace orrery {
namespace run_cache_test {

const Scenario& scenario() {
  static const Scenario all = load({"rpc-4k", {}, {}}).scenario;
  return all;
}

std::vector<std::filesystem::path> entries(const TemporaryDirectory& directory) {
  std::vector<std::filesystem::path> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory.path()))
    if (entry.is_regular_file()) all.push_back(entry.path());
  return all;
}

TEST(RunCache, gives_back_what_was_kept) {
  const TemporaryDirectory directory;
  const RunCache cache(directory.path());
  EXPECT_EQ(cache.find(scenario(), 1), std::nullopt);
  cache.keep(scenario(), 1, "{\"a\":\n1}");
  EXPECT_EQ(cache.find(scenario(), 1), "{\"a\":\n1}");
  EXPECT_EQ(cache.find(scenario(), 2), std::nullopt);
  EXPECT_EQ(RunCache(std::nullopt).find(scenario(), 1), std::nullopt);
}

TEST(RunCache, has_nothing_where_an_entry_is_spoilt_and_takes_the_next) {
  const TemporaryDirectory directory;
  const RunCache cache(directory.path());
  cache.keep(scenario(), 1, "{\"a\":1}");
  const auto file = entries(directory).at(0);
  const std::string whole = contents_of(file.string());
  for (const std::string& text :
       {std::string(), whole.substr(0, whole.size() - 1), whole + "x", std::string("{\"a\":1}"),
        std::string("{\"a\":1}\n"), std::string(100, '\0')}) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
    EXPECT_EQ(cache.find(scenario(), 1), std::nullopt) << text;
  }
  std::string changed = whole;
  changed[changed.size() - 2] = '2';
  std::ofstream(file, std::ios::binary | std::ios::trunc) << changed;
  EXPECT_EQ(cache.find(scenario(), 1), std::nullopt);
  cache.keep(scenario(), 1, "{\"a\":1}");
  EXPECT_EQ(cache.find(scenario(), 1), "{\"a\":1}");
  EXPECT_EQ(entries(directory).size(), 1U);

  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  cache.keep(scenario(), 1, "{}");
  EXPECT_EQ(cache.find(scenario(), 1), std::nullopt);
}

TEST(RunCache, that_is_not_used_is_renewed) {
  const TemporaryDirectory directory;
  RunCache(directory.path()).keep(scenario(), 1, "old");
  const RunCache fresh(directory.path(), false);
  EXPECT_EQ(fresh.find(scenario(), 1), std::nullopt);
  fresh.keep(scenario(), 1, "new");
  EXPECT_EQ(RunCache(directory.path()).find(scenario(), 1), "new");
}

}  // namespace run_cache_test
}  // namespace orrery
