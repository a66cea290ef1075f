// The validation as a table, as Markdown and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "analysis/text_table.hpp"
#include "analysis/validation.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

struct KindText {
  const char* kind;
  const char* title;
  const char* help;
};
constexpr std::array kKinds = {
    KindText{"CAL", "Calibrated (CAL)",
             "Parameters are fitted to these figures: meeting them proves nothing but the fit."},
    KindText{"VAL", "Predicted (VAL)",
             "Nothing is fitted to these figures: they show how far the model can be trusted."},
    KindText{"derived", "Derived",
             "These follow from other figures by arithmetic: a check of the arithmetic, no more."},
};

std::string figure_text(double value, const std::string& unit) {
  return number_text(value) + (unit.empty() ? "" : " " + unit);
}

std::string predicted_text(const std::optional<Predicted>& predicted) {
  if (!predicted) return kNoFigure;
  std::string text = number_text(predicted->mean);
  if (!predicted->interval) return text;
  const double half = (predicted->interval->second - predicted->interval->first) / 2;
  if (half <= 1e-9 * std::abs(predicted->mean)) return text;
  return text + fmt::format(" ±{}", number_text(half));
}

std::string ratio_of(const ValidationResult& result) {
  const auto ratio = result.ratio();
  return ratio ? fmt::format("{:.3f}", *ratio) : kNoFigure;
}

Style style_of(const std::string& verdict) {
  if (verdict == "hit" || verdict == "ok") return Style::good;
  return verdict == "miss" ? Style::warn : Style::bad;
}

std::string tolerance_text(const ValidationEntry& entry) {
  const std::string much = entry.within
                               ? fmt::format("{} {}", number_text(*entry.within), entry.unit)
                               : percent_text(*entry.tolerance);
  return fmt::format("±{}: {}", much, entry.reason);
}

std::string count_line(const Validation& validation, const std::string& kind) {
  std::map<std::string, int> counts;
  for (const ValidationResult& result : validation.results)
    if (result.entry.kind == kind) ++counts[result.verdict()];
  std::string out;
  for (const auto& [verdict, count] : counts)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, verdict);
  return out;
}

template <class Visit>
void for_kind(const Validation& validation, const std::string& kind, Visit visit) {
  for (const ValidationResult& result : validation.results)
    if (result.entry.kind == kind) visit(result);
}

}  // namespace

std::string validation_table(const Validation& validation, const Terminal& terminal) {
  std::string out;
  for (const KindText& kind : kKinds) {
    const std::string counts = count_line(validation, kind.kind);
    if (counts.empty()) continue;
    TextTable table({{"id"},
                     {"published", Align::right},
                     {"simulated", Align::right},
                     {"ratio", Align::right},
                     {"verdict"},
                     {"figure", Align::left, true}});
    std::string notes;
    for_kind(validation, kind.kind, [&](const ValidationResult& result) {
      const ValidationEntry& entry = result.entry;
      table.row({entry.id,
                 figure_text(entry.value, entry.unit),
                 predicted_text(result.simulated),
                 ratio_of(result),
                 {result.verdict(), style_of(result.verdict())},
                 entry.figure});
      for (std::size_t i = 0; i < entry.parts.size(); ++i)
        table.row({"  " + entry.parts[i].name, figure_text(entry.parts[i].value, entry.unit),
                   predicted_text(result.parts[i])});
      if (result.verdict() == "miss")
        notes += wrapped(fmt::format("{}: {}", entry.id, entry.miss), terminal.width, 2) + "\n";
      if (!result.trouble.empty())
        notes += styled(wrapped(fmt::format("{}: {}", entry.id, result.trouble), terminal.width, 2),
                        Style::bad, terminal) +
                 "\n";
    });
    out += (out.empty() ? "" : "\n") +
           styled(fmt::format("{}: {}", kind.title, counts), Style::bold, terminal) + "\n" +
           wrapped(kind.help, terminal.width, 0) + "\n\n" + table.render(terminal);
    if (!notes.empty()) out += "\n" + notes;
  }
  return out;
}

