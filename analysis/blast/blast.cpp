#include "analysis/blast/blast.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "analysis/experiment/run_directory.hpp"
#include "analysis/result/summary_view.hpp"
#include "analysis/run/run.hpp"
#include "analysis/version.hpp"
#include "models/faults/fault.hpp"
#include "scenarios/hardware.hpp"
#include "scenarios/text/nearest.hpp"
#include "sim/random.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

const std::vector<BlastKind>& blast_kinds() {
  using Kind = Equipment::Kind;
  static const std::vector<BlastKind> all = {
      {"server_down", Kind::server, "a storage server stops"},
      {"switch_down", Kind::tor, "a ToR stops"},
      {"switch_down", Kind::spine, "a spine stops"},
      {"switch_down", Kind::core, "a core switch stops"},
      {"switch_isolation", Kind::tor, "a ToR loses its uplinks"},
      {"switch_isolation", Kind::spine, "a spine loses its uplinks"},
      {"blackhole", Kind::tor, "half of the flows vanish in a ToR", 0.5},
      {"blackhole", Kind::spine, "half of the flows vanish in a spine", 0.5},
      {"blackhole", Kind::core, "half of the flows vanish in a core switch", 0.5},
      {"loss", Kind::tor, "a ToR loses 10 % of all frames", 0.1},
      {"loss", Kind::spine, "a spine loses 10 % of all frames", 0.1},
      {"loss", Kind::core, "a core switch loses 10 % of all frames", 0.1},
      {"link_down", Kind::link, "a link loses carrier"},
      {"slow_link", Kind::link, "a link runs at a tenth of its rate", 0.1},
      {"loss", Kind::link, "a link loses 75 % of its frames", 0.75},
      {"blackhole", Kind::port, "all that a port sends vanishes"},
      // Does what link_down does, twice for every link.
      {"port_down", Kind::port, "a port fails, and its link loses carrier", 1, false},
  };
  return all;
}

Duration default_begin(const Scenario& scenario) {
  Duration ramp{};
  for (const JobSpec& job : scenario.workload)
    ramp = std::max(ramp, job.ramp_time.value_or(Duration{}));
  for (const ApplicationSpec& application : scenario.applications)
    ramp = std::max(ramp, application.ramp_time);
  return ramp > Duration{} ? ramp : end_of(scenario) / 5;
}

Duration end_of(const Scenario& scenario) { return scenario.end(); }

std::string BlastCase::name() const {
  std::string text;
  for (const FaultSpec& fault : faults)
    text += fmt::format("{}{} {}", text.empty() ? "" : " and ", fault.kind, fault.target);
  return text;
}

namespace {

// A single failure and where it strikes, while the room stands.
struct Single {
  FaultSpec fault;
  const Equipment* component;
};

void check_kinds(const std::vector<std::string>& kinds) {
  std::vector<std::string> names;
  for (const BlastKind& kind : blast_kinds())
    if (std::find(names.begin(), names.end(), kind.fault) == names.end())
      names.emplace_back(kind.fault);
  for (const std::string& kind : kinds)
    if (std::find(names.begin(), names.end(), kind) == names.end())
      throw unknown_name({"--kinds", 0, 0}, "kind of failure", kind, names);
}

bool is_wanted(const BlastKind& kind, const std::vector<std::string>& kinds) {
  if (kinds.empty()) return kind.is_default;
  return std::find(kinds.begin(), kinds.end(), kind.fault) != kinds.end();
}

FaultSpec fault_of(const BlastKind& kind, const Equipment& component, const BlastPlan& plan,
                   Duration at) {
  FaultSpec fault;
  fault.kind = kind.fault;
  fault.target = component.name;
  fault.at = at;
  fault.lasts = plan.lasts;
  if (kind.fault == "loss") fault.rate = kind.share;
  if (kind.fault == "blackhole") fault.fraction = kind.share;
  if (kind.fault == "slow_link")
    fault.speed = BitRate{component.link->up->rate().bits_per_second() * kind.share};
  return fault;
}

std::vector<Single> singles_of(const std::vector<Equipment>& all, const Hardware& room,
                               const BlastPlan& plan, Duration at) {
  const auto is_storage = [&room](const Node* node) {
    const auto& nodes = room.storage().nodes;
    return std::any_of(nodes.begin(), nodes.end(),
                       [node](const auto& other) { return other.get() == node; });
  };
  std::vector<Single> singles;
  for (const Equipment& component : all) {
    if (!matches(plan.among, component.name)) continue;
    if (component.node != nullptr && (room.frontend() == nullptr || !is_storage(component.node)))
      continue;
    for (const BlastKind& kind : blast_kinds()) {
      if (kind.component != component.kind || !is_wanted(kind, plan.kinds)) continue;
      if (kind.fault == "switch_isolation" && component.switch_->uplinks.empty()) continue;
      singles.push_back({fault_of(kind, component, plan, at), &component});
    }
  }
  return singles;
}

// Whether two failures are of different components. A port belongs to its link.
bool are_apart(const Single& a, const Single& b) {
  const bool share_link = a.component->link != nullptr && a.component->link == b.component->link;
  return a.component != b.component && !share_link;
}

// Pairs without repetition; fewer than asked for where there are not so many.
std::vector<std::pair<std::size_t, std::size_t>> drawn_pairs(const std::vector<Single>& singles,
                                                             std::int64_t wanted,
                                                             std::uint64_t seed) {
  RandomStream draws(seed, "blast/pairs");
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  std::set<std::pair<std::size_t, std::size_t>> known;
  const std::int64_t most_draws = 1000 + 100 * wanted;
  for (std::int64_t i = 0; i < most_draws && std::ssize(pairs) < wanted; ++i) {
    const auto a = static_cast<std::size_t>(draws.below(singles.size()));
    const auto b = static_cast<std::size_t>(draws.below(singles.size()));
    const std::pair pair = std::minmax({a, b});
    if (are_apart(singles[a], singles[b]) && known.insert(pair).second) pairs.push_back(pair);
  }
  return pairs;
}

void check_times(const Scenario& scenario, const BlastPlan& plan) {
  if (!plan.at || *plan.at < end_of(scenario)) return;
  throw InputError({"--at", 0, 0}, "the run is over before the failure begins",
                   "give an earlier time, or a longer `runtime` with --set");
}

}  // namespace

