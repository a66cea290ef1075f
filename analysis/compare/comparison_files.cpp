// The comparison as compare.json and compare.csv.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "analysis/compare/comparison.hpp"
#include "analysis/experiment/run_directory.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

std::string_view unit_name(Unit unit) {
  switch (unit) {
    case Unit::ios_per_second: return "IOPS";
    case Unit::bytes_per_second: return "B/s";
    case Unit::bytes: return "B";
    case Unit::nanoseconds: return "ns";
    case Unit::fraction: return "fraction";
    case Unit::count:
    case Unit::plain:
    case Unit::text: break;
  }
  return "";
}

}  // namespace

Json comparison_json(const LoadedScenario& base, const std::vector<ComparedVariant>& variants) {
  Json out;
  if (!variants.empty()) out["orrery version"] = variants[0].summary->value("orrery version", "");
  out["scenario"] = base.scenario.head.scenario;
  out["title"] = base.scenario.head.title;
  out["variants"] = Json::array();
  for (const ComparedVariant& variant : variants) {
    Json settings = Json::object();
    for (const auto& [key, value] : variant.variant->settings) settings[key] = value;
    out["variants"].push_back(
        {{"label", variant.variant->label}, {"settings", settings}, {"summary", *variant.summary}});
  }
  out["rows"] = Json::array();
  for (const ComparisonRow& row : compare(variants)) {
    Json values = Json::array(), ratios = Json::array(), intervals = Json::array();
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      const auto ratio = row.ratio(i);
      values.push_back(row.unit == Unit::text ? Json(row.texts[i])
                       : row.saturated[i]     ? Json("saturated")
                       : row.values[i]        ? Json(*row.values[i])
                                              : Json());
      ratios.push_back(ratio ? Json(*ratio) : Json());
      intervals.push_back(row.intervals[i] ? Json{row.intervals[i]->first, row.intervals[i]->second}
                                           : Json());
    }
    out["rows"].push_back({{"group", row.group},
                           {"metric", row.metric},
                           {"unit", unit_name(row.unit)},
                           {"values", values},
                           {"intervals", intervals},
                           {"ratios", ratios}});
  }
  return out;
}

std::string comparison_csv(const std::vector<ComparedVariant>& variants) {
  std::string out = "group,metric,unit,variant,value,ratio\n";
  auto cell = [](std::string text) {
    text.erase(0, text.find_first_not_of(' '));
    if (text.find_first_of(",\"") == std::string::npos) return text;
    std::string quoted = "\"";
    for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
  };
  std::string stage;
  for (const ComparisonRow& row : compare(variants)) {
    // Out of its place in the table a share of waiting has to say of which stage.
    const bool is_share = row.metric.starts_with(' ');
    if (!is_share) stage = row.metric;
    const std::string metric = is_share ? stage + " waiting" : row.metric;
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      const auto ratio = row.ratio(i);
      out += fmt::format("{},{},{},{},{},{}\n", cell(row.group), cell(metric), unit_name(row.unit),
                         cell(variants[i].variant->label),
                         row.unit == Unit::text ? cell(row.texts[i])
                         : row.saturated[i]     ? "saturated"
                         : row.values[i]        ? fmt::format("{}", *row.values[i])
                                                : "",
                         ratio ? fmt::format("{}", *ratio) : "");
    }
  }
  return out;
}

}  // namespace orrery
