// Summaries of runs that were made before: a run is made again only if something it depends on has
// changed.
//
// A run's id is kProgramHash and a hash of the resolved scenario, seed included. Entries live in a
// directory per program; those of programs that have not been used for a week go. An entry begins
// with a hash of the rest: one that is empty, cut off or changed is none, and the run is made
// again. A cache that cannot be read or written is no cache.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/scenario.hpp"

namespace orrery {

class RunCache {
 public:
  // Without a directory nothing is kept. What is not to be used is written anew.
  explicit RunCache(const std::optional<std::string>& directory, bool is_used = true);

  std::optional<std::string> find(const Scenario& scenario, std::uint64_t seed) const;
  void keep(const Scenario& scenario, std::uint64_t seed, const std::string& summary) const;

 private:
  std::string path_of(const Scenario& scenario, std::uint64_t seed) const;
  std::string directory_;  // empty: none
  bool is_used_;
};

// $XDG_CACHE_HOME/orrery, or .cache/orrery in the home directory; none without either.
std::optional<std::string> user_cache_directory();

}  // namespace orrery
