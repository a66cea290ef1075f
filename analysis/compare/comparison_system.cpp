// What happened to the system under the load: faults, operations of pools, networks, and what was
// busy.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/compare/comparison_rows.hpp"
#include "analysis/result/summary_view.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

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

// Of the ports between servers and switches and between switches, not of NICs, whose queue is in
// host memory.
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

}  // namespace

// What faults did, and hangs in any case: there are some without a fault, under overload.
void add_faults(ComparisonRows& rows) {
  const auto& variants = rows.variants();
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

void add_pools(ComparisonRows& rows) {
  const auto largest = [&](const char* group, const char* metric, const char* kind,
                           const char* key) {
    rows.add_seconds(group, metric,
                     [=](const Json& summary) { return over_operations(summary, kind, key); });
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

// Queues and losses of every network, where there are any to speak of.
void add_networks(ComparisonRows& rows) {
  const auto& variants = rows.variants();
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
    count("frames lost from bursts", "frames_lost_of_bursts");
    count("sent again", "packets_resent");
    count("timeouts", "timeouts");
    count("paths redrawn", "path_changes");
    count("pauses", "pauses");
  }
}

void add_resources(ComparisonRows& rows) {
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
}

}  // namespace orrery
