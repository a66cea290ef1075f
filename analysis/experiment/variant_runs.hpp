// Runs of all variants of a scenario, several at a time, each in a process of its own and into a
// run directory of its own.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "analysis/experiment/directory_lock.hpp"
#include "analysis/experiment/variants.hpp"

namespace orrery {

struct VariantRunOptions {
  std::optional<std::string> directory;  // a run directory per variant below it
  std::vector<std::string> files = {};   // what the caller writes beside them
  int processes = 0;                     // at the same time; 0: one per core
  bool shows_progress = true;
};

struct VariantRuns {
  std::vector<nlohmann::ordered_json>
      summaries;                      // in the order of the variants; null where a run failed
  std::vector<std::string> failures;  // one line each, those of writing included
  std::optional<DirectoryLock> lock = {};
};

// Throws InputError or Failure when the directory cannot be used, before anything runs. No other
// process writes to it as long as the result lives.
VariantRuns run_variants(const std::string& title, const std::vector<Variant>& variants,
                         const VariantRunOptions& options);

}  // namespace orrery
