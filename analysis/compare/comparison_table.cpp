// The comparison as people read it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "analysis/compare/comparison.hpp"
#include "analysis/result/summary_view.hpp"
#include "analysis/run/run_table.hpp"
#include "analysis/terminal/text_table.hpp"

namespace orrery {

namespace {

std::string value_text(const ComparisonRow& row, std::size_t i, bool with_interval = true) {
  if (row.saturated[i]) return "SATURATED";
  if (row.unit == Unit::text) return row.texts[i].empty() ? kNoFigure : row.texts[i];
  if (!row.values[i]) return kNoFigure;
  const std::optional<Bounds> interval = with_interval ? row.intervals[i] : std::nullopt;
  switch (row.unit) {
    case Unit::ios_per_second: return count_text(*row.values[i], interval);
    case Unit::bytes_per_second: return rate_text(*row.values[i]);
    case Unit::bytes: return size_text(*row.values[i]);
    case Unit::nanoseconds: return time_text(*row.values[i], interval);
    case Unit::fraction: return percent_text(*row.values[i]);
    case Unit::count:
      return *row.values[i] < 1e4 ? fmt::format("{:.0f}", *row.values[i])
                                  : count_text(*row.values[i]);
    case Unit::plain:
    case Unit::text: break;
  }
  return number_text(*row.values[i]);
}

TextTable::Cell cell_of(const ComparisonRow& row, std::size_t i, bool with_interval = true) {
  return {value_text(row, i, with_interval), row.saturated[i] ? Style::bad : Style::plain};
}

TextTable::Cell ratio_cell(const ComparisonRow& row, std::size_t i) {
  const auto ratio = row.ratio(i);
  return {ratio && i > 0 ? ratio_text(*ratio) : "", Style::dim};
}

TextTable side_by_side(const std::vector<ComparisonRow>& rows,
                       const std::vector<ComparedVariant>& variants) {
  std::vector<TextTable::Column> columns = {{""}};
  for (std::size_t i = 0; i < variants.size(); ++i) {
    columns.push_back({variants[i].variant->label, Align::right});
    if (i > 0) columns.push_back({"", Align::left});
  }
  TextTable table(columns);
  std::string group;
  for (const ComparisonRow& row : rows) {
    if (row.group == kBusiest) continue;
    if (row.group != group && row.unit != Unit::text) table.heading(row.group);
    group = row.group;
    std::vector<TextTable::Cell> cells = {row.unit == Unit::text ? row.metric : "  " + row.metric};
    for (std::size_t i = 0; i < variants.size(); ++i) {
      cells.push_back(cell_of(row, i));
      if (i > 0) cells.push_back(ratio_cell(row, i));
    }
    table.row(std::move(cells));
  }
  return table;
}

// One group of rows turned round: a line per variant, a column per metric. Metrics of `with_ratio` have their ratio beside.
TextTable turned(const std::vector<const ComparisonRow*>& group,
                 const std::vector<ComparedVariant>& variants,
                 const std::set<std::string>& with_ratio, bool with_intervals) {
  std::vector<TextTable::Column> columns = {{"variant"}};
  for (const ComparisonRow* row : group) {
    columns.push_back({row->metric, row->unit == Unit::text ? Align::left : Align::right});
    if (with_ratio.contains(row->metric)) columns.push_back({"", Align::left});
  }
  TextTable table(columns);
  for (std::size_t i = 0; i < variants.size(); ++i) {
    std::vector<TextTable::Cell> cells = {variants[i].variant->label};
    for (const ComparisonRow* row : group) {
      cells.push_back(cell_of(*row, i, with_intervals));
      if (with_ratio.contains(row->metric)) cells.push_back(ratio_cell(*row, i));
    }
    table.row(std::move(cells));
  }
  return table;
}

// A group of rows turned round, in as many tables below each other as the terminal makes necessary. What gives way first: the
// ratio of the mean, the metrics least asked for, intervals.
std::string turned_to_fit(std::vector<const ComparisonRow*> group,
                          const std::vector<ComparedVariant>& variants, const Terminal& terminal) {
  static constexpr std::array kLess = {"p99.9", "bandwidth", "p50"};
  std::set<std::string> with_ratio = {"IOPS", "mean"};
  bool with_intervals = true;
  auto fits = [&](const std::vector<const ComparisonRow*>& rows) {
    return turned(rows, variants, with_ratio, with_intervals).natural_width() <= terminal.width;
  };
  if (!fits(group)) with_ratio.erase("mean");
  for (const char* less : kLess)
    if (!fits(group))
      std::erase_if(group, [less](const ComparisonRow* row) { return row->metric == less; });
  if (!fits(group)) with_intervals = false;
  std::string out;
  for (auto from = group.begin(); from != group.end();) {
    auto to = from + 1;
    while (to != group.end() && fits({from, to + 1})) ++to;
    out += turned({from, to}, variants, with_ratio, with_intervals).render(terminal);
    from = to;
  }
  return out;
}

std::string line_per_variant(const std::vector<ComparisonRow>& rows,
                             const std::vector<ComparedVariant>& variants,
                             const Terminal& terminal) {
  // Settings stand before the first figures.
  std::vector<const ComparisonRow*> group;
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].group == kBusiest) continue;
    if (!rows[i].metric.starts_with(' ')) group.push_back(&rows[i]);
    if (rows[i].unit == Unit::text) continue;
    if (i + 1 < rows.size() && rows[i + 1].group == rows[i].group) continue;
    out += "\n" + styled(rows[i].group, Style::bold, terminal) + "\n" +
           turned_to_fit(std::move(group), variants, terminal);
    group.clear();
  }
  return out;
}

