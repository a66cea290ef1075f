#include "analysis/compare/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/result/summary_view.hpp"
#include "analysis/run/run_table.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

std::string_view unit_name(Unit unit) {
  switch (unit) {
    case Unit::ios_per_second: return "IOPS";
    case Unit::bytes_per_second: return "B/s";
    case Unit::bytes: return "B";
    case Unit::nanoseconds: return "ns";
    case Unit::fraction: return "fraction";
    case Unit::count:
    case Unit::plain:
    case Unit::text: break;
  }
  return "";
}

// Builds rows from the same path in every variant's summary; a row without any value is not made.
class Rows {
 public:
  explicit Rows(const std::vector<ComparedVariant>& variants) : variants_(variants) {}

  struct Source {
    std::string path;
    std::string interval;
    std::string saturated;  // a flag that makes the value meaningless
  };

  void add(std::string group, std::string metric, Unit unit, const Source& source) {
    ComparisonRow row{std::move(group), std::move(metric), unit, {}, {}, {}, {}};
    bool is_any = false;
    for (const ComparedVariant& variant : variants_) {
      const Json* saturated =
          source.saturated.empty() ? nullptr : find_in(*variant.summary, source.saturated);
      row.saturated.push_back(saturated != nullptr && *saturated == true);
      const auto value = number_at(*variant.summary, source.path);
      row.values.push_back(row.saturated.back() ? std::nullopt : value);
      row.intervals.push_back(source.interval.empty() || row.saturated.back()
                                  ? std::nullopt
                                  : interval_at(*variant.summary, source.interval));
      is_any |= value.has_value() || row.saturated.back();
    }
    if (is_any) rows_.push_back(std::move(row));
  }

  // A row of what `figure` makes of each summary.
  template <class Figure>
  void add_made(std::string group, std::string metric, Unit unit, const Figure& figure) {
    ComparisonRow row{std::move(group), std::move(metric), unit, {}, {}, {}, {}};
    bool is_any = false;
    for (const ComparedVariant& variant : variants_) {
      row.values.push_back(figure(*variant.summary));
      is_any |= row.values.back().has_value();
    }
    row.intervals.resize(row.values.size());
    row.saturated.resize(row.values.size());
    if (is_any) rows_.push_back(std::move(row));
  }

