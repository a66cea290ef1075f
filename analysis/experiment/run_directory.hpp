// A run directory: what one run leaves on disk.
//
//   summary.json    the whole result, in fio's form
//   latency.csv     histogram bins of every job and direction, application and operation
//   timeline.csv    what changed over simulated time
//   hangs.csv       I/Os without response for 1 s or longer: when and on which volume
//   scenario.yaml   the resolved scenario, which loads again to the same result
//
// Same scenario and seed, same bytes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "analysis/experiment/directory_lock.hpp"
#include "scenarios/scenario.hpp"

namespace orrery {

class RunDirectory {
 public:
  // Makes the directory, or takes one that is empty or holds an earlier run of the same scenario,
  // and keeps other processes from writing to it. Throws InputError when it holds the results of
  // another scenario or files of these names that are not ours, Failure when it cannot be written to or
  // another process is writing to it.
  RunDirectory(std::string path, const Scenario& scenario);

  // Others may write to it until write() does: of many directories, not all can be held.
  void let_go() { lock_.reset(); }

  // Throws Failure; an earlier run's files then stay, all of them.
  void write(const nlohmann::ordered_json& summary);

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::string resolved_;
  std::optional<DirectoryLock> lock_;
};

// summary.json's text.
std::string json_text(const nlohmann::ordered_json& value);

// The bins of all histograms that hold anything: job or application, direction or operation, kind
// (slat, clat, lat), the upper bound in ns, count and cumulative share: what of the whole lies
// below that bound, so rows are points of the distribution function. Bins are fio's; summary.json
// names them by their middles, as fio does.
std::string latency_csv(const nlohmann::ordered_json& summary);

// One row per entry of the timeline, one column per key of its entries.
std::string timeline_csv(const nlohmann::ordered_json& summary);

// One row per I/O that hung, the first 10,000.
std::string hangs_csv(const nlohmann::ordered_json& summary);

// Rows of the columns that were asked for, a heading above; what a row lacks stays empty.
std::string csv_of(const std::vector<std::string>& columns, const nlohmann::ordered_json& rows);

}  // namespace orrery
