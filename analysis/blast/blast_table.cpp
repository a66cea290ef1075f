// A blast as people read it.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/blast/blast.hpp"
#include "analysis/result/summary_view.hpp"
#include "analysis/terminal/figures.hpp"
#include "analysis/terminal/text_table.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

double number(const Json& row, const char* key) { return number_at(row, key).value_or(0); }

std::string count_of(double value) {
  return value < 1e4 ? fmt::format("{:.0f}", value) : count_text(value);
}

std::string count(const Json& row, const char* key) { return count_of(number(row, key)); }

std::string time_of(double s) { return time_text(s * 1e9); }

bool is_pair(const Json& row) { return !text_at(row, "second_kind").empty(); }

// Hits that go on until the run ends, or nearly so, tell of no recovery.
std::string recovery_text(const Json& row, double observed_s) {
  constexpr double kNearlyAll = 0.98;
  const auto last = number_at(row, "last_hit_after_s");
  if (!last) return kNoFigure;
  return *last >= kNearlyAll * observed_s ? "not yet" : time_of(*last);
}

// Columns of counts that are 0 in every row are left out.
struct Column {
  std::string title;
  const char* key;
  bool is_bad;  // where there is any
  bool is_optional;
};

std::string worst_first(const std::vector<Json>& rows, std::size_t top, double observed_s,
                        const Terminal& terminal) {
  std::vector<Column> counts = {
      {">= 1 s", "hangs_1s", true, false},   {">= 60 s", "hangs_60s", true, true},
      {"failed", "failed", true, true},      {"volumes", "volumes_hit", false, false},
      {"I/Os hit", "ios_hit", false, false}, {"no answer", "in_flight_at_end", false, false}};
  std::erase_if(counts, [&rows](const Column& column) {
    return column.is_optional && std::all_of(rows.begin(), rows.end(), [&](const Json& row) {
             return number(row, column.key) == 0;
           });
  });
  const bool of_pairs = std::any_of(rows.begin(), rows.end(), is_pair);
  std::vector<TextTable::Column> columns = {{"failure"}};
  if (!of_pairs) columns.push_back({"component"});
  for (const Column& column : counts) columns.push_back({column.title, Align::right});
  columns.push_back({"recovered", Align::right});
  columns.push_back({"worst", Align::right});
  TextTable table(columns);
  table.tell_rows_by(of_pairs ? 1 : 2);
  for (std::size_t i = 0; i < std::min(top, rows.size()); ++i) {
    const Json& row = rows[i];
    const std::string kind = text_at(row, "kind"), component = text_at(row, "component");
    std::vector<TextTable::Cell> cells;
    if (of_pairs)
      cells.emplace_back(fmt::format("{} {} +\n{} {}", kind, component, text_at(row, "second_kind"),
                                     text_at(row, "second_component")));
    else cells.insert(cells.end(), {{kind}, {component}});
    for (const Column& column : counts)
      cells.emplace_back(count(row, column.key),
                         column.is_bad && number(row, column.key) > 0 ? Style::bad : Style::plain);
    const auto worst = number_at(row, "worst_latency_ns");
    cells.emplace_back(recovery_text(row, observed_s));
    cells.emplace_back(worst ? time_text(*worst) : kNoFigure);
    table.row(std::move(cells));
  }
  std::string out = table.render(terminal);
  if (top >= rows.size()) return out;
  const auto unhurt = std::count_if(rows.begin() + static_cast<std::ptrdiff_t>(top), rows.end(),
                                    [](const Json& row) { return number(row, "ios_hit") == 0; });
  return out + fmt::format("and {} more, of which {} hit no I/O\n", rows.size() - top, unhurt);
}

// What can be said of a kind as a whole.
std::string by_kind(const std::vector<Json>& rows, const Terminal& terminal) {
  struct Sum {
    std::string kind, type;
    int runs = 0, hit = 0, hung = 0, failed = 0;
    double volumes = 0, worst = 0;
  };
  std::vector<Sum> sums;
  for (const Json& row : rows) {
    if (is_pair(row)) return {};
    const std::string kind = text_at(row, "kind"), type = text_at(row, "type");
    auto at = std::find_if(sums.begin(), sums.end(),
                           [&](const Sum& sum) { return sum.kind == kind && sum.type == type; });
    if (at == sums.end()) at = sums.insert(at, {kind, type});
    ++at->runs;
    at->hit += number(row, "ios_hit") > 0;
    at->hung += number(row, "hangs_1s") > 0;
    at->failed += number(row, "failed") > 0;
    at->volumes = std::max(at->volumes, number(row, "volumes_hit"));
    at->worst = std::max(at->worst, number(row, "worst_latency_ns"));
  }
  TextTable table({{"failure"},
                   {"of a"},
                   {"runs", Align::right},
                   {"hit I/O", Align::right},
                   {"hung", Align::right},
                   {"failed I/O", Align::right},
                   {"most volumes", Align::right},
                   {"worst", Align::right}});
  for (const Sum& sum : sums)
    table.row({sum.kind,
               sum.type,
               fmt::format("{}", sum.runs),
               fmt::format("{}", sum.hit),
               {fmt::format("{}", sum.hung), sum.hung > 0 ? Style::bad : Style::plain},
               {fmt::format("{}", sum.failed), sum.failed > 0 ? Style::bad : Style::plain},
               count_of(sum.volumes),
               sum.worst > 0 ? time_text(sum.worst) : kNoFigure});
  return "\n" + table.render(terminal);
}

}  // namespace

std::string blast_table(const Scenario& scenario, const BlastPlan& plan,
                        const std::vector<Json>& rows, std::size_t top, const Terminal& terminal) {
  const Duration at = plan.at.value_or(default_begin(scenario));
  const double observed_s = to_seconds(end_of(scenario) - at);
  std::string out = worst_first(rows, top, observed_s, terminal) + by_kind(rows, terminal);
  const auto remark = [&](const std::string& text, Style style) {
    out += styled(wrapped(text, terminal.width, 2), style, terminal) + "\n";
  };
  remark(
      ">= 1 s, >= 60 s: I/Os that hang; no answer: I/Os in flight when the run ends; recovered: "
      "from the "
      "failure to the end of the last I/O it hit",
      Style::dim);
  if (observed_s < 1)
    remark(fmt::format("the run ends {} after the failure: too early to see an I/O hang for 1 s; "
                       "give the jobs a longer `runtime` with --set",
                       time_of(observed_s)),
           Style::warn);
  return out;
}

}  // namespace orrery
