#include "analysis/validate/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "analysis/experiment/processes.hpp"
#include "analysis/result/summary_view.hpp"
#include "analysis/run/run.hpp"
#include "analysis/terminal/progress.hpp"
#include "sim/statistics.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

// A distinct run, with a summary per seed; null where it failed.
struct Replicated {
  std::vector<Json> summaries;
  std::string trouble;
};
using AllRuns = std::map<ValidationRun, Replicated>;

std::string run_text(const ValidationRun& run) {
  std::string text = run.scenario;
  for (const std::string& assignment : run.set) text += " --set " + assignment;
  return text;
}

// What is not needed for figures is not worth sending.
Json without_bulk(Json summary) {
  for (const char* key : {"provenance", "timeline", "ports"}) summary.erase(key);
  if (summary.contains("hangs")) summary["hangs"].erase("list");
  for (Json& job : summary["jobs"])
    for (const char* direction : {"read", "write"})
      if (job.contains(direction))
        for (auto& [key, part] : job[direction].items())
          if (part.is_object()) part.erase("bins");
  return summary;
}

double figure_at(const AllRuns& runs, const ValidationEntry& entry, const Expression& metric,
                 const Expression::Reference& reference, std::size_t replication) {
  const ValidationRun& run = entry.runs.at(reference.run);
  const Json& summary = runs.at(run).summaries[replication];
  const auto value = number_at(summary, reference.path);
  if (!value)
    throw InputError(metric.mark(), fmt::format("no figure '{}' in run '{}' ({})", reference.path,
                                                reference.run, run_text(run)));
  return *value;
}

Predicted predict(const AllRuns& runs, const ValidationEntry& entry, const Expression& metric) {
  std::vector<double> samples;
  const std::size_t count =
      metric.references().empty() ? 1 : static_cast<std::size_t>(entry.replications);
  for (std::size_t i = 0; i < count; ++i)
    samples.push_back(metric.evaluate([&](const Expression::Reference& reference) {
      return figure_at(runs, entry, metric, reference, i);
    }));
  return predicted_from(samples);
}

// Runs everything the entries name with seeds 1, 2, ...
AllRuns run_all(const std::vector<ValidationEntry>& entries, int at_most, bool shows_progress,
                const RunCache& cache, std::vector<std::string>& failures) {
  std::map<ValidationRun, std::int64_t> wanted;
  for (const ValidationEntry& entry : entries)
    for (const auto& [name, run] : entry.runs)
      wanted[run] = std::max(wanted[run], entry.replications);

  AllRuns runs;
  std::vector<LoadedScenario> scenarios;
  std::vector<std::pair<const ValidationRun*, std::size_t>> places;
  const auto file = [&](const ValidationRun& run, std::size_t seed, const std::string& text) {
    Replicated& replicated = runs.at(run);
    Json summary = Json::parse(text);
    for (const std::string& broken : broken_checks(summary))
      replicated.trouble = fmt::format("{} (seed {}): {}", run_text(run), seed, broken);
    replicated.summaries[seed - 1] = std::move(summary);
  };
  for (const auto& [run, replications] : wanted) {
    runs[run].summaries.resize(static_cast<std::size_t>(replications));
    for (std::int64_t seed = 1; seed <= replications; ++seed) {
      ScenarioRequest request = run.request();
      request.seed = seed;
      LoadedScenario loaded = load(request);
      if (const auto kept = cache.find(loaded.scenario, static_cast<std::uint64_t>(seed))) {
        file(run, static_cast<std::size_t>(seed), *kept);
        continue;
      }
      scenarios.push_back(std::move(loaded));
      places.emplace_back(&run, static_cast<std::size_t>(seed - 1));
    }
  }
  std::vector<ProcessJob> jobs;
  for (std::size_t i = 0; i < scenarios.size(); ++i)
    jobs.push_back({run_text(*places[i].first),
                    [&scenario = scenarios[i].scenario](const ReportProgress& progress) {
                      RunOptions options;
                      options.progress = progress;
                      return without_bulk(run_scenario(scenario, options)).dump();
                    }});
  Progress progress(fmt::format("{} runs", jobs.size()), shows_progress);
  ProcessOptions options;
  options.at_most = at_most;
  options.progress = [&progress](double fraction) { progress.update(fraction); };
  options.ended = [&](std::size_t i, const ProcessResult& result) {
    const std::size_t seed = places[i].second + 1;
    if (!result.output) {
      const std::string line = fmt::format("{} (seed {}): {}", jobs[i].name, seed, result.failure);
      failures.push_back(line);
      runs.at(*places[i].first).trouble = line;
      return;
    }
    file(*places[i].first, seed, *result.output);
    cache.keep(scenarios[i].scenario, seed, *result.output);
  };
  run_in_processes(jobs, options);
  return runs;
}

}  // namespace

Predicted predicted_from(const std::vector<double>& samples) {
  const Interval interval = interval_of(samples);
  Predicted predicted;
  predicted.mean = interval.value;
  if (interval.half_width) predicted.interval = {interval.low(), interval.high()};
  return predicted;
}

std::optional<double> ValidationResult::ratio() const {
  if (!simulated || entry.value == 0) return std::nullopt;
  return simulated->mean / entry.value;
}

std::string ValidationResult::verdict() const {
  if (!simulated) return "failed";
  const bool is_near = entry.is_near(simulated->mean);
  if (entry.kind == "VAL") return is_near ? "hit" : "miss";
  return is_near ? "ok" : "off";
}

bool Validation::is_fine() const {
  return failures.empty() &&
         std::all_of(results.begin(), results.end(), [](const ValidationResult& result) {
           return result.verdict() != "off" && result.verdict() != "failed" &&
                  result.trouble.empty();
         });
}

Validation validate(const std::vector<ValidationEntry>& entries, int at_most_processes,
                    bool shows_progress, const RunCache& cache) {
  Validation validation;
  const AllRuns runs =
      run_all(entries, at_most_processes, shows_progress, cache, validation.failures);
  for (const ValidationEntry& entry : entries) {
    ValidationResult result{entry, {}, {}, {}};
    bool has_all = true;
    for (const auto& [name, run] : entry.runs) {
      const Replicated& replicated = runs.at(run);
      if (!replicated.trouble.empty()) result.trouble = replicated.trouble;
      for (std::int64_t i = 0; i < entry.replications; ++i)
        has_all &= !replicated.summaries[static_cast<std::size_t>(i)].is_null();
    }
    result.parts.resize(entry.parts.size());
    if (has_all) {
      result.simulated = predict(runs, entry, entry.metric.front());
      for (std::size_t i = 0; i < entry.parts.size(); ++i)
        result.parts[i] = predict(runs, entry, entry.parts[i].metric);
    }
    validation.results.push_back(std::move(result));
  }
  return validation;
}

}  // namespace orrery
