// Work in processes of its own: a process can hold one SimGrid engine, and a crash stays with its
// variant.
//
// Call this before an engine exists in the calling process.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace orrery {

using ReportProgress = std::function<void(double fraction)>;

struct ProcessJob {
  std::string name;                                        // for messages
  std::function<std::string(const ReportProgress&)> work;  // runs in the child; its text comes back
};

struct ProcessResult {
  std::optional<std::string> output;
  std::string failure;  // why there is none: what the work threw, or how its process ended
};

struct ProcessOptions {
  int at_most = 0;  // at the same time; 0: one per core
  ReportProgress progress;
  // Called in the parent as soon as a job has ended, in order of ending.
  std::function<void(std::size_t index, const ProcessResult&)> ended;
};

// Results in the order of the jobs. Children die with their parent. Throws Failure when no process
// can be made.
std::vector<ProcessResult> run_in_processes(const std::vector<ProcessJob>& jobs,
                                            const ProcessOptions& options);

}  // namespace orrery
