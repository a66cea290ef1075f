#include "analysis/compare/comparison.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/compare/comparison_rows.hpp"
#include "analysis/result/summary_view.hpp"

namespace orrery {

namespace {

template <class Spec>
bool are_alike(const std::vector<Spec>& a, const std::vector<Spec>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Spec& one, const Spec& other) {
    const auto& fields = Spec::declarations().fields;
    return std::all_of(fields.begin(), fields.end(), [&](const Declaration& field) {
      return field.get(&one) == field.get(&other);
    });
  });
}

// How many arrived, which depends on the volumes as well.
std::vector<double> arrivals_of(const nlohmann::ordered_json& summary) {
  std::vector<double> counts;
  if (const auto* jobs = find_in(summary, "jobs"))
    for (const auto& job : *jobs) counts.push_back(number_at(job, "ios.arrived").value_or(0));
  if (const auto* applications = find_in(summary, "applications"))
    for (const auto& application : *applications)
      if (const auto* operations = find_in(application, "operations"))
        for (const auto& operation : *operations)
          counts.push_back(number_at(operation, "counts.arrived").value_or(0));
  return counts;
}

}  // namespace

bool have_same_arrivals(const std::vector<ComparedVariant>& variants) {
  if (variants.empty()) return false;
  const Scenario& first = variants[0].variant->scenario;
  const auto is_open = [](const auto& spec) { return spec.open_loop(); };
  if (!std::all_of(first.workload.begin(), first.workload.end(), is_open) ||
      !std::all_of(first.applications.begin(), first.applications.end(), is_open))
    return false;
  const std::vector<double> counts = arrivals_of(*variants[0].summary);
  return std::all_of(variants.begin(), variants.end(), [&](const ComparedVariant& variant) {
    const Scenario& other = variant.variant->scenario;
    return other.head.seed == first.head.seed && are_alike(other.workload, first.workload) &&
           are_alike(other.applications, first.applications) &&
           arrivals_of(*variant.summary) == counts;
  });
}

std::vector<ComparisonRow> compare(const std::vector<ComparedVariant>& variants) {
  if (variants.empty()) return {};
  ComparisonRows rows(variants);
  rows.add_settings();
  add_jobs(rows);
  add_applications(rows);
  add_faults(rows);
  add_pools(rows);
  add_networks(rows);
  add_resources(rows);
  return rows.take();
}

}  // namespace orrery
