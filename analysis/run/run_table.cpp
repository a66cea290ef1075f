#include "analysis/run/run_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "analysis/result/pool_summary.hpp"
#include "analysis/result/summary_view.hpp"
#include "analysis/run/application_table.hpp"
#include "analysis/terminal/figures.hpp"
#include "analysis/terminal/text_table.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

std::string stages_of_jobs(const Json& summary, const Terminal& terminal) {
  TextTable table({{"mean per I/O"},
                   {"wait", kRight},
                   {"wait p99", kRight},
                   {"service", kRight},
                   {"total", kRight},
                   {"share", kRight}});
  for (const JobSide& s : sides_of(summary)) {
    if (s.is_saturated()) continue;
    const Json* stages = find_in(*s.side, "stages");
    const double whole = number_at(*s.side, "lat_ns.mean").value_or(0);
    if (stages == nullptr || whole <= 0) continue;
    table.heading(s.name());
    for (const auto& [name, stage] : stages->items()) {
      const double total = number_at(stage, "total_ns.mean").value_or(0);
      if (total <= 0) continue;
      table.row({"  " + name, time_at(stage, "wait_ns.mean"), time_at(stage, "wait_ns.p99"),
                 time_at(stage, "service_ns.mean"), time_text(total), percent_text(total / whole)});
    }
  }
  return table.empty() ? std::string{} : table.render(terminal);
}

std::string resources_of(const Json& summary, const Terminal& terminal) {
  const Json* resources = find_in(summary, "resources");
  if (resources == nullptr || !resources->is_object()) return {};
  struct Line {
    const char* key;
    const char* text;
    bool is_share;
  };
  static constexpr Line kLines[] = {
      {"compute_cores_used", "host cores busy per compute server", false},
      {"dpu_cores_used", "DPU cores busy per compute server", false},
      {"storage_cores_used", "cores busy per storage server", false},
      {"compute_engine_cores_used", "reactor cores busy per compute server", false},
      {"storage_engine_cores_used", "reactor cores busy per storage server", false},
      {"busiest_reactor", "busiest reactor", true},
      {"internal_pcie_utilisation", "internal PCIe of the DPU", true},
      {"host_pcie_utilisation", "host PCIe of the DPU", true},
      {"compute_link_utilisation", "busiest link of a compute server", true},
      {"storage_link_utilisation", "busiest link of a storage server", true},
      {"spine_link_utilisation", "busiest spine link", true},
      {"ssd_utilisation", "busiest part of an SSD", true},
  };
  TextTable table({{""}, {"", kRight}});
  for (const Line& line : kLines)
    if (const auto value = number_at(*resources, line.key))
      table.row({line.text, line.is_share ? percent_text(*value) : number_text(*value)});
  return table.empty() ? std::string{} : table.render(terminal);
}

// The stations and ports that limit, or would first.
std::string busiest_of(const Json& summary, const Terminal& terminal) {
  std::string out;
  if (const std::string station = busiest_in(summary, "stations"); !station.empty())
    out += fmt::format("busiest station: {}\n", station);
  if (const std::string link = busiest_in(summary, "ports"); !link.empty())
    out += fmt::format("busiest link: {}\n", link);
  double drops = 0;
  if (const Json* ports = find_in(summary, "ports"))
    for (const Json& p : *ports) drops += number_at(p, "drops").value_or(0);
  if (drops > 0)
    out += styled(fmt::format("{} packets dropped{}\n", drops,
                              find_in(summary, "faults") != nullptr ? "" : " at full buffers"),
                  Style::warn, terminal);
  return out;
}

