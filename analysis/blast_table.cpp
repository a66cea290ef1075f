// A blast as people read it.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/blast.hpp"
#include "analysis/figures.hpp"
#include "analysis/summary_view.hpp"
#include "analysis/text_table.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

double number(const Json& row, const char* key) { return number_at(row, key).value_or(0); }

std::string count_of(double value) {
  return value < 1e4 ? fmt::format("{:.0f}", value) : count_text(value);
}

std::string count(const Json& row, const char* key) { return count_of(number(row, key)); }

TextTable::Cell bad_count(const Json& row, const char* key) {
  return {count(row, key), number(row, key) > 0 ? Style::bad : Style::plain};
}

std::string time_of(double s) { return time_text(s * 1e9); }

std::string pair_text(const Json& row, const char* first, const char* second) {
  const std::string other = text_at(row, second);
  return other.empty() ? text_at(row, first) : text_at(row, first) + " + " + other;
}

// Hits that go on until the run ends, or nearly so, tell of no recovery.
std::string recovery_text(const Json& row, double observed_s) {
  constexpr double kNearlyAll = 0.98;
  const auto last = number_at(row, "last_hit_after_s");
  if (!last) return kNoFigure;
  return *last >= kNearlyAll * observed_s ? "not yet" : time_of(*last);
}

std::string worst_first(const std::vector<Json>& rows, std::size_t top, double observed_s,
                        const Terminal& terminal) {
  TextTable table({{"failure"},
                   {"component", Align::left, true},
                   {">= 1 s", Align::right},
                   {">= 60 s", Align::right},
                   {"failed", Align::right},
                   {"volumes", Align::right},
                   {"I/Os hit", Align::right},
                   {"no answer", Align::right},
                   {"recovered", Align::right},
                   {"worst", Align::right}});
  for (std::size_t i = 0; i < std::min(top, rows.size()); ++i) {
    const Json& row = rows[i];
    const auto worst = number_at(row, "worst_latency_ns");
    table.row({pair_text(row, "kind", "second_kind"),
               pair_text(row, "component", "second_component"), bad_count(row, "hangs_1s"),
               bad_count(row, "hangs_60s"), bad_count(row, "failed"), count(row, "volumes_hit"),
               count(row, "ios_hit"), count(row, "in_flight_at_end"),
               recovery_text(row, observed_s), worst ? time_text(*worst) : kNoFigure});
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
    if (!text_at(row, "second_kind").empty()) return {};
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
    remark(fmt::format("the run ends {} after the failure: too early to see an I/O hang for 1 s",
                       time_of(observed_s)),
           Style::warn);
  return out;
}

}  // namespace orrery