  // What distinguishes the variants and is not in their labels, and where their agents run in any case. Systems of different
  // kinds have different settings.
  void add_settings() {
    std::vector<Settings> all;
    std::vector<std::string> names;
    for (const ComparedVariant& variant : variants_) {
      all.push_back(settings_of(variant.variant->scenario, *variant.summary));
      for (const auto& [name, value] : all.back())
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    for (const std::string& name : names) {
      ComparisonRow row{"setting", name, Unit::text, {}, {}, {}, {}};
      bool is_said = true;
      for (std::size_t v = 0; v < all.size(); ++v) {
        const auto found = std::find_if(all[v].begin(), all[v].end(),
                                        [&](const auto& setting) { return setting.first == name; });
        row.texts.push_back(found == all[v].end() ? std::string{} : found->second);
        is_said &= variants_[v].variant->label.find(row.texts.back()) != std::string::npos;
      }
      const bool differs = std::any_of(row.texts.begin(), row.texts.end(),
                                       [&](const auto& text) { return text != row.texts[0]; });
      row.values.resize(all.size());
      row.intervals.resize(all.size());
      row.saturated.resize(all.size());
      if ((differs && !is_said) || name == "agent") rows_.push_back(std::move(row));
    }
  }

  // What binds, or would first. That a variant is saturated makes it no less worth knowing.
  void add_busiest(std::string metric, std::string_view list) {
    ComparisonRow row{std::string(kBusiest), std::move(metric), Unit::text, {}, {}, {}, {}};
    bool is_any = false;
    for (const ComparedVariant& variant : variants_) {
      row.texts.push_back(busiest_in(*variant.summary, list));
      is_any |= !row.texts.back().empty();
    }
    row.values.resize(row.texts.size());
    row.intervals.resize(row.texts.size());
    row.saturated.resize(row.texts.size());
    if (is_any) rows_.push_back(std::move(row));
  }

  // The last row again goes when it says nothing: every value below `least`.
  void drop_last_below(double least) {
    const auto& row = rows_.back();
    if (std::all_of(row.values.begin(), row.values.end(),
                    [least](const auto& value) { return value.value_or(0) < least; }))
      rows_.pop_back();
  }

  std::size_t size() const { return rows_.size(); }
  std::vector<ComparisonRow> take() { return std::move(rows_); }

 private:
  const std::vector<ComparedVariant>& variants_;
  std::vector<ComparisonRow> rows_;
};

void add_side(Rows& rows, std::size_t job, const std::string& name, const std::string& direction,
              const std::vector<std::string>& stages) {
  const std::string at = fmt::format("jobs.{}.{}.", job, direction);
  const std::string group = name + " " + direction;
  const std::string saturated = at + "saturated";
  rows.add(group, "IOPS", Unit::ios_per_second, {at + "iops", at + "intervals.iops", {}});
  rows.add(group, "bandwidth", Unit::bytes_per_second, {at + "bw_bytes", {}, {}});
  rows.add(group, "mean", Unit::nanoseconds,
           {at + "lat_ns.mean", at + "intervals.lat_mean_ns", saturated});
  rows.add(group, "p50", Unit::nanoseconds,
           {at + "lat_ns.p50", at + "intervals.lat_p50_ns", saturated});
  rows.add(group, "p99", Unit::nanoseconds,
           {at + "lat_ns.p99", at + "intervals.lat_p99_ns", saturated});
  rows.add(group, "p99.9", Unit::nanoseconds, {at + "lat_ns.p99_9", {}, saturated});
  const std::string breakdown = group + ", mean per stage";
  for (const std::string& stage : stages) {
    rows.add(breakdown, stage, Unit::nanoseconds,
             {at + "stages." + stage + ".total_ns.mean", {}, saturated});
    rows.add(breakdown, "  of it waiting", Unit::nanoseconds,
             {at + "stages." + stage + ".wait_ns.mean", {}, saturated});
    rows.drop_last_below(100);
  }
}

// Stages of this job and direction in which any variant spent time.
std::vector<std::string> stages_of(const std::vector<ComparedVariant>& variants, std::size_t job,
                                   const std::string& direction) {
  std::vector<std::string> names;
  for (const ComparedVariant& variant : variants) {
    const Json* stages =
        find_in(*variant.summary, fmt::format("jobs.{}.{}.stages", job, direction));
    if (stages == nullptr) continue;
    for (const auto& [name, stage] : stages->items())
      if (number_at(stage, "total_ns.mean").value_or(0) > 0 &&
          std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
  }
  return names;
}

// Operations and engines of the applications that the first variant has.
void add_applications(Rows& rows, const std::vector<ComparedVariant>& variants) {
  const Json* applications = find_in(*variants[0].summary, "applications");
  if (applications == nullptr) return;
  for (std::size_t a = 0; a < applications->size(); ++a) {
    const std::string name = text_at((*applications)[a], "name");
    const std::string in = fmt::format("applications.{}.", a);
    const Json* operations = find_in((*applications)[a], "operations");
    for (std::size_t o = 0; operations != nullptr && o < operations->size(); ++o) {
      const std::string at = in + fmt::format("operations.{}.", o);
      const std::string group = name + " " + text_at((*operations)[o], "name");
      const std::string saturated = at + "saturated";
      if (number_at((*operations)[o], "counts.arrived").value_or(0) <= 0) continue;
      rows.add(group, "ops/s", Unit::count, {at + "ops", at + "intervals.ops", {}});
      rows.add(group, "mean", Unit::nanoseconds,
               {at + "lat_ns.mean", at + "intervals.lat_mean_ns", saturated});
      rows.add(group, "p50", Unit::nanoseconds,
               {at + "lat_ns.p50", at + "intervals.lat_p50_ns", saturated});
      rows.add(group, "p99", Unit::nanoseconds,
               {at + "lat_ns.p99", at + "intervals.lat_p99_ns", saturated});
      rows.add(group, "p99.9", Unit::nanoseconds, {at + "lat_ns.p99_9", {}, saturated});
    }
    const std::string group = name + " engine";
    rows.add(group, "row cache hits", Unit::fraction, {in + "row_cache_hit_ratio", {}, {}});
    rows.add(group, "block cache hits", Unit::fraction, {in + "block_cache_hit_ratio", {}, {}});
    rows.add(group, "write amplification", Unit::plain, {in + "write_amplification", {}, {}});
    const auto seconds = [&](const char* metric, const std::string& path) {
      const std::size_t before = rows.size();
      rows.add_made(group, metric, Unit::nanoseconds, [&](const Json& summary) {
        auto value = number_at(summary, in + path);
        if (value) *value *= 1e9;
        return value;
      });
      if (rows.size() > before) rows.drop_last_below(1);
    };
    seconds("updates stopped", "stalls.stopped_s");
    seconds("slowed down", "stalls.slowed_s");
  }
}

// Over all faults of a run; nothing where none hit anything that has the figure.
std::optional<double> over_faults(const Json& summary, const char* key, bool is_sum) {
  const Json* faults = find_in(summary, "faults");
  if (faults == nullptr) return std::nullopt;
  std::optional<double> all;
  for (const Json& fault : *faults)
    if (const auto one = number_at(fault, key))
      all = is_sum ? all.value_or(0) + *one : std::max(all.value_or(*one), *one);
  return all;
}

// What faults did, and hangs in any case: there are some without a fault, under overload.
void add_faults(Rows& rows, const std::vector<ComparedVariant>& variants) {
  const bool is_any =
      std::any_of(variants.begin(), variants.end(), [](const ComparedVariant& variant) {
        const Json* faults = find_in(*variant.summary, "faults");
        return faults != nullptr && !faults->empty();
      });
  const std::string group = "faults: I/Os in all; volumes, latency and time of the worst fault";
  const auto over = [&](const char* metric, Unit unit, const char* key, bool is_sum,
                        double scale = 1) {
    rows.add_made(group, metric, unit, [=](const Json& summary) {
      auto value = over_faults(summary, key, is_sum);
      if (value) *value *= scale;
      return value;
    });
  };
  if (is_any) {
    over("I/Os hit", Unit::count, "ios_hit", true);
    over("volumes hit", Unit::count, "volumes_hit", false);
    over("failed", Unit::count, "failed", true);
    over("hit >= 1 s", Unit::count, "hangs_1s", true);
    over("hit >= 60 s", Unit::count, "hangs_60s", true);
    rows.drop_last_below(1);
    over("worst latency", Unit::nanoseconds, "worst_latency_ns", false);
    over("last hit after", Unit::nanoseconds, "last_hit_after_s", false, 1e9);
  }
  const std::size_t before = rows.size();
  rows.add(group, "all >= 1 s", Unit::count, {"hangs.over_1s", {}, {}});
  if (!is_any && rows.size() > before) rows.drop_last_below(1);
}

// Of the ports between servers and switches and between switches, not of NICs, whose queue is in host memory.
std::optional<double> longest_queue(const Json& summary, const std::string& fabric) {
  const Json* ports = find_in(summary, "ports");
  if (ports == nullptr) return std::nullopt;
  std::optional<double> most;
  for (const Json& port : *ports) {
    const std::string name = text_at(port, "name");
    if (!name.starts_with(fabric + "/") || name.find("->") == std::string::npos) continue;
    if (const auto queue = number_at(port, "peak_queue_bytes"))
      most = std::max(most.value_or(0), *queue);
  }
  return most;
}

// Queues and losses of every network, where there are any to speak of.
void add_networks(Rows& rows, const std::vector<ComparedVariant>& variants) {
  std::vector<std::string> names;
  for (const ComparedVariant& variant : variants)
    if (const Json* all = find_in(*variant.summary, "network"))
      for (const auto& [name, network] : all->items())
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  for (const std::string& name : names) {
    const std::string group = name + " network";
    const std::size_t before = rows.size();
    rows.add_made(group, "longest queue", Unit::bytes,
                  [&](const Json& summary) { return longest_queue(summary, name); });
    if (rows.size() > before) rows.drop_last_below(1e5);
    const auto count = [&](const char* metric, const char* key) {
      const std::size_t so_far = rows.size();
      rows.add(group, metric, Unit::count, {"network." + name + "." + key, {}, {}});
      if (rows.size() > so_far) rows.drop_last_below(1);
    };
    count("packets lost", "packets_dropped");
    count("frames lost of bursts", "frames_lost_of_bursts");
    count("sent again", "packets_resent");
    count("timeouts", "timeouts");
    count("paths redrawn", "path_changes");
    count("pauses", "pauses");
  }
}

// Over all operations of a kind that have the figure: the largest, or how many there are.
std::optional<double> over_operations(const Json& summary, const char* kind, const char* key) {
  const Json* all = find_in(summary, "operations");
  std::optional<double> most;
  if (all != nullptr)
    for (const Json& one : *all)
      if (text_at(one, "kind") == kind)
        if (const auto value = number_at(one, key)) most = std::max(most.value_or(0), *value);
  return most;
}

void add_pools(Rows& rows) {
  const auto largest = [&](const char* group, const char* metric, const char* kind,
                           const char* key) {
    rows.add_made(group, metric, Unit::nanoseconds, [=](const Json& summary) {
      auto value = over_operations(summary, kind, key);
      if (value) *value *= 1e9;
      return value;
    });
  };
  largest("hot upgrades", "mean pause", "hot_upgrade", "mean_pause_s");
  largest("hot upgrades", "longest pause", "hot_upgrade", "longest_pause_s");
  rows.add_made("hot migrations", "rounds", Unit::count,
                [](const Json& summary) -> std::optional<double> {
                  const Json* all = find_in(summary, "operations");
                  std::optional<double> rounds;
                  if (all == nullptr) return rounds;
                  for (const Json& one : *all)
                    if (const Json* list = find_in(one, "rounds"))
                      rounds = rounds.value_or(0) + static_cast<double>(list->size());
                  return rounds;
                });
  rows.add_made("hot migrations", "copied", Unit::bytes, [](const Json& summary) {
    return over_operations(summary, "hot_migration", "copied_bytes");
  });
  largest("hot migrations", "I/O held", "hot_migration", "pause_s");
  largest("hot migrations", "in all", "hot_migration", "total_s");
  rows.add("caches", "read hits", Unit::fraction, {"caches.0.read_hit_ratio", {}, {}});
  rows.add("caches", "stalled writes", Unit::count, {"caches.0.stalled_writes", {}, {}});
}

}  // namespace

std::optional<double> ComparisonRow::ratio(std::size_t variant) const {
  if (!values[0] || !values[variant] || *values[0] == 0) return std::nullopt;
  return *values[variant] / *values[0];
}

std::vector<ComparisonRow> compare(const std::vector<ComparedVariant>& variants) {
  Rows rows(variants);
  if (variants.empty()) return {};
  const Json& first = *variants[0].summary;
  rows.add_settings();
  std::vector<std::pair<std::size_t, std::string>> sides;
  const std::size_t jobs = find_in(first, "jobs") != nullptr ? first["jobs"].size() : 0;
  for (std::size_t job = 0; job < jobs; ++job) {
    for (const char* direction : {"read", "write"}) {
      const bool is_used =
          std::any_of(variants.begin(), variants.end(), [&](const ComparedVariant& variant) {
            const auto used = sides_of(*variant.summary);
            return std::any_of(used.begin(), used.end(), [&](const JobSide& side) {
              return side.direction == direction &&
                     side.job == text_at(first, fmt::format("jobs.{}.jobname", job));
            });
          });
      if (is_used)
        add_side(rows, job, text_at(first, fmt::format("jobs.{}.jobname", job)), direction,
                 stages_of(variants, job, direction));
    }
  }
  add_applications(rows, variants);
  add_faults(rows, variants);
  add_pools(rows);
  add_networks(rows, variants);
  const std::string group = "in use: cores per server; of PCIe, links and SSDs the busiest";
  const auto used = [&](const char* metric, Unit unit, const std::string& key) {
    rows.add(group, metric, unit, {"resources." + key, {}, {}});
  };
  used("host cores", Unit::plain, "compute_cores_used");
  used("DPU cores", Unit::plain, "dpu_cores_used");
  used("storage cores", Unit::plain, "storage_cores_used");
  used("compute reactors", Unit::plain, "compute_engine_cores_used");
  used("storage reactors", Unit::plain, "storage_engine_cores_used");
  used("busiest reactor", Unit::fraction, "busiest_reactor");
  used("internal PCIe", Unit::fraction, "internal_pcie_utilisation");
  used("host PCIe", Unit::fraction, "host_pcie_utilisation");
  used("compute links", Unit::fraction, "compute_link_utilisation");
  used("storage links", Unit::fraction, "storage_link_utilisation");
  used("spine links", Unit::fraction, "spine_link_utilisation");
  used("SSDs", Unit::fraction, "ssd_utilisation");
  rows.add_busiest("busiest station", "stations");
  rows.add_busiest("busiest link", "ports");
  return rows.take();
}

Json comparison_json(const LoadedScenario& base, const std::vector<ComparedVariant>& variants) {
  Json out;
  if (!variants.empty()) out["orrery version"] = variants[0].summary->value("orrery version", "");
  out["scenario"] = base.scenario.head.scenario;
  out["title"] = base.scenario.head.title;
  out["variants"] = Json::array();
  for (const ComparedVariant& variant : variants) {
    Json settings = Json::object();
    for (const auto& [key, value] : variant.variant->settings) settings[key] = value;
    out["variants"].push_back(
        {{"label", variant.variant->label}, {"settings", settings}, {"summary", *variant.summary}});
  }
  out["rows"] = Json::array();
  for (const ComparisonRow& row : compare(variants)) {
    Json values = Json::array(), ratios = Json::array(), intervals = Json::array();
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      const auto ratio = row.ratio(i);
      values.push_back(row.unit == Unit::text ? Json(row.texts[i])
                       : row.saturated[i]     ? Json("saturated")
                       : row.values[i]        ? Json(*row.values[i])
                                              : Json());
      ratios.push_back(ratio ? Json(*ratio) : Json());
      intervals.push_back(row.intervals[i] ? Json{row.intervals[i]->first, row.intervals[i]->second}
                                           : Json());
    }
    out["rows"].push_back({{"group", row.group},
                           {"metric", row.metric},
                           {"unit", unit_name(row.unit)},
                           {"values", values},
                           {"intervals", intervals},
                           {"ratios", ratios}});
  }
  return out;
}

std::string comparison_csv(const std::vector<ComparedVariant>& variants) {
  std::string out = "group,metric,unit,variant,value,ratio\n";
  auto cell = [](std::string text) {
    text.erase(0, text.find_first_not_of(' '));
    if (text.find_first_of(",\"") == std::string::npos) return text;
    std::string quoted = "\"";
    for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
  };
  std::string stage;
  for (const ComparisonRow& row : compare(variants)) {
    // Out of its place in the table a share of waiting has to say of which stage.
    const bool is_share = row.metric.starts_with(' ');
    if (!is_share) stage = row.metric;
    const std::string metric = is_share ? stage + " waiting" : row.metric;
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      const auto ratio = row.ratio(i);
      out += fmt::format("{},{},{},{},{},{}\n", cell(row.group), cell(metric), unit_name(row.unit),
                         cell(variants[i].variant->label),
                         row.unit == Unit::text ? cell(row.texts[i])
                         : row.saturated[i]     ? "saturated"
                         : row.values[i]        ? fmt::format("{}", *row.values[i])
                                                : "",
                         ratio ? fmt::format("{}", *ratio) : "");
    }
  }
  return out;
}

}  // namespace orrery