// What broke, and what it did: the faults that hit most first.
std::string faults_of(const Json& summary, const Terminal& terminal) {
  constexpr std::size_t kMostRows = 12;
  const Json* faults = find_in(summary, "faults");
  if (faults == nullptr || faults->empty()) return {};
  std::vector<const Json*> order;
  for (const Json& fault : *faults) order.push_back(&fault);
  if (order.size() > kMostRows)
    std::stable_sort(order.begin(), order.end(), [](const Json* a, const Json* b) {
      return number_at(*a, "ios_hit").value_or(0) > number_at(*b, "ios_hit").value_or(0);
    });
  TextTable table({{"fault"},
                   {"component"},
                   {"at", kRight},
                   {"lasts", kRight},
                   {"I/Os hit", kRight},
                   {"volumes", kRight},
                   {"failed", kRight},
                   {">= 1 s", kRight},
                   {">= 60 s", kRight},
                   {"worst", kRight},
                   {"last after", kRight}});
  table.tell_rows_by(2);
  for (std::size_t i = 0; i < std::min(order.size(), kMostRows); ++i) {
    const Json& fault = *order[i];
    const double from = number_at(fault, "from_s").value_or(0);
    const auto to = number_at(fault, "to_s");
    const auto after = number_at(fault, "last_hit_after_s");
    const auto hangs = number_at(fault, "hangs_1s").value_or(0);
    const auto count = [&fault](const char* key) {
      return fmt::format("{:.0f}", number_at(fault, key).value_or(0));
    };
    table.row({text_at(fault, "kind"),
               text_at(fault, "component"),
               time_text(from * 1e9),
               to ? time_text((*to - from) * 1e9) : "for good",
               count("ios_hit"),
               count("volumes_hit"),
               count("failed"),
               {count("hangs_1s"), hangs > 0 ? Style::bad : Style::plain},
               count("hangs_60s"),
               time_at(fault, "worst_latency_ns"),
               after ? time_text(*after * 1e9) : kNoFigure});
  }
  std::string out = table.render(terminal);
  if (order.size() > kMostRows)
    out += fmt::format("and {:.0f} more, in summary.json\n",
                       number_at(summary, "fault_count").value_or(0) - double{kMostRows});
  out += styled(wrapped("hit: sent again, held up by what was, tried again or failed; last after: "
                        "from the fault to the end of the last I/O it hit",
                        terminal.width, 2),
                Style::dim, terminal) +
         "\n";
  return out;
}

std::string notes_of(const Json& summary, const Terminal& terminal) {
  std::string out;
  if (const Json* notes = find_in(summary, "notes"))
    for (const Json& note : *notes)
      out += styled(wrapped("note: " + note.get<std::string>(), terminal.width, 6), Style::warn,
                    terminal) +
             "\n";
  for (const std::string& broken : broken_checks(summary))
    out +=
        styled(wrapped("CHECK BROKEN: " + broken, terminal.width, 14), Style::bad, terminal) + "\n";
  return out;
}

}  // namespace

