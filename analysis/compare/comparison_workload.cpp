// What jobs and applications did, variant by variant.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/compare/comparison_rows.hpp"
#include "analysis/result/summary_view.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

// The items of this name in a list of each summary; of several with the same name in one list, the
// first.
ComparisonRows::Roots items_named(const std::vector<ComparedVariant>& variants,
                                  const std::string& list, const char* key,
                                  const std::string& name) {
  ComparisonRows::Roots roots;
  for (const ComparedVariant& variant : variants) {
    roots.push_back(nullptr);
    if (const Json* items = find_in(*variant.summary, list))
      for (const Json& item : *items)
        if (roots.back() == nullptr && text_at(item, key) == name) roots.back() = &item;
  }
  return roots;
}

// The names in a list of all summaries, in the order in which they come up.
std::vector<std::string> names_in(const std::vector<ComparedVariant>& variants,
                                  const std::string& list, const char* key) {
  std::vector<std::string> names;
  for (const ComparedVariant& variant : variants)
    if (const Json* items = find_in(*variant.summary, list))
      for (const Json& item : *items)
        if (std::string name = text_at(item, key);
            std::find(names.begin(), names.end(), name) == names.end())
          names.push_back(std::move(name));
  return names;
}

ComparisonRows::Roots parts_of(const ComparisonRows::Roots& wholes, const std::string& part) {
  ComparisonRows::Roots parts;
  for (const Json* whole : wholes)
    parts.push_back(whole == nullptr ? nullptr : find_in(*whole, part));
  return parts;
}

void add_latencies(ComparisonRows& rows, const std::string& group,
                   const ComparisonRows::Roots& sides) {
  const auto time = [&](const char* metric, const char* path, const char* interval) {
    rows.add(group, metric, Unit::nanoseconds, {path, interval, "saturated"}, sides);
  };
  time("mean", "lat_ns.mean", "intervals.lat_mean_ns");
  time("p50", "lat_ns.p50", "intervals.lat_p50_ns");
  time("p99", "lat_ns.p99", "intervals.lat_p99_ns");
  time("p99.9", "lat_ns.p99_9", "");
}

// Stages in which any variant spent time.
std::vector<std::string> stages_of(const ComparisonRows::Roots& sides) {
  std::vector<std::string> names;
  for (const Json* side : sides) {
    const Json* stages = side == nullptr ? nullptr : find_in(*side, "stages");
    if (stages == nullptr) continue;
    for (const auto& [name, stage] : stages->items())
      if (number_at(stage, "total_ns.mean").value_or(0) > 0 &&
          std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
  }
  return names;
}

void add_side(ComparisonRows& rows, const std::string& group, const ComparisonRows::Roots& sides) {
  rows.add(group, "IOPS", Unit::ios_per_second, {"iops", "intervals.iops", {}}, sides);
  rows.add(group, "bandwidth", Unit::bytes_per_second, {"bw_bytes", {}, {}}, sides);
  add_latencies(rows, group, sides);
  const std::string breakdown = group + ", mean per stage";
  for (const std::string& stage : stages_of(sides)) {
    const std::string at = "stages." + stage;
    rows.add(breakdown, stage, Unit::nanoseconds, {at + ".total_ns.mean", {}, "saturated"}, sides);
    const std::size_t before = rows.size();
    rows.add(breakdown, std::string(kOfItWaiting), Unit::nanoseconds,
             {at + ".wait_ns.mean", {}, "saturated"}, sides);
    if (rows.size() > before) rows.drop_last_below(100);
  }
}

// Whether any I/O went that way in any variant.
bool is_used(const ComparisonRows::Roots& sides) {
  return std::any_of(sides.begin(), sides.end(), [](const Json* side) {
    return side != nullptr && side->is_object() && JobSide{{}, {}, side}.has_any();
  });
}

}  // namespace

void add_jobs(ComparisonRows& rows) {
  for (const std::string& name : names_in(rows.variants(), "jobs", "jobname")) {
    const auto jobs = items_named(rows.variants(), "jobs", "jobname", name);
    for (const char* direction : {"read", "write"})
      if (const auto sides = parts_of(jobs, direction); is_used(sides))
        add_side(rows, side_name(name, direction), sides);
  }
}

void add_applications(ComparisonRows& rows) {
  for (const std::string& name : names_in(rows.variants(), "applications", "name")) {
    const auto applications = items_named(rows.variants(), "applications", "name", name);
    std::vector<std::string> operations;
    for (const Json* application : applications)
      if (application != nullptr)
        for (const Json& operation : application->value("operations", Json::array()))
          if (std::string each = text_at(operation, "name");
              number_at(operation, "counts.arrived").value_or(0) > 0 &&
              std::find(operations.begin(), operations.end(), each) == operations.end())
            operations.push_back(std::move(each));
    for (const std::string& operation : operations) {
      const std::string group = side_name(name, operation);
      const auto sides = parts_of(applications, "operations." + operation);
      rows.add(group, "ops/s", Unit::count, {"ops", "intervals.ops", {}}, sides);
      add_latencies(rows, group, sides);
    }
    const std::string group = name + " engine";
    const auto add = [&](const char* metric, Unit unit, const char* path) {
      rows.add(group, metric, unit, {path, {}, {}}, applications);
    };
    add("row cache hits", Unit::fraction, "row_cache_hit_ratio");
    add("block cache hits", Unit::fraction, "block_cache_hit_ratio");
    add("write amplification", Unit::plain, "write_amplification");
    const auto seconds = [&](const char* metric, const std::string& key) {
      const std::size_t before = rows.size();
      rows.add_seconds(group, metric, [&](const Json& summary) -> std::optional<double> {
        const auto& variants = rows.variants();
        for (std::size_t v = 0; v < variants.size(); ++v)
          if (variants[v].summary == &summary && applications[v] != nullptr)
            return number_at(*applications[v], key);
        return std::nullopt;
      });
      if (rows.size() > before) rows.drop_last_below(1);
    };
    seconds("updates stopped", "stalls.stopped_s");
    seconds("slowed down", "stalls.slowed_s");
  }
}

}  // namespace orrery
