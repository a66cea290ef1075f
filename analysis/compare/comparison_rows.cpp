#include "analysis/compare/comparison_rows.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/result/summary_view.hpp"
#include "analysis/run/run_table.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

void ComparisonRows::add_if(bool is_any, ComparisonRow row) {
  row.values.resize(variants_.size());
  row.intervals.resize(variants_.size());
  row.saturated.resize(variants_.size());
  if (is_any) rows_.push_back(std::move(row));
}

void ComparisonRows::add(std::string group, std::string metric, Unit unit, const Source& source) {
  Roots roots;
  for (const ComparedVariant& variant : variants_) roots.push_back(variant.summary);
  add(std::move(group), std::move(metric), unit, source, roots);
}

void ComparisonRows::add(std::string group, std::string metric, Unit unit, const Source& source,
                         const Roots& roots) {
  static const Json kNothing;
  ComparisonRow row{std::move(group), std::move(metric), unit, {}, {}, {}, {}};
  bool is_any = false;
  for (const Json* at : roots) {
    const Json& root = at != nullptr ? *at : kNothing;
    const Json* saturated = source.saturated.empty() ? nullptr : find_in(root, source.saturated);
    const bool is_saturated = saturated != nullptr && *saturated == true;
    const auto value = number_at(root, source.path);
    row.saturated.push_back(is_saturated);
    row.values.push_back(is_saturated ? std::nullopt : value);
    row.intervals.push_back(source.interval.empty() || is_saturated
                                ? std::nullopt
                                : interval_at(root, source.interval));
    is_any |= value.has_value() || is_saturated;
  }
  add_if(is_any, std::move(row));
}

void ComparisonRows::add_made(std::string group, std::string metric, Unit unit,
                              const Figure& figure) {
  ComparisonRow row{std::move(group), std::move(metric), unit, {}, {}, {}, {}};
  bool is_any = false;
  for (const ComparedVariant& variant : variants_) {
    row.values.push_back(figure(*variant.summary));
    is_any |= row.values.back().has_value();
  }
  add_if(is_any, std::move(row));
}

void ComparisonRows::add_seconds(std::string group, std::string metric, const Figure& figure) {
  add_made(std::move(group), std::move(metric), Unit::nanoseconds, [&](const Json& summary) {
    auto value = figure(summary);
    if (value) *value *= 1e9;
    return value;
  });
}

void ComparisonRows::add_settings() {
  std::vector<Settings> all;
  std::vector<std::string> names;
  for (const ComparedVariant& variant : variants_) {
    all.push_back(settings_of(variant.variant->scenario, *variant.summary));
    for (const auto& [name, value] : all.back())
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  for (const std::string& name : names) {
    ComparisonRow row{"setting", name, Unit::text, {}, {}, {}, {}};
    bool is_said = true;
    for (std::size_t v = 0; v < all.size(); ++v) {
      const auto found = std::find_if(all[v].begin(), all[v].end(),
                                      [&](const auto& setting) { return setting.first == name; });
      row.texts.push_back(found == all[v].end() ? std::string{} : found->second);
      is_said &= variants_[v].variant->label.find(row.texts.back()) != std::string::npos;
    }
    const bool differs = std::any_of(row.texts.begin(), row.texts.end(),
                                     [&](const auto& text) { return text != row.texts[0]; });
    add_if((differs && !is_said) || name == "agent", std::move(row));
  }
}

void ComparisonRows::add_busiest(std::string metric, std::string_view list) {
  ComparisonRow row{std::string(kBusiest), std::move(metric), Unit::text, {}, {}, {}, {}};
  bool is_any = false;
  for (const ComparedVariant& variant : variants_) {
    row.texts.push_back(busiest_in(*variant.summary, list));
    is_any |= !row.texts.back().empty();
  }
  add_if(is_any, std::move(row));
}

void ComparisonRows::drop_last_below(double least) {
  const auto& row = rows_.back();
  if (std::all_of(row.values.begin(), row.values.end(),
                  [least](const auto& value) { return value.value_or(0) < least; }))
    rows_.pop_back();
}

}  // namespace orrery
