#include "analysis/fleet/fleet_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "analysis/result/summary_view.hpp"
#include "analysis/run/run_table.hpp"
#include "analysis/terminal/figures.hpp"
#include "analysis/terminal/text_table.hpp"
#include "scenarios/systems/fleet/fleet_spec.hpp"
#include "scenarios/text/value_text.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

using Text = std::function<std::string(double)>;

std::string whole_text(double value) { return fmt::format("{:.0f}", value); }
std::string mean_text(double value) { return fmt::format("{:.2f}", value); }
std::string space_text(double bytes) {
  if (bytes == 0) return kNoFigure;
  if (bytes >= 1e15) return fmt::format("{:.3g} PB", bytes / 1e15);
  return bytes >= 1e12 ? fmt::format("{:.3g} TB", bytes / 1e12) : size_text(bytes);
}
std::string duration_text(double in_seconds) {
  if (in_seconds >= 86400) return fmt::format("{:.1f} d", in_seconds / 86400);
  if (in_seconds >= 3 * 3600) return fmt::format("{:.1f} h", in_seconds / 3600);
  if (in_seconds >= 180) return fmt::format("{:.1f} min", in_seconds / 60);
  return time_text(in_seconds * 1e9);
}

class FleetTable {
 public:
  FleetTable(const std::vector<FleetColumn>& columns, const Terminal& terminal)
      : columns_(columns), terminal_(terminal), table_(titles(columns)) {}

  // A group's heading is printed before its first row.
  void group(std::string heading) { heading_ = std::move(heading); }

  // One row of figures at a path below `fleet`; left out if all are missing, or nought and not
  // `always`.
  void row(const std::string& title, const std::string& path, const Text& text,
           bool always = false) {
    std::vector<TextTable::Cell> cells{title};
    bool says_something = false;
    for (const FleetColumn& column : columns_) {
      const auto value = number_at(*column.summary, "fleet." + path);
      says_something |= value && (always || *value != 0);
      cells.emplace_back(value ? text(*value) : kNoFigure);
    }
    if (says_something) add(std::move(cells));
  }

  // A row per key that any column has at a path, largest first.
  void rows(const std::string& prefix, const std::string& path, const Text& text, double least,
            const std::vector<std::string>& without = {}) {
    std::vector<std::pair<double, std::string>> keys;
    for (const FleetColumn& column : columns_) {
      const Json* map = find_in(*column.summary, "fleet." + path);
      if (map == nullptr) continue;
      for (const auto& [key, value] : map->items()) {
        if (std::find(without.begin(), without.end(), key) != without.end()) continue;
        const auto same = std::find_if(keys.begin(), keys.end(),
                                       [&key = key](const auto& k) { return k.second == key; });
        if (same == keys.end()) keys.emplace_back(value.get<double>(), key);
        else same->first = std::max(same->first, value.get<double>());
      }
    }
    std::stable_sort(keys.begin(), keys.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [most, key] : keys) {
      if (most < least) continue;
      std::vector<TextTable::Cell> cells{prefix + key};
      for (const FleetColumn& column : columns_) {
        const Json* map = find_in(*column.summary, "fleet." + path);
        const bool has = map != nullptr && map->contains(key);
        cells.emplace_back(has ? text((*map)[key].get<double>()) : kNoFigure);
      }
      add(std::move(cells));
    }
  }

  std::string render() const { return table_.render(terminal_); }

 private:
  static std::vector<TextTable::Column> titles(const std::vector<FleetColumn>& columns) {
    std::vector<TextTable::Column> all{{"", Align::left, false}};
    for (const FleetColumn& column : columns) all.push_back({column.label, Align::right, false});
    return all;
  }
  void add(std::vector<TextTable::Cell> cells) {
    if (!heading_.empty()) table_.heading(std::exchange(heading_, {}));
    table_.row(std::move(cells));
  }

  const std::vector<FleetColumn>& columns_;
  const Terminal& terminal_;
  TextTable table_;
  std::string heading_;
};

std::string ended_text(const Json& summary) {
  const bool is_full = summary.at("fleet").at("is_full").get<bool>();
  const std::string at = duration_text(*number_at(summary, "fleet.ended_s"));
  return is_full ? "full after " + at : "at the end, " + at;
}

}  // namespace

