// The validation as a table, as Markdown and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "analysis/terminal/text_table.hpp"
#include "analysis/validate/validation.hpp"

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

std::string with_unit(const std::string& figure, const std::string& unit) {
  return unit.empty() || figure == kNoFigure ? figure : figure + " " + unit;
}
std::string figure_text(std::optional<double> value, const std::string& unit) {
  return value ? with_unit(number_text(*value), unit) : kNoFigure;
}
// As it was published.
std::string published_text(const ValidationEntry& entry) {
  return entry.above ? "> " + figure_text(entry.above, entry.unit)
                     : figure_text(entry.value, entry.unit);
}

std::string predicted_text(const std::optional<Predicted>& predicted) {
  if (!predicted) return kNoFigure;
  // Every seed gave the same: nothing of this figure is random.
  const bool is_certain =
      predicted->interval &&
      predicted->interval->second - predicted->interval->first <= 1e-9 * std::abs(predicted->mean);
  return number_text(predicted->mean, is_certain ? std::nullopt : predicted->interval);
}

// Of a change in per cent, which may be near 0 or of the other sign, the distance says more than
// the ratio.
std::string ratio_of(const ValidationResult& result) {
  if (result.entry.unit == "%" && result.simulated)
    return fmt::format("{:+.1f} pts", result.simulated->mean - result.entry.value);
  const auto ratio = result.ratio();
  return ratio ? fmt::format("{:.3f}", *ratio) : kNoFigure;
}

Style style_of(const std::string& verdict) {
  if (verdict == "hit" || verdict == "ok") return Style::good;
  return verdict == "miss" ? Style::warn : Style::bad;
}

std::string tolerance_text(const ValidationEntry& entry) {
  if (entry.above) return entry.reason;
  const std::string much = entry.within
                               ? fmt::format("{} {}", number_text(*entry.within), entry.unit)
                               : percent_text(*entry.tolerance);
  return fmt::format("±{}: {}", much, entry.reason);
}

std::string count_line(const Validation& validation, const std::string& kind) {
  std::map<std::string, int> counts;
  int for_wrong_reasons = 0;
  for (const ValidationResult& result : validation.results) {
    if (result.entry.kind != kind) continue;
    ++counts[result.verdict()];
    for_wrong_reasons += result.verdict() == "hit" && !result.entry.hit.empty();
  }
  std::string out;
  for (const auto& [verdict, count] : counts) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, verdict);
    if (verdict == "hit" && for_wrong_reasons > 0)
      out += fmt::format(" ({} for a wrong reason)", for_wrong_reasons);
  }
  return out;
}

// What a miss tells, or a hit that comes for a wrong reason.
std::string told_by(const ValidationResult& result) {
  const std::string verdict = result.verdict();
  return verdict == "miss" ? result.entry.miss : verdict == "hit" ? result.entry.hit : "";
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
                 published_text(entry),
                 with_unit(predicted_text(result.simulated), entry.unit),
                 ratio_of(result),
                 {result.verdict(), style_of(result.verdict())},
                 entry.figure});
      for (std::size_t i = 0; i < entry.parts.size(); ++i)
        table.row({"  " + entry.parts[i].name,
                   figure_text(entry.parts[i].value, entry.parts[i].unit),
                   with_unit(predicted_text(result.parts[i]), entry.parts[i].unit)});
      if (const std::string told = told_by(result); !told.empty())
        notes += wrapped(fmt::format("{}: {}", entry.id, told), terminal.width, 2) + "\n";
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

