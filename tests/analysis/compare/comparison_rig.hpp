// Variants with summaries made by hand, as far as a comparison reads them.
#pragma once

#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "analysis/compare/comparison.hpp"
#include "scenarios/systems/registry.hpp"

namespace orrery {

inline void set_system(Scenario& scenario, const std::string& system) {
  scenario.head.system = system;
  scenario.kind = &system_kind(system);
}

class Compared {
 public:
  using Json = nlohmann::ordered_json;

  Compared() {
    base_.scenario.head.scenario = "made-up";
    base_.scenario.head.title = "A title";
    set_system(base_.scenario, "rpc");
  }

  // A variant with one job `w` that only writes.
  Scenario& add(const std::string& label, Json write) {
    variants_.push_back({label, {{"key", label}}, base_.scenario});
    variants_.back().scenario.frontend.stack = "luna";
    Json summary;
    summary["orrery version"] = "1.2.3";
    summary["agent"] = "host";
    summary["jobs"] = Json::array();
    summary["jobs"].push_back(
        {{"jobname", "w"}, {"job options", {{"name", "w"}, {"bs", "4k"}}}, {"write", write}});
    summaries_.push_back(std::move(summary));
    return variants_.back().scenario;
  }
  Json& summary(std::size_t i) { return summaries_[i]; }
  const LoadedScenario& base() const { return base_; }

  std::vector<ComparedVariant> list() const {
    std::vector<ComparedVariant> all;
    for (std::size_t i = 0; i < variants_.size(); ++i)
      all.push_back({&variants_[i], &summaries_[i]});
    return all;
  }

 private:
  LoadedScenario base_;
  std::deque<Variant> variants_;
  std::deque<Json> summaries_;
};

inline nlohmann::ordered_json side_of(double iops, double mean_ns) {
  return {{"total_ios", 100},
          {"iops", iops},
          {"bw_bytes", 4096 * iops},
          {"saturated", false},
          {"lat_ns", {{"mean", mean_ns}, {"percentile", {{"50.000000", 0.9 * mean_ns}}}}},
          {"intervals", {{"iops", {0.9 * iops, 1.1 * iops}}}}};
}

inline nlohmann::ordered_json stage_of(double wait_ns, double service_ns) {
  return {{"wait_ns", {{"mean", wait_ns}}},
          {"service_ns", {{"mean", service_ns}}},
          {"total_ns", {{"mean", wait_ns + service_ns}}}};
}

}  // namespace orrery