std::string fleet_table(const Scenario& scenario, const std::vector<FleetColumn>& columns,
                        const Terminal& terminal) {
  const FleetSpec& spec = *scenario.fleet;
  std::string out = heading_of(scenario, terminal);
  out +=
      fmt::format("{} nodes, {} pods asked for", spec.demand.nodes.size(), spec.demand.pods.size());
  if (spec.input.broken > 0)
    out += fmt::format(", {} of {} rows of input broken", spec.input.broken, spec.input.rows);
  out += "\n\n";

  FleetTable table(columns, terminal);
  table.group("used");
  table.row("  CPU", "used.cpu", percent_text, true);
  table.row("  memory", "used.memory", percent_text, true);
  table.row("  disk", "used.disk", percent_text, true);
  table.row("  remote volumes", "volumes.remote_share", percent_text, true);
  table.row("    share of bytes", "volumes.remote_bytes_share", percent_text);
  table.row("    mean size", "volumes.mean_remote_bytes", space_text);
  table.row("  nodes affected by one node failure, mean", "blast_radius.nodes.mean", mean_text,
            true);
  table.row("    most", "blast_radius.nodes.max", whole_text, true);
  table.row("  pods affected, mean", "blast_radius.pods.mean", mean_text);
  table.group("stranded CPU, by cause");
  table.rows("  ", "stranded.cpu", percent_text, 0.002);
  table.group("stranded disk, by cause");
  table.rows("  ", "stranded.disk", percent_text, 0.002);
  table.group("pods");
  table.row("  running", "pods.running", whole_text, true);
  table.row("  waiting", "pods.waiting", whole_text, true);
  table.row("  on dead nodes", "pods.on_dead_nodes", whole_text);
  table.row("  impossible", "pods.impossible", whole_text);
  table.row("  deleted", "pods.deleted", whole_text);
  table.row("    before they ran", "pods.deleted_before_they_ran", whole_text);
  table.row("  evicted", "pods.evicted", whole_text);
  table.row("    stuck terminating", "pods.stuck_terminating", whole_text);
  table.row("  recreated", "pods.recreated", whole_text);
  table.row("  volumes without a pool", "volumes.without_pool", whole_text);
  table.group("waiting for");
  table.rows("  ", "waiting_for", whole_text, 1);
  table.group("scheduling");
  table.row("  pods bound", "scheduling.pods_per_second", [](double per_second) {
    return per_second >= 1 ? number_text(per_second) + " /s"
                           : number_text(per_second * 3600) + " /h";
  });
  table.row("  from created to bound, p50", "scheduling.to_bind_s.p50", duration_text);
  table.row("    p99", "scheduling.to_bind_s.p99", duration_text);
  table.row("  from created to running, p50", "scheduling.to_run_s.p50", duration_text);
  table.row("    p99", "scheduling.to_run_s.p99", duration_text);
  table.row("  attempts that failed", "scheduling.failed_attempts", whole_text);
  table.row("  conflicts", "scheduling.conflicts", whole_text, true);
  table.row("  over-commitments", "scheduling.over_commitments", whole_text, true);
  table.row("  silent reserve failures", "scheduling.silent_reserve_failures", whole_text, true);
  table.row("  volume creations that failed", "scheduling.failed_creations", whole_text);
  table.row("  volumes not placed at once", "scheduling.volumes_that_hung", whole_text, true);
  table.row("  volumes placed on lost nodes", "scheduling.volumes_placed_on_lost_nodes",
            whole_text);
  table.group("nodes");
  table.row("  lost", "lifecycle.nodes_lost", whole_text);
  table.row("  until NotReady, mean", "lifecycle.to_not_ready_s.mean", duration_text);
  table.row("  until the pool is unknown, min", "lifecycle.to_pool_unknown_s.min", duration_text);
  table.row("    mean", "lifecycle.to_pool_unknown_s.mean", duration_text);
  table.row("    max", "lifecycle.to_pool_unknown_s.max", duration_text);
  table.row("  until pods are evicted, p50", "lifecycle.to_eviction_s.p50", duration_text);
  table.row("  pools offline", "lifecycle.pools_offline", whole_text);
  table.row("  volumes lost", "lifecycle.volumes_lost", whole_text);
  table.row("  replicas copied", "lifecycle.rebuilds", whole_text);
  table.row("  restored (no replica left)", "lifecycle.restores", whole_text);
  table.row("    data copied", "lifecycle.rebuilt_bytes", space_text);
  table.row("    from loss to copied, p50", "lifecycle.rebuild_s.p50", duration_text);
  table.row("  drained", "lifecycle.drains", whole_text);
  table.row("    pods that stayed", "lifecycle.drains_blocked_by_pods", whole_text);
  table.group("migrations");
  table.row("  finished", "migrations.finished", whole_text);
  table.row("  failed", "migrations.failed", whole_text);
  table.row("  data moved", "migrations.bytes", space_text);
  table.row("  time, p50", "migrations.time_s.p50", duration_text);
  table.group("volume groups");
  table.row("  asked for", "groups.asked_for", whole_text);
  table.row("  became ready", "groups.became_ready", whole_text);
  table.row("    parts", "groups.parts", whole_text);
  table.row("    time, p50", "groups.to_ready_s.p50", duration_text);
  table.row("  plans without room", "groups.plans_without_room", whole_text);
  table.row("  rolled back", "groups.rolled_back", whole_text);
  table.row("  degraded by a node failure", "groups.degraded", whole_text);
  table.group("snapshots");
  table.row("  taken", "snapshots.made", whole_text);
  table.row("  refused", "snapshots.refused", whole_text);
  table.row("  merges that failed", "snapshots.merges_failed", whole_text);
  out += table.render();

  out += "\n";
  for (const FleetColumn& column : columns)
    out += column.label.empty()
               ? ended_text(*column.summary) + "\n"
               : fmt::format("{}: {}\n", column.label, ended_text(*column.summary));
  std::vector<std::string> notes;
  for (const FleetColumn& column : columns)
    for (const Json& note : (*column.summary)["notes"]) {
      const std::string text = note.get<std::string>();
      if (std::find(notes.begin(), notes.end(), text) == notes.end()) notes.push_back(text);
    }
  for (const std::string& note : notes)
    out += styled(wrapped("note: " + note, terminal.width, 6), Style::warn, terminal) + "\n";
  for (const FleetColumn& column : columns)
    for (const std::string& broken : broken_checks(*column.summary))
      out += styled(wrapped(fmt::format("CHECK BROKEN{}: {}",
                                        column.label.empty() ? "" : " in " + column.label, broken),
                            terminal.width, 2),
                    Style::bad, terminal) +
             "\n";
  return out;
}