namespace {

using Results = std::vector<const ValidationResult*>;

// The load that most of several entries share; empty if most have their own.
std::string usual_load(const Results& results) {
  std::map<std::string, std::size_t> counts;
  for (const ValidationResult* result : results) ++counts[result->entry.load];
  const auto most = std::max_element(counts.begin(), counts.end(),
                                     [](auto& a, auto& b) { return a.second < b.second; });
  return 2 * most->second > results.size() ? most->first : "";
}

// One table: the entries of one kind that stand in one file.
std::string table_markdown(const Results& results, bool is_prediction) {
  const std::string usual = usual_load(results);
  const bool is_usual_everywhere = std::all_of(
      results.begin(), results.end(), [&](const auto* r) { return r->entry.load == usual; });
  std::vector<TextTable::Column> columns = {{"id"},
                                            {"figure"},
                                            {"published", Align::right},
                                            {"simulated", Align::right},
                                            {"ratio"},
                                            {"verdict"},
                                            {"tolerance"}};
  if (!is_usual_everywhere) columns.push_back({usual.empty() ? "load" : "other load"});
  if (is_prediction) columns.push_back({"what that tells"});
  std::vector<std::vector<std::string>> rows;
  for (const ValidationResult* result : results) {
    const ValidationEntry& entry = result->entry;
    auto& row = rows.emplace_back(std::vector<std::string>{
        fmt::format("`{}`", entry.id), fmt::format("{} ({})", entry.figure, entry.source),
        published_text(entry), predicted_text(result->simulated), ratio_of(*result),
        fmt::format("**{}**", result->verdict()), tolerance_text(entry)});
    if (!is_usual_everywhere) row.push_back(entry.load == usual ? "" : entry.load);
    if (is_prediction) row.push_back(told_by(*result));
    for (std::size_t i = 0; i < entry.parts.size(); ++i) {
      auto& part = rows.emplace_back(
          std::vector<std::string>{"", "of it " + entry.parts[i].name,
                                   figure_text(entry.parts[i].value, entry.parts[i].unit),
                                   predicted_text(result->parts[i])});
      part.resize(columns.size());
    }
  }
  const std::string load = usual.empty() ? "" : fmt::format("Load: {}.\n\n", usual);
  return fmt::format("\n### {}\n\n", results.front()->entry.title) + load +
         markdown_table(columns, rows);
}

}  // namespace

std::string validation_markdown(const Validation& validation) {
  std::string out =
      "# Validation\n\n"
      "Published figures beside what the models say (`orrery validate`). Simulated values are "
      "means over seeds with half a 95 % confidence interval; the ratio is simulated to "
      "published, of changes in per cent the distance in points. A value marked ~ is a guess: its "
      "interval is no narrower than twice the value.\n";
  for (const KindText& kind : kKinds) {
    const std::string counts = count_line(validation, kind.kind);
    if (counts.empty()) continue;
    out += fmt::format("\n## {}\n\n{} {}.\n", kind.title, kind.help, counts);
    std::vector<std::pair<std::string, Results>> tables;
    for_kind(validation, kind.kind, [&](const ValidationResult& result) {
      if (tables.empty() || tables.back().first != result.entry.title)
        tables.emplace_back(result.entry.title, Results{});
      tables.back().second.push_back(&result);
    });
    for (const auto& [title, results] : tables)
      out += table_markdown(results, std::string_view(kind.kind) == "VAL");
  }
  std::string last;
  for (const ValidationResult& result : validation.results) {
    const ValidationEntry& entry = result.entry;
    if (entry.note.empty() || entry.title == last) continue;
    out += fmt::format("{}\n**{}.** {}\n", last.empty() ? "\n## Notes\n" : "", entry.title,
                       entry.note);
    last = entry.title;
  }
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
    Json item = {
        {"id", entry.id},
        {"kind", entry.kind},
        {"published", entry.above ? Json(fmt::format("> {}", *entry.above)) : Json(entry.value)},
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
    if (!entry.hit.empty()) item["hit"] = entry.hit;
    for (std::size_t i = 0; i < entry.parts.size(); ++i)
      item["parts"].push_back(
          {{"name", entry.parts[i].name},
           {"published", entry.parts[i].value ? Json(*entry.parts[i].value) : Json()},
           {"simulated", result.parts[i] ? Json(result.parts[i]->mean) : Json()}});
    if (!result.trouble.empty()) item["trouble"] = result.trouble;
    out.push_back(std::move(item));
  }
  return out;
}

}  // namespace orrery
