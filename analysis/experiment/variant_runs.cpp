#include "analysis/experiment/variant_runs.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "analysis/experiment/files_out.hpp"
#include "analysis/experiment/processes.hpp"
#include "analysis/experiment/run_directory.hpp"
#include "analysis/failure.hpp"
#include "analysis/run/run.hpp"
#include "analysis/terminal/progress.hpp"

namespace orrery {

VariantRuns run_variants(const std::string& title, const std::vector<Variant>& variants,
                         const VariantRunOptions& wanted) {
  VariantRuns runs;
  std::vector<RunDirectory> directories;
  if (wanted.directory) {
    ensure_writable(*wanted.directory, wanted.files);
    runs.lock.emplace(*wanted.directory);
    const std::vector<std::string> names = file_names_of(variants, wanted.files);
    for (std::size_t i = 0; i < variants.size(); ++i) {
      directories.emplace_back((std::filesystem::path(*wanted.directory) / names[i]).string(),
                               variants[i].scenario);
      directories.back().let_go();
    }
  }
  std::vector<ProcessJob> jobs;
  for (const Variant& variant : variants)
    jobs.push_back({variant.label, [&variant](const ReportProgress& progress) {
                      RunOptions options;
                      options.progress = progress;
                      return run_scenario(variant.scenario, options).dump();
                    }});
  runs.summaries.resize(variants.size());
  Progress progress(title, wanted.shows_progress);
  ProcessOptions options;
  options.at_most = wanted.processes;
  options.progress = [&progress](double fraction) { progress.update(fraction); };
  options.ended = [&](std::size_t i, const ProcessResult& result) {
    if (!result.output) {
      runs.failures.push_back(fmt::format("variant {}: {}", variants[i].label, result.failure));
      return;
    }
    runs.summaries[i] = nlohmann::ordered_json::parse(*result.output);
    if (directories.empty()) return;
    try {
      directories[i].write(runs.summaries[i]);
    } catch (const Failure& failure) {
      runs.failures.push_back(fmt::format("variant {}: {}", variants[i].label, failure.what()));
    }
  };
  run_in_processes(jobs, options);
  return runs;
}

}  // namespace orrery