std::vector<BlastCase> blast_cases(const Scenario& scenario, const BlastPlan& plan) {
  check_kinds(plan.kinds);
  check_times(scenario, plan);
  Calendar calendar;
  Hardware room(calendar, scenario);
  const std::vector<Equipment> all = equipment_of(room);
  const std::vector<Single> singles =
      singles_of(all, room, plan, plan.at.value_or(default_begin(scenario)));
  if (singles.empty()) {
    if (room.frontend() == nullptr)
      throw InputError({scenario.head.scenario, 0, 0},
                       "a device stands alone: there is nothing here to break");
    throw InputError({plan.among == "*" ? "--kinds" : "--among", 0, 0},
                     fmt::format("no component here is of '{}' and can fail like that", plan.among),
                     "--dry-run without --kinds and --among lists all there are");
  }
  std::vector<BlastCase> cases;
  if (plan.pairs == 0) {
    for (const Single& one : singles) cases.push_back({{one.fault}, {one.component->kind}});
    return cases;
  }
  for (const auto& [a, b] :
       drawn_pairs(singles, plan.pairs, static_cast<std::uint64_t>(scenario.head.seed)))
    cases.push_back({{singles[a].fault, singles[b].fault},
                     {singles[a].component->kind, singles[b].component->kind}});
  if (cases.empty())
    throw InputError({"--pairs", 0, 0}, "there are no two components here to fail together");
  return cases;
}

Scenario with_faults(const Scenario& scenario, const std::vector<FaultSpec>& faults) {
  Scenario changed = scenario;
  changed.faults = faults;
  changed.head.inject = "*";
  changed.compare.clear();
  changed.notes.clear();
  return changed;
}

Json blast_row(const BlastCase& one, const Json& summary) {
  double hit = 0, failed = 0, volumes = 0, in_flight = 0;
  std::optional<double> worst, last;
  // Of two that begin together, I/Os count for the second.
  for (std::size_t i = 0; i < one.faults.size(); ++i) {
    const std::string fault = fmt::format("faults.{}.", i);
    hit += number_at(summary, fault + "ios_hit").value_or(0);
    failed += number_at(summary, fault + "failed").value_or(0);
    volumes = std::max(volumes, number_at(summary, fault + "volumes_hit").value_or(0));
    // An optional without a value is less than any.
    worst = std::max(worst, number_at(summary, fault + "worst_latency_ns"));
    last = std::max(last, number_at(summary, fault + "last_hit_after_s"));
  }
  for (const Json& job : summary.value("jobs", Json::array()))
    in_flight += number_at(job, "ios.in_flight").value_or(0);
  const auto whole = [](double value) { return static_cast<std::uint64_t>(value); };
  const auto known = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json();
  };
  const FaultSpec* second = one.faults.size() > 1 ? &one.faults[1] : nullptr;
  Json row;
  row["kind"] = one.faults.front().kind;
  row["component"] = one.faults.front().target;
  row["type"] = name_of(one.components.front());
  row["second_kind"] = second != nullptr ? Json(second->kind) : Json();
  row["second_component"] = second != nullptr ? Json(second->target) : Json();
  row["volumes_hit"] = whole(volumes);
  row["ios_hit"] = whole(hit);
  row["hangs_1s"] = whole(number_at(summary, "hangs.over_1s").value_or(0));
  row["hangs_60s"] = whole(number_at(summary, "hangs.over_60s").value_or(0));
  row["volumes_hung"] = whole(number_at(summary, "hangs.volumes").value_or(0));
  row["failed"] = whole(failed);
  row["worst_latency_ns"] = known(worst);
  row["last_hit_after_s"] = known(last);
  row["in_flight_at_end"] = whole(in_flight);
  row["broken_checks"] = broken_checks(summary);
  return row;
}