std::string validation_markdown(const Validation& validation) {
  std::string out =
      "# Validation\n\n"
      "Published figures beside what the models say (`orrery validate`). Simulated values are "
      "means over seeds with the half "
      "width of a 95 % confidence interval; the ratio is simulated to published. Sources are "
      "abbreviated: S22 is *From Luna "
      "to Solar* (SIGCOMM'22), F24 is *What's the Story in EBS Glory* (FAST'24).\n";
  for (const KindText& kind : kKinds) {
    const std::string counts = count_line(validation, kind.kind);
    if (counts.empty()) continue;
    out += fmt::format("\n## {}\n\n{} {}.\n", kind.title, kind.help, counts);
    const bool is_prediction = std::string_view(kind.kind) == "VAL";
    std::string title;
    std::vector<std::vector<std::string>> rows;
    std::vector<TextTable::Column> columns = {{"id"},
                                              {"figure"},
                                              {"published", Align::right},
                                              {"simulated", Align::right},
                                              {"ratio", Align::right},
                                              {"verdict"},
                                              {"load"},
                                              {"tolerance"}};
    if (is_prediction) columns.push_back({"what a miss tells"});
    auto flush = [&] {
      if (!rows.empty()) out += fmt::format("\n### {}\n\n", title) + markdown_table(columns, rows);
      rows.clear();
    };
    for_kind(validation, kind.kind, [&](const ValidationResult& result) {
      const ValidationEntry& entry = result.entry;
      if (entry.title != title) flush();
      title = entry.title;
      rows.push_back(
          {fmt::format("`{}`", entry.id), fmt::format("{} ({})", entry.figure, entry.source),
           figure_text(entry.value, entry.unit), predicted_text(result.simulated), ratio_of(result),
           fmt::format("**{}**", result.verdict()), entry.load, tolerance_text(entry)});
      if (is_prediction) rows.back().push_back(entry.miss);
      for (std::size_t i = 0; i < entry.parts.size(); ++i) {
        rows.push_back({"", "of it " + entry.parts[i].name,
                        figure_text(entry.parts[i].value, entry.unit),
                        predicted_text(result.parts[i]), "", "", "", ""});
        if (is_prediction) rows.back().emplace_back();
      }
    });
    flush();
  }
  out +=
      "\n## Neither\n\n"
      "The stress latencies of S22 Table 1 (1782 and 900 us at 50 Gbit/s, 2923 and 465 us at 200 "
      "Gbit/s) are no test: by "
      "Little's law they only state a concurrency that was not published, 2719 (kernel TCP) and "
      "1373 (LUNA) RPCs in flight "
      "at 50 Gbit/s, 17,841 and 2838 at 200 Gbit/s. These concurrencies are the input of the runs "
      "that count cores.\n";
  return out;
}

Json validation_json(const Validation& validation) {
  Json out = Json::array();
  for (const ValidationResult& result : validation.results) {
    const ValidationEntry& entry = result.entry;
    const auto ratio = result.ratio();
    Json interval;
    if (result.simulated && result.simulated->interval)
      interval = {result.simulated->interval->first, result.simulated->interval->second};
    Json item = {{"id", entry.id},
                 {"kind", entry.kind},
                 {"published", entry.value},
                 {"simulated", result.simulated ? Json(result.simulated->mean) : Json()},
                 {"ratio", ratio ? Json(*ratio) : Json()},
                 {"verdict", result.verdict()},
                 {"interval", interval},
                 {"unit", entry.unit},
                 {"figure", entry.figure},
                 {"source", entry.source},
                 {"load", entry.load},
                 {"metric", entry.metric_text},
                 {"reason", entry.reason}};
    if (entry.tolerance) item["tolerance"] = *entry.tolerance;
    if (entry.within) item["within"] = *entry.within;
    if (!entry.miss.empty()) item["miss"] = entry.miss;
    for (std::size_t i = 0; i < entry.parts.size(); ++i)
      item["parts"].push_back(
          {{"name", entry.parts[i].name},
           {"published", entry.parts[i].value},
           {"simulated", result.parts[i] ? Json(result.parts[i]->mean) : Json()}});
    if (!result.trouble.empty()) item["trouble"] = result.trouble;
    out.push_back(std::move(item));
  }
  return out;
}

}  // namespace orrery
