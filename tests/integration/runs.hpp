// Scenarios given as text, and their runs, each in a process of its own because a process has one
// engine.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/data_paths.hpp"
#include "analysis/experiment/processes.hpp"
#include "analysis/loading.hpp"
#include "analysis/result/summary_view.hpp"
#include "analysis/run/run.hpp"
#include "scenarios/text/document.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;
using Settings = std::vector<std::string>;  // path.to.key=value

inline Scenario scenario_of(const std::string& yaml, const Settings& set = {}) {
  TextNode text = parse_document(yaml, "test.yaml");
  for (const std::string& assignment : set) apply_override(text, assignment);
  ProfileLibrary library({profile_directory()}, disk_reader(), disk_lister(), model_catalogue());
  return load_scenario(text, library);
}
inline Scenario library_scenario(const std::string& name, const Settings& set = {}) {
  return load({name, set, {}}).scenario;
}

inline std::vector<std::string> run_texts(const std::vector<Scenario>& scenarios) {
  std::vector<ProcessJob> jobs;
  for (const Scenario& scenario : scenarios)
    jobs.push_back({scenario.head.scenario, [&scenario](const ReportProgress&) {
                      return run_scenario(scenario, {}).dump();
                    }});
  ProcessOptions options;
  options.at_most = 1;
  std::vector<std::string> texts;
  for (const ProcessResult& result : run_in_processes(jobs, options)) {
    EXPECT_TRUE(result.output) << result.failure;
    texts.push_back(result.output.value_or("{}"));
  }
  return texts;
}
inline std::vector<Json> run_all(const std::vector<Scenario>& scenarios) {
  std::vector<Json> summaries;
  for (const std::string& text : run_texts(scenarios)) summaries.push_back(Json::parse(text));
  return summaries;
}
inline Json run(const Scenario& scenario) { return run_all({scenario}).front(); }

// The figure at a path of the summary; not a number where there is none.
inline double figure(const Json& summary, const std::string& path) {
  const auto value = number_at(summary, path);
  EXPECT_TRUE(value) << "no figure at " << path;
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

// What every run must hold, whatever it simulates.
inline void expect_sound(const Json& summary) {
  for (const std::string& broken : broken_checks(summary)) ADD_FAILURE() << broken;
  for (const Json& job : summary.at("jobs")) {
    const Json& ios = job.at("ios");
    EXPECT_EQ(ios.at("arrived").get<std::int64_t>(), ios.at("done").get<std::int64_t>() +
                                                         ios.at("failed").get<std::int64_t>() +
                                                         ios.at("in_flight").get<std::int64_t>())
        << job.at("jobname");
  }
  // Stages are kept as exact sums, so their means add up to the mean latency but for the last bits.
  for (const JobSide& side : sides_of(summary)) {
    if (side.is_saturated() || figure(*side.side, "lat_ns.N") == 0) continue;
    double sum = 0;
    for (const auto& [name, times] : side.side->at("stages").items())
      sum += figure(times, "wait_ns.mean") + figure(times, "service_ns.mean");
    const double mean = figure(*side.side, "lat_ns.mean");
    EXPECT_NEAR(sum, mean, 1e-9 * mean) << side.job << " " << side.direction;
  }
}

}  // namespace orrery
