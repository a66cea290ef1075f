// The comparison as people read it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
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

// The variants of these numbers beside each other, the first of all among them.
TextTable side_by_side(const std::vector<ComparisonRow>& rows,
                       const std::vector<ComparedVariant>& variants,
                       const std::vector<std::size_t>& shown) {
  std::vector<TextTable::Column> columns = {{""}};
  for (const std::size_t i : shown) {
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
    for (const std::size_t i : shown) {
      cells.push_back(cell_of(row, i));
      if (i > 0) cells.push_back(ratio_cell(row, i));
    }
    table.row(std::move(cells));
  }
  return table;
}

// As few tables as the width allows, each with the first variant, to which the others compare. None
// where one cannot be had of many: they compare with each other as well, and that is easier line by
// line.
std::vector<TextTable> in_blocks(const std::vector<ComparisonRow>& rows,
                                 const std::vector<ComparedVariant>& variants, int width) {
  constexpr std::size_t kFew = 3;
  std::vector<TextTable> blocks;
  for (std::size_t next = variants.size() > 1 ? 1 : 0; next < variants.size();) {
    std::vector<std::size_t> shown = {0};
    if (next > 0) shown.push_back(next);
    std::optional<TextTable> fitting;
    while (shown.back() < variants.size()) {
      TextTable table = side_by_side(rows, variants, shown);
      if (table.natural_width() > width && variants.size() > 1) break;
      fitting = std::move(table);
      shown.push_back(shown.back() + 1);
    }
    if (!fitting || (shown.back() < variants.size() && variants.size() > kFew)) return {};
    blocks.push_back(std::move(*fitting));
    next = shown.back();
  }
  return blocks;
}

// How much of a group turned round is shown besides its values.
struct Beside {
  bool ratio_of_mean = true;
  bool intervals = true;
};

// One group of rows turned round: a line per variant, a column per metric. Rates have their ratio
// beside, and so may means.
TextTable turned(const std::vector<const ComparisonRow*>& group,
                 const std::vector<ComparedVariant>& variants, const Beside& beside) {
  const auto has_ratio = [&](const ComparisonRow* row) {
    return row->metric == "IOPS" || row->metric == "ops/s" ||
           (row->metric == "mean" && beside.ratio_of_mean);
  };
  std::vector<TextTable::Column> columns = {{"variant"}};
  std::string stage;
  for (const ComparisonRow* row : group) {
    const bool is_share = row->metric == kOfItWaiting;
    columns.push_back({is_share ? stage + " waiting" : row->metric,
                       row->unit == Unit::text ? Align::left : Align::right});
    if (!is_share) stage = row->metric;
    if (has_ratio(row)) columns.push_back({"", Align::left});
  }
  TextTable table(columns);
  for (std::size_t i = 0; i < variants.size(); ++i) {
    std::vector<TextTable::Cell> cells = {variants[i].variant->label};
    for (const ComparisonRow* row : group) {
      cells.push_back(cell_of(*row, i, beside.intervals));
      if (has_ratio(row)) cells.push_back(ratio_cell(*row, i));
    }
    table.row(std::move(cells));
  }
  return table;
}

// A group of rows turned round, in as many tables below each other as the terminal makes necessary.
// No metric gives way: the ratio of the mean does where that makes it one table, and the intervals
// of a metric that does not fit with them.
std::string turned_to_fit(const std::vector<const ComparisonRow*>& group,
                          const std::vector<ComparedVariant>& variants, const Terminal& terminal) {
  using Rows = std::vector<const ComparisonRow*>;
  // What of a stage is waiting stays beside it.
  const auto next_after = [&](auto at) {
    ++at;
    while (at != group.end() && (*at)->metric == kOfItWaiting) ++at;
    return at;
  };
  std::string out;
  Beside beside;
  const auto fits = [&](const Rows& rows) {
    return turned(rows, variants, beside).natural_width() <= terminal.width;
  };
  beside.ratio_of_mean = false;
  beside.ratio_of_mean = !fits(group);
  if (!beside.ratio_of_mean) {
    beside.ratio_of_mean = true;
    beside.ratio_of_mean = fits(group);
  }
  for (auto from = group.begin(); from != group.end();) {
    auto to = next_after(from);
    beside.intervals = true;
    beside.intervals = fits({from, to});
    while (to != group.end() && fits({from, next_after(to)})) to = next_after(to);
    out += turned({from, to}, variants, beside).render(terminal);
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
    group.push_back(&rows[i]);
    if (rows[i].unit == Unit::text) continue;
    if (i + 1 < rows.size() && rows[i + 1].group == rows[i].group) continue;
    out += "\n" + styled(rows[i].group, Style::bold, terminal) + "\n" +
           turned_to_fit(group, variants, terminal);
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

// " in luna, solar"; nothing where it is all of them.
std::string whose(const std::vector<std::string>& labels, std::size_t variants) {
  constexpr std::size_t kMostNamed = 3;
  if (labels.size() == variants) return {};
  if (labels.size() > kMostNamed) return fmt::format(" in {} variants", labels.size());
  return fmt::format(" in {}", fmt::join(labels, ", "));
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
  std::vector<std::string> varied;
  for (const auto& [key, value] : variants[0].variant->settings) varied.push_back(key);
  if (!varied.empty())
    out += wrapped(fmt::format("compared: {}", fmt::join(varied, ", ")), terminal.width, 2) + "\n";

  std::string tables;
  for (const TextTable& block : in_blocks(rows, variants, terminal.width))
    tables += "\n" + block.render(terminal);
  if (tables.empty()) tables = line_per_variant(rows, variants, terminal);
  out += tables + busiest_of(rows, variants, terminal) + "\n";
  std::string legend;
  if (variants.size() > 1) {
    legend = "x: ratio to " + variants[0].variant->label;
    if (have_same_arrivals(variants)) legend += "; the same arrivals everywhere";
  }
  if (const std::string marks = interval_legend(tables); !marks.empty())
    legend += (legend.empty() ? "" : "; ") + marks;
  if (!legend.empty())
    out += styled(wrapped(legend, terminal.width, 2), Style::dim, terminal) + "\n";

  std::map<std::string, std::vector<std::string>> noted;  // by which variants
  for (const ComparedVariant& variant : variants)
    if (const auto* all = find_in(*variant.summary, "notes"))
      for (const auto& note : *all)
        noted[note.get<std::string>()].push_back(variant.variant->label);
  std::set<std::string> notes;
  for (const ComparedVariant& variant : variants) {
    if (const auto* all = find_in(*variant.summary, "notes"))
      for (const auto& note : *all) {
        const auto text = note.get<std::string>();
        if (!notes.insert(text).second) continue;
        out += styled(wrapped(fmt::format("note{}: {}", whose(noted[text], variants.size()), text),
                              terminal.width, 6),
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