bool is_blast_row(const Json& row) {
  const auto is_number = [&row](const char* key) {
    return row.contains(key) && (row[key].is_number() || row[key].is_null());
  };
  const auto is_text = [&row](const char* key) {
    return row.contains(key) && (row[key].is_string() || row[key].is_null());
  };
  constexpr std::array kTexts = {"kind", "component", "type", "second_kind", "second_component"};
  constexpr std::array kNumbers = {"volumes_hit",      "ios_hit",          "hangs_1s",
                                   "hangs_60s",        "volumes_hung",     "failed",
                                   "worst_latency_ns", "last_hit_after_s", "in_flight_at_end"};
  return row.is_object() && std::all_of(kTexts.begin(), kTexts.end(), is_text) &&
         std::all_of(kNumbers.begin(), kNumbers.end(), is_number) &&
         row.contains("broken_checks") && row["broken_checks"].is_array();
}

BlastOutcome run_cases(const Scenario& scenario, const std::vector<BlastCase>& cases, int processes,
                       const ReportProgress& progress, const BlastEnded& ended) {
  std::vector<ProcessJob> jobs;
  for (const BlastCase& one : cases)
    jobs.push_back({one.name(), [&scenario, &one](const ReportProgress& report) {
                      RunOptions options;
                      options.progress = report;
                      const Scenario broken = with_faults(scenario, one.faults);
                      return blast_row(one, run_scenario(broken, options)).dump();
                    }});
  BlastOutcome outcome;
  outcome.rows.resize(cases.size());
  ProcessOptions options;
  options.at_most = processes;
  options.progress = progress;
  options.ended = [&](std::size_t i, const ProcessResult& result) {
    if (!result.output) {
      outcome.failures.push_back(fmt::format("{}: {}", cases[i].name(), result.failure));
      return;
    }
    outcome.rows[i] = Json::parse(*result.output);
    if (ended) ended(i, outcome.rows[i]);
  };
  run_in_processes(jobs, options);
  return outcome;
}

std::vector<Json> ranked(std::vector<Json> rows) {
  const auto badness = [](const Json& row) {
    return std::tuple(number_at(row, "hangs_1s"), number_at(row, "hangs_60s"),
                      number_at(row, "failed"), number_at(row, "volumes_hit"),
                      number_at(row, "last_hit_after_s"), number_at(row, "worst_latency_ns"));
  };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const Json& a, const Json& b) { return badness(a) > badness(b); });
  return rows;
}

Json blast_json(const Scenario& scenario, const BlastPlan& plan,
                const std::vector<Json>& ranked_rows) {
  Json out;
  out["orrery version"] = kProgramVersion;
  out["scenario"] = scenario.head.scenario;
  out["title"] = scenario.head.title;
  out["seed"] = scenario.head.seed;
  out["at_s"] = to_seconds(plan.at.value_or(default_begin(scenario)));
  out["for_s"] = plan.lasts ? Json(to_seconds(*plan.lasts)) : Json();
  out["end_s"] = to_seconds(end_of(scenario));
  out["failures"] = ranked_rows;
  return out;
}

std::string blast_csv(const std::vector<Json>& ranked_rows) {
  Json rows = Json::array();
  for (Json row : ranked_rows) {
    row["broken_checks"] = row["broken_checks"].size();
    rows.push_back(std::move(row));
  }
  return csv_of({"kind", "component", "type", "second_kind", "second_component", "volumes_hit",
                 "ios_hit", "hangs_1s", "hangs_60s", "volumes_hung", "failed", "worst_latency_ns",
                 "last_hit_after_s", "in_flight_at_end", "broken_checks"},
                rows);
}

}  // namespace orrery