std::string figures_of_jobs(const Json& summary, const Terminal& terminal) {
  TextTable table({{"job"},
                   {""},
                   {"IOPS", kRight},
                   {"bandwidth", kRight},
                   {"mean", kRight},
                   {"p50", kRight},
                   {"p99", kRight},
                   {"p99.9", kRight}});
  table.tell_rows_by(2);
  std::string job;
  for (const JobSide& s : sides_of(summary)) {
    const Json& side = *s.side;
    std::vector<TextTable::Cell> cells = {s.job == job ? "" : s.job, s.direction};
    job = s.job;
    const double iops = number_at(side, "iops").value_or(0);
    if (s.is_saturated()) {
      cells.emplace_back(count_text(iops));
      cells.emplace_back(rate_text(number_at(side, "bw_bytes").value_or(0)));
      cells.emplace_back("SATURATED", Style::bad);
    } else {
      const auto interval = interval_at(side, "intervals.iops");
      cells.emplace_back(count_text(iops, interval));
      cells.emplace_back(rate_text(number_at(side, "bw_bytes").value_or(0)));
      cells.emplace_back(time_at(side, "lat_ns.mean", "intervals.lat_mean_ns"));
      cells.emplace_back(time_at(side, "lat_ns.p50", "intervals.lat_p50_ns"));
      cells.emplace_back(time_at(side, "lat_ns.p99", "intervals.lat_p99_ns"));
      cells.emplace_back(time_at(side, "lat_ns.p99_9"));
    }
    table.row(std::move(cells));
  }
  if (table.empty()) return {};
  std::string out = table.render(terminal);
  if (std::string legend = interval_legend(out); !legend.empty())
    out += styled(wrapped(legend + "; - too few I/Os to say", terminal.width, 2), Style::dim,
                  terminal) +
           "\n";
  for (const JobSide& s : sides_of(summary)) {
    if (!s.is_saturated()) continue;
    out += styled(wrapped(fmt::format(
                              "{}: offered {} IOPS, done {} IOPS: a backlog grows as long as this "
                              "lasts, so there is no latency to quote",
                              s.name(), count_text(number_at(*s.side, "offered_iops").value_or(0)),
                              count_text(number_at(*s.side, "iops").value_or(0))),
                          terminal.width, 2),
                  Style::bad, terminal) +
           "\n";
  }
  for (const JobSide& s : sides_of(summary)) {
    const auto failed = number_at(*s.side, "failed").value_or(0);
    const auto hangs = number_at(*s.side, "hangs_1s").value_or(0);
    if (failed > 0)
      out += styled(fmt::format("{}: {} I/Os failed\n", s.name(), failed), Style::bad, terminal);
    if (hangs > 0)
      out += styled(fmt::format("{}: {} I/Os took 1 s or longer, {} of them 60 s or longer\n",
                                s.name(), hangs, number_at(*s.side, "hangs_60s").value_or(0)),
                    Style::bad, terminal);
  }
  return out;
}

std::string heading_of(const Scenario& scenario, const Terminal& terminal) {
  std::string out = styled(scenario.head.scenario, Style::bold, terminal);
  if (!scenario.head.title.empty())
    out += wrapped(": " + scenario.head.title,
                   terminal.width - display_width(scenario.head.scenario), 2);
  return out + "\n";
}

std::string load_lines(const Json& summary, const Terminal& terminal) {
  std::string out;
  const Json* jobs = find_in(summary, "jobs");
  if (jobs == nullptr) return application_load_lines(summary, terminal);
  for (const Json& job : *jobs) {
    const Json* options = find_in(job, "job options");
    if (options == nullptr) continue;
    std::string line = fmt::format("load {}:", text_at(job, "jobname"));
    for (const auto& [key, value] : options->items())
      if (key != "name")
        line +=
            fmt::format(" {}={}", key, value.is_string() ? value.get<std::string>() : value.dump());
    out += wrapped(line, terminal.width, 2) + "\n";
  }
  return out + application_load_lines(summary, terminal);
}

Settings settings_of(const Scenario& scenario, const Json& summary) {
  const SystemKind& kind = *scenario.kind;
  Settings out = kind.settings(scenario);
  if (kind.has_agents) out.emplace_back("agent", text_at(summary, "agent"));
  out.emplace_back("seed", fmt::format("{}", scenario.head.seed));
  return out;
}

std::string setting_text(const std::string& name, const std::string& value, bool is_first) {
  return (is_first ? "" : "; ") + (name == "servers" ? value : name + " " + value);
}

std::string run_table(const Scenario& scenario, const Json& summary, const Terminal& terminal) {
  std::string settings;
  for (const auto& [name, value] : settings_of(scenario, summary))
    settings += setting_text(name, value, settings.empty());
  std::string out = heading_of(scenario, terminal) + wrapped(settings, terminal.width, 2) + "\n" +
                    load_lines(summary, terminal);
  for (const std::string& part :
       {figures_of_jobs(summary, terminal), stages_of_jobs(summary, terminal),
        figures_of_applications(summary, terminal), stages_of_applications(summary, terminal),
        faults_of(summary, terminal), pool_tables(summary, terminal),
        resources_of(summary, terminal) + busiest_of(summary, terminal),
        notes_of(summary, terminal)})
    if (!part.empty()) out += "\n" + part;
  return out;
}

}  // namespace orrery