// A line per variant in any case: names are too long to stand side by side.
std::string busiest_of(const std::vector<ComparisonRow>& rows,
                       const std::vector<ComparedVariant>& variants, const Terminal& terminal) {
  std::vector<const ComparisonRow*> group;
  for (const ComparisonRow& row : rows)
    if (row.group == kBusiest) group.push_back(&row);
  return group.empty() ? std::string{} : "\n" + turned_to_fit(group, variants, terminal);
}

}  // namespace

std::string comparison_table(const LoadedScenario& base,
                             const std::vector<ComparedVariant>& variants,
                             const Terminal& terminal) {
  std::string out = heading_of(base.scenario, terminal);
  if (variants.empty()) return out;
  const std::vector<ComparisonRow> rows = compare(variants);

  // What all variants have in common; the rest is in the table.
  std::string common;
  for (const auto& [name, value] : settings_of(base.scenario, *variants[0].summary)) {
    const bool is_common =
        std::all_of(variants.begin(), variants.end(), [&, &name = name](const auto& variant) {
          const Settings all = settings_of(variant.variant->scenario, *variant.summary);
          return std::any_of(all.begin(), all.end(), [&](const auto& setting) {
            return setting.first == name && setting.second == value;
          });
        });
    if (is_common && name != "agent") common += setting_text(name, value, common.empty());
  }
  out += wrapped(common, terminal.width, 2) + "\n" + load_lines(*variants[0].summary, terminal);

  const TextTable table = side_by_side(rows, variants);
  if (table.natural_width() <= terminal.width || variants.size() == 1)
    out += "\n" + table.render(terminal);
  else out += line_per_variant(rows, variants, terminal);
  out += busiest_of(rows, variants, terminal);
  out += "\n";
  if (variants.size() > 1)
    out += styled(wrapped(fmt::format("x: ratio to {}; the same arrivals everywhere; ± half a 95 % "
                                      "confidence interval",
                                      variants[0].variant->label),
                          terminal.width, 2),
                  Style::dim, terminal) +
           "\n";

  std::map<std::string, std::size_t> noted;
  for (const ComparedVariant& variant : variants)
    if (const auto* all = find_in(*variant.summary, "notes"))
      for (const auto& note : *all) ++noted[note.get<std::string>()];
  std::set<std::string> notes;
  for (const ComparedVariant& variant : variants) {
    if (const auto* all = find_in(*variant.summary, "notes"))
      for (const auto& note : *all) {
        const auto text = note.get<std::string>();
        if (!notes.insert(text).second) continue;
        const std::string whose =
            noted[text] == 1 && variants.size() > 1 ? " in " + variant.variant->label : "";
        out += styled(wrapped(fmt::format("note{}: {}", whose, text), terminal.width, 6),
                      Style::warn, terminal) +
               "\n";
      }
    for (const std::string& broken : broken_checks(*variant.summary))
      out += styled(wrapped(fmt::format("CHECK BROKEN in {}: {}", variant.variant->label, broken),
                            terminal.width, 2),
                    Style::bad, terminal) +
             "\n";
  }
  return out;
}

}  // namespace orrery
