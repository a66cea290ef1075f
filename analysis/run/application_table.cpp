#include "analysis/run/application_table.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "analysis/result/summary_view.hpp"
#include "analysis/terminal/figures.hpp"
#include "analysis/terminal/text_table.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

const Json& list_at(const Json& value, const char* key) {
  static const Json kNone = Json::array();
  const Json* list = find_in(value, key);
  return list != nullptr ? *list : kNone;
}

bool is_saturated(const Json& operation) { return operation.value("saturated", false); }

bool is_seen(const Json& operation) {
  return number_at(operation, "counts.arrived").value_or(0) > 0;
}

// Caches, write amplification, stalls: one line.
std::string engine_line(const Json& application) {
  std::string line = text_at(application, "name") + ":";
  const char* separator = " ";
  const auto add = [&](const std::string& text) {
    line += separator + text;
    separator = ", ";
  };
  if (const auto hits = number_at(application, "row_cache_hit_ratio"))
    add("row cache hits " + percent_text(*hits));
  if (const auto hits = number_at(application, "block_cache_hit_ratio"))
    add("block cache hits " + percent_text(*hits));
  if (const auto amplification = number_at(application, "write_amplification"))
    add("write amplification " + number_text(*amplification));
  const auto held_up = [&](const char* what, const char* times, const char* seconds) {
    const double count = number_at(application, times).value_or(0);
    if (count > 0)
      add(fmt::format("{} {:.0f} times, {} in all", what, count,
                      time_text(number_at(application, seconds).value_or(0) * 1e9)));
  };
  held_up("updates stopped", "stalls.stops", "stalls.stopped_s");
  held_up("slowed down", "stalls.slowdowns", "stalls.slowed_s");
  if (number_at(application, "stalls.stops").value_or(0) +
          number_at(application, "stalls.slowdowns").value_or(0) ==
      0)
    add("no stalls");
  return line;
}

}  // namespace

std::string figures_of_applications(const Json& summary, const Terminal& terminal) {
  TextTable table({{"application"},
                   {""},
                   {"ops/s", kRight},
                   {"mean", kRight},
                   {"p50", kRight},
                   {"p99", kRight},
                   {"p99.9", kRight}});
  table.tell_rows_by(2);
  TextTable io({{"I/O of"},
                {""},
                {"IOPS", kRight},
                {"bandwidth", kRight},
                {"mean size", kRight},
                {"mean", kRight}});
  std::string lines;
  for (const Json& application : list_at(summary, "applications")) {
    std::string name = text_at(application, "name");
    for (const Json& operation : list_at(application, "operations")) {
      if (!is_seen(operation)) continue;
      std::vector<TextTable::Cell> cells = {name, text_at(operation, "name"),
                                            count_text(number_at(operation, "ops").value_or(0),
                                                       interval_at(operation, "intervals.ops"))};
      name.clear();
      if (is_saturated(operation)) {
        cells.emplace_back("SATURATED", Style::bad);
      } else {
        cells.emplace_back(time_at(operation, "lat_ns.mean", "intervals.lat_mean_ns"));
        cells.emplace_back(time_at(operation, "lat_ns.p50", "intervals.lat_p50_ns"));
        cells.emplace_back(time_at(operation, "lat_ns.p99", "intervals.lat_p99_ns"));
        cells.emplace_back(time_at(operation, "lat_ns.p99_9"));
      }
      table.row(std::move(cells));
      if (const double failed = number_at(operation, "failed").value_or(0); failed > 0)
        lines +=
            styled(fmt::format("{}: {} operations failed\n",
                               side_name(text_at(application, "name"), text_at(operation, "name")),
                               failed),
                   Style::bad, terminal);
    }
    name = text_at(application, "name");
    if (const Json* kinds = find_in(application, "io"))
      for (const auto& [kind, use] : kinds->items()) {
        const double ios = number_at(use, "iops").value_or(0);
        if (ios <= 0) continue;
        const double bandwidth = number_at(use, "bw_bytes").value_or(0);
        io.row({name, kind, count_text(ios), rate_text(bandwidth), size_text(bandwidth / ios),
                time_at(use, "lat_mean_ns")});
        name.clear();
      }
    lines += wrapped(engine_line(application), terminal.width, 2) + "\n";
  }
  if (table.empty()) return lines;
  return table.render(terminal) + lines + (io.empty() ? "" : "\n" + io.render(terminal));
}

std::string stages_of_applications(const Json& summary, const Terminal& terminal) {
  TextTable table({{"mean per operation"},
                   {"wait", kRight},
                   {"wait p99", kRight},
                   {"service", kRight},
                   {"total", kRight},
                   {"share", kRight}});
  for (const Json& application : list_at(summary, "applications"))
    for (const Json& operation : list_at(application, "operations")) {
      const Json* stages = find_in(operation, "stages");
      const double mean = number_at(operation, "lat_ns.mean").value_or(0);
      if (is_saturated(operation) || stages == nullptr || mean <= 0) continue;
      table.heading(side_name(text_at(application, "name"), text_at(operation, "name")));
      for (const auto& [name, stage] : stages->items()) {
        const double total = number_at(stage, "total_ns.mean").value_or(0);
        if (total <= 0) continue;
        table.row({"  " + name, time_at(stage, "wait_ns.mean"), time_at(stage, "wait_ns.p99"),
                   time_at(stage, "service_ns.mean"), time_text(total),
                   percent_text(total / mean)});
      }
    }
  return table.empty() ? std::string{} : table.render(terminal);
}

std::string application_load_lines(const Json& summary, const Terminal& terminal) {
  std::string out;
  for (const Json& application : list_at(summary, "applications")) {
    std::string line =
        fmt::format("load {}: {}", text_at(application, "name"), text_at(application, "kind"));
    if (const Json* options = find_in(application, "options"))
      for (const auto& [key, value] : options->items())
        if (key != "name")
          line += fmt::format(" {}={}", key,
                              value.is_string() ? value.get<std::string>() : value.dump());
    out += wrapped(line, terminal.width, 2) + "\n";
  }
  return out;
}

}  // namespace orrery
