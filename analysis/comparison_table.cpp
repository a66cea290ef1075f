// The comparison as people read it.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "analysis/comparison.hpp"
#include "analysis/run_table.hpp"
#include "analysis/summary_view.hpp"
#include "analysis/text_table.hpp"

namespace orrery {

namespace {

std::string value_text(const ComparisonRow& row, std::size_t i) {
  if (row.saturated[i]) return "SATURATED";
  if (!row.values[i]) return kNoFigure;
  switch (row.unit) {
    case Unit::ios_per_second: return count_text(*row.values[i], row.intervals[i]);
    case Unit::bytes_per_second: return rate_text(*row.values[i]);
    case Unit::nanoseconds: return time_text(*row.values[i], row.intervals[i]);
    case Unit::fraction: return percent_text(*row.values[i]);
    case Unit::plain: break;
  }
  return number_text(*row.values[i]);
}

// The first variant and those from `from` to before `to`.
TextTable table_of(const std::vector<ComparisonRow>& rows,
                   const std::vector<ComparedVariant>& variants, std::size_t from, std::size_t to) {
  std::vector<TextTable::Column> columns = {{""}, {variants[0].variant->label, Align::right}};
  for (std::size_t i = from; i < to; ++i) {
    columns.push_back({variants[i].variant->label, Align::right});
    columns.push_back({"", Align::left});
  }
  TextTable table(columns);
  std::string group;
  for (const ComparisonRow& row : rows) {
    if (row.group != group) table.heading(row.group);
    group = row.group;
    std::vector<TextTable::Cell> cells = {"  " + row.metric};
    auto add = [&](std::size_t i) {
      cells.emplace_back(value_text(row, i), row.saturated[i] ? Style::bad : Style::plain);
    };
    add(0);
    for (std::size_t i = from; i < to; ++i) {
      add(i);
      const auto ratio = row.ratio(i);
      cells.emplace_back(ratio ? ratio_text(*ratio) : "", Style::dim);
    }
    table.row(std::move(cells));
  }
  return table;
}

}  // namespace

std::string comparison_table(const LoadedScenario& base,
                             const std::vector<ComparedVariant>& variants,
                             const Terminal& terminal) {
  std::string out = styled(base.scenario.head.scenario, Style::bold, terminal);
  if (!base.scenario.head.title.empty())
    out += wrapped(": " + base.scenario.head.title,
                   terminal.width - display_width(base.scenario.head.scenario), 2);
  out += "\n";
  if (variants.empty()) return out;
  const std::string load = load_text(*variants[0].summary);
  for (std::size_t start = 0; start < load.size();) {
    const std::size_t end = std::min(load.find('\n', start), load.size());
    out += wrapped("load " + load.substr(start, end - start), terminal.width, 2) + "\n";
    start = end + 1;
  }
  for (const ComparedVariant& variant : variants)
    out += wrapped(fmt::format("{}: {}", variant.variant->label,
                               setting_text(variant.variant->scenario, *variant.summary)),
                   terminal.width, 2) +
           "\n";
  const std::vector<ComparisonRow> rows = compare(variants);
  if (variants.size() == 1) {
    out += "\n" + table_of(rows, variants, 1, 1).render(terminal);
  }
  for (std::size_t from = 1; from < variants.size();) {
    std::size_t to = variants.size();
    while (to > from + 1 && table_of(rows, variants, from, to).natural_width() > terminal.width)
      --to;
    out += "\n" + table_of(rows, variants, from, to).render(terminal);
    from = to;
  }
  if (variants.size() > 1)
    out += "\n" +
           styled(fmt::format("x: ratio to {}; the same arrivals everywhere",
                              variants[0].variant->label),
                  Style::dim, terminal) +
           "\n";

  std::set<std::string> notes;
  for (const ComparedVariant& variant : variants) {
    if (const auto* all = find_in(*variant.summary, "notes"))
      for (const auto& note : *all)
        if (notes.insert(note.get<std::string>()).second)
          out += styled(wrapped("note: " + note.get<std::string>(), terminal.width, 6), Style::warn,
                        terminal) +
                 "\n";
    for (const std::string& broken : broken_checks(*variant.summary))
      out += styled(wrapped(fmt::format("CHECK BROKEN in {}: {}", variant.variant->label, broken),
                            terminal.width, 2),
                    Style::bad, terminal) +
             "\n";
  }
  return out;
}

}  // namespace orrery