namespace {

std::string verdict_table(const Json& told, const char* things, const Terminal& terminal) {
  if (!told.contains("verdicts")) return {};
  TextTable table({{"shape"}, {things, Align::right}, {"filter"}, {"reason", Align::left, true}});
  for (const Json& row : told["verdicts"]) {
    const std::string filter = row["filter"].get<std::string>();
    table.row({row["shape"].get<std::string>(), whole_text(row[things].get<double>()),
               filter.empty() ? "passed" : filter, row["reason"].get<std::string>()});
  }
  return table.render(terminal);
}

std::string score_table(const Json& told, const char* thing, const Terminal& terminal) {
  if (!told.contains("scores")) return {};
  std::vector<TextTable::Column> columns{{thing}};
  const Json first = told["scores"][0].value("scores", Json::object());
  for (const auto& [name, points] : first.items()) columns.push_back({name, Align::right});
  columns.push_back({"total", Align::right});
  columns.push_back({""});
  TextTable table(columns);
  for (const Json& row : told["scores"]) {
    std::vector<TextTable::Cell> cells{row[thing].get<std::string>()};
    const Json scores = row.value("scores", Json::object());
    for (const auto& [name, points] : scores.items())
      cells.emplace_back(whole_text(points.get<double>()));
    cells.emplace_back(whole_text(row["total"].get<double>()));
    cells.emplace_back(row["chosen"].get<bool>() ? "chosen" : "");
    table.row(std::move(cells));
  }
  return table.render(terminal);
}

}  // namespace

std::string explanation_text(const Json& summary, const std::string& pod,
                             const Terminal& terminal) {
  const Json& told = summary.at("explanation");
  const std::string node = told["chosen"].get<std::string>();
  std::string out = wrapped(fmt::format("{}: at {}, {} of {} nodes were visited, {} feasible; {}",
                                        pod, duration_text(told["at_s"].get<double>()),
                                        whole_text(told["visited"].get<double>()),
                                        whole_text(told["nodes"].get<double>()),
                                        whole_text(told["feasible"].get<double>()),
                                        node.empty() ? "none chosen" : "chosen: " + node),
                            terminal.width, 2) +
                    "\n\n";
  out += verdict_table(told, "nodes", terminal);
  const std::string scores = score_table(told, "node", terminal);
  if (!scores.empty()) out += "\n" + scores;
  if (!told.contains("volume")) return out;
  const Json& volume = told["volume"];
  const std::string chosen = volume["chosen"].get<std::string>();
  out += fmt::format("\nits first volume: {}\n\n",
                     chosen.empty() ? "no pool" : "in the pool of " + chosen);
  out += verdict_table(volume, "pools", terminal);
  const std::string points = score_table(volume, "pool", terminal);
  if (!points.empty()) out += "\n" + points;
  return out;
}

}  // namespace orrery
