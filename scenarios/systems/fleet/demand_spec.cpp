// What the keys of nodes, storage classes and demand mean, and which source has which.
#include "scenarios/systems/fleet/demand_spec.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <set>

#include "scenarios/text/binder.hpp"

namespace orrery {

namespace {

constexpr unsigned kGenerators = kDlrm | kUniform;
constexpr unsigned kTables = kAlibabaGpu2025 | kAlibaba2017 | kAzure2020 | kHuaweiEast1;
constexpr unsigned kNormalised = kAlibaba2017 | kAzure2020;
constexpr unsigned kFiles = kTables | kKubernetes;

struct KeyUse {
  std::string_view key;
  unsigned kinds;       // that may have it
  unsigned needed = 0;  // that must have it
};

constexpr std::array<KeyUse, 33> kUses = {{
    {"generator", kGenerators},
    {"file", kFiles},
    {"format", kFiles, kFiles},
    {"digest", kFiles},
    {"name", kGenerators | kTables},
    {"cpu", kUniform, kUniform},
    {"memory", kUniform, kUniform},
    {"disk", kUniform | kHuaweiEast1},
    {"disk_scale", kDlrm | kAlibabaGpu2025 | kNormalised},
    {"volumes_per_pod", kGenerators | kTables},
    {"snapshot_reserved", kGenerators | kTables},
    {"storage_class", kGenerators | kTables},
    {"node_selector", kGenerators | kTables},
    {"pool_selector", kGenerators | kTables},
    {"tolerations", kGenerators | kTables},
    {"pods", kGenerators},
    {"arrival", kGenerators},
    {"at", kGenerators},
    {"over", kGenerators},
    {"per_hour", kGenerators},
    {"per_second", kGenerators},
    {"lifetime", kGenerators},
    {"app_size", kGenerators},
    {"replicas", kGenerators},
    {"max_per_node", kGenerators},
    {"role", kAlibabaGpu2025},
    {"time_scale", kTables},
    {"node_cpu", kNormalised, kAzure2020},
    {"node_memory", kNormalised, kNormalised},
    {"node_disk", kNormalised, kNormalised},
    {"types", kAzure2020, kAzure2020},
    {"types_digest", kAzure2020},
    {"machine", kAzure2020},
}};

struct KindName {
  DemandKind kind;
  std::string_view name;
};
constexpr std::array<KindName, 7> kNames = {{{kDlrm, "dlrm"},
                                             {kUniform, "uniform"},
                                             {kAlibabaGpu2025, "alibaba-gpu-v2025"},
                                             {kAlibaba2017, "alibaba-v2017"},
                                             {kAzure2020, "azure-2020"},
                                             {kHuaweiEast1, "huawei-east-1"},
                                             {kKubernetes, "kubernetes"}}};

std::vector<std::string> names_of(unsigned kinds) {
  std::vector<std::string> names;
  for (const KindName& each : kNames)
    if ((each.kind & kinds) != 0) names.emplace_back(each.name);
  return names;
}

DemandKind kind_of(std::string_view name) {
  for (const KindName& each : kNames)
    if (each.name == name) return each.kind;
  return kDlrm;
}

bool has_key(unsigned kind, std::string_view key) {
  for (const KeyUse& use : kUses)
    if (use.key == key) return (use.kinds & kind) != 0;
  return false;
}

// Declarations of fields that several kinds of sources share, in the order in which they are
// listed.
void declare_pods(Declare<DemandSource>& declare) {
  using S = DemandSource;
  declare.field("cpu", &S::cpu, "uniform: cores of a pod", between(0, demand_limits::kCores))
      .field("memory", &S::memory, "uniform: memory of a pod", between(0, demand_limits::kBytes))
      .field("disk", &S::disk,
             "uniform, and huawei-east-1, which knows no disks: disk of a pod; none if not given",
             between(0, demand_limits::kBytes))
      .field("disk_scale", &S::disk_scale, "factor on every disk, rounded to MiB", between(0, 1000))
      .otherwise(1.0)
      .field("snapshot_reserved", &S::snapshot_reserved,
             "room that every claim reserves for snapshots, on top of its size",
             between(0, demand_limits::kBytes))
      .otherwise(Value{Bytes{}})
      .field("volumes_per_pod", &S::volumes_per_pod,
             "claims that a pod's disk is evenly split into", between(1, 1024))
      .otherwise(std::int64_t{1})
      .field("storage_class", &S::storage_class,
             "of its claims; the first of `storage_classes` if not given")
      .otherwise(std::string{})
      .field("node_selector", &S::node_selector, "labels (key=value) of nodes that pods may run on")
      .otherwise(std::vector<std::string>{})
      .field("pool_selector", &S::pool_selector,
             "labels (key=value) of pools that their volumes may lie in")
      .otherwise(std::vector<std::string>{})
      .field("tolerations", &S::tolerations, "taints that pods tolerate, written as these are")
      .otherwise(std::vector<std::string>{});
}

void declare_arrivals(Declare<DemandSource>& declare) {
  using S = DemandSource;
  declare
      .field("pods", &S::pods,
             "how many; as many as come until the run ends if a rate is given instead",
             between(1, static_cast<double>(demand_limits::kPods)))
      .field("arrival", &S::arrival,
             "poisson: independently; deployments: an app's pods together, as fast as the trace's "
             "fastest; at_once: all of them at `at`")
      .one_of({"poisson", "deployments", "at_once"})
      .otherwise(std::string{"poisson"})
      .field("at", &S::at, "when the first may come", any_duration())
      .otherwise(Duration{})
      .field("over", &S::over,
             "the span in which they come; until the run ends if neither it nor a rate is given",
             any_duration())
      .field("per_hour", &S::per_hour,
             "mean rate; for deployments without `over` the trace's 22.3 if not given",
             between(1e-6, 3.6e9))
      .field("per_second", &S::per_second, "mean rate", between(1e-9, 1e6))
      .field("lifetime", &S::lifetime,
             "forever, trace (quantiles of gpu-v2025), or a duration such as 8h")
      .otherwise(std::string{"forever"})
      .field("app_size", &S::app_size, "pods per app; the trace's mean is 153",
             between(1, static_cast<double>(demand_limits::kPods)))
      .otherwise(std::int64_t{153})
      .field("replicas", &S::replicas,
             "pods of one database cluster, alike, which keep apart; 0: pods are no data holders",
             between(0, 1000))
      .otherwise(std::int64_t{0})
      .field("max_per_node", &S::max_per_node, "pods of one app on a node; 0: any number",
             between(0, 1e6))
      .otherwise(std::int64_t{0});
}

void declare_traces(Declare<DemandSource>& declare) {
  using S = DemandSource;
  declare.field("role", &S::role, "alibaba-gpu-v2025: CPU nodes' pods (CN), GPU nodes' (HN) or all")
      .one_of({"CN", "HN", "all"})
      .otherwise(std::string{"all"})
      .field("time_scale", &S::time_scale, "factor on every time of a trace", between(1e-9, 1e6))
      .otherwise(1.0)
      .field("node_cpu", &S::node_cpu,
             "azure-2020: cores that 1.0 stands for; alibaba-v2017: cores per CPU of the trace",
             between(0.001, demand_limits::kCores))
      .field("node_memory", &S::node_memory, "what a normalised memory of 1.0 stands for",
             between(1, demand_limits::kBytes))
      .field("node_disk", &S::node_disk, "what a normalised disk (azure-2020: ssd) of 1.0 is",
             between(1, demand_limits::kBytes))
      .field("types", &S::types, "azure-2020: the file of its table vmType")
      .otherwise(std::string{})
      .field("types_digest", &S::types_digest, "what `types` must hold, as `digest`")
      .otherwise(std::string{})
      .field("machine", &S::machine,
             "azure-2020: machineId whose fractions are used; each type's first if not given")
      .otherwise(std::string{});
}

void check_keys(const DemandSource& source, const TextNode& entry, std::string_view kind_name) {
  const std::string what =
      fmt::format("{} {}", source.file.empty() ? "generator" : "a file of format", kind_name);
  for (const TextNode::Entry& given : entry.entries) {
    if (has_key(source.kind, given.key)) continue;
    std::vector<std::string_view> meant;
    for (const KeyUse& use : kUses)
      if ((use.kinds & source.kind) != 0) meant.push_back(use.key);
    throw InputError(given.mark, fmt::format("'{}' means nothing for {}", given.key, what),
                     fmt::format("its keys: {}", fmt::join(meant, ", ")));
  }
  for (const KeyUse& use : kUses)
    if ((use.needed & source.kind) != 0 && entry.entry(use.key) == nullptr)
      throw InputError(source.mark, fmt::format("{} needs '{}' ({})", what, use.key,
                                                DemandSource::declarations().find(use.key)->help));
}

}  // namespace

const Declarations& NodeShapeSpec::declarations() {
  using S = NodeShapeSpec;
  static const Declarations all =
      Declare<S>("nodes of a fleet, by shape")
          .field("shape", &S::shape, "their name: shape-0, shape-1, ...")
          .field("count", &S::count, "how many",
                 between(1, static_cast<double>(demand_limits::kNodes)))
          .field("cpu", &S::cpu, "cores for pods", between(0.001, demand_limits::kCores))
          .field("memory", &S::memory, "memory for pods", between(1, demand_limits::kBytes))
          .field("disk", &S::disk, "size of the StoragePool; 0B: a node without one",
                 between(0, demand_limits::kBytes))
          .otherwise(Bytes{})
          .field("pool_mode", &S::pool_mode, "what manages the pool")
          .one_of({"spdk_lvstore", "kernel_lvm"})
          .otherwise(std::string{"spdk_lvstore"})
          .field("labels", &S::labels, "labels as key=value")
          .otherwise(std::vector<std::string>{})
          .field("taints", &S::taints,
                 "taints, which keep off pods that do not tolerate them: key, key=value, "
                 "key:NoExecute")
          .otherwise(std::vector<std::string>{})
          .field("unschedulable", &S::unschedulable, "cordoned: takes no pods")
          .otherwise(false)
          .build();
  return all;
}

const Declarations& StorageClassEntry::declarations() {
  using S = StorageClassEntry;
  static const Declarations all =
      Declare<S>("storage classes: where volumes want to be, seen from their pod")
          .field("name", &S::name, "its name")
          .field("position", &S::position,
                 "position advice: must-advices are filters, prefer-advices scores")
          .one_of({"MustLocal", "PreferLocal", "PreferRemote", "MustRemote", "none"})
          .otherwise(std::string{"none"})
          .build();
  return all;
}

const Declarations& DemandSource::declarations() {
  using S = DemandSource;
  static const Declarations all = [] {
    Declare<S> declare("who wants to run on the fleet: generators and files");
    declare
        .field("generator", &S::generator,
               "dlrm: pods as in Alibaba's gpu-v2025 trace; uniform: pods that are all alike")
        .one_of(names_of(kGenerators))
        .otherwise(std::string{})
        .field("file", &S::file, "a trace or Kubernetes' own YAML, beside the scenario's file")
        .otherwise(std::string{})
        .field("format", &S::format, "what the file is")
        .one_of(names_of(kFiles))
        .otherwise(std::string{})
        .field("digest", &S::digest, "what the file must hold, as a resolved scenario states it")
        .otherwise(std::string{})
        .field("name", &S::name,
               "namespace of the pods: name/name-0, or name/id of a trace; the generator's own "
               "(numbered from the second on) or the format if not given")
        .otherwise(std::string{});
    declare_pods(declare);
    declare_arrivals(declare);
    declare_traces(declare);
    return declare.build();
  }();
  return all;
}

SourceMark DemandSource::mark_of(const std::string& key) const {
  const auto found = keys.find(key);
  return found == keys.end() ? mark : found->second;
}

DemandSource bind_source(const TextNode& entry) {
  DemandSource source;
  source.mark = entry.mark;
  bind_mapping(entry, DemandSource::declarations(), &source, {},
               [&](const TextNode::Entry& given) { source.keys[given.key] = given.value.mark; });
  if (source.generator.empty() == source.file.empty())
    throw InputError(entry.mark, "a source of demand is either a `generator` or a `file`");
  const std::string& name = source.file.empty() ? source.generator : source.format;
  if (name.empty())
    throw InputError(entry.mark, "missing key 'format' (what the file is)",
                     fmt::format("one of: {}", fmt::join(names_of(kFiles), ", ")));
  source.kind = kind_of(name);
  check_keys(source, entry, name);
  if (int{source.over.has_value()} + int{source.per_hour.has_value()} +
          int{source.per_second.has_value()} >
      1)
    throw InputError(entry.mark, "only one of `over`, `per_hour` and `per_second` can hold");
  return source;
}

TextNode resolved_source(const DemandSource& source) {
  TextNode entry = resolved(DemandSource::declarations(), &source);
  std::erase_if(entry.entries,
                [&](const TextNode::Entry& each) { return !has_key(source.kind, each.key); });
  return entry;
}

control::Labels parse_labels(const std::vector<std::string>& texts, const SourceMark& mark) {
  control::Labels labels;
  std::set<std::string> keys;
  for (const std::string& text : texts) {
    const std::size_t sign = text.find('=');
    if (sign == std::string::npos || sign == 0)
      throw InputError(mark, fmt::format("expected a label such as zone=a, got '{}'", text));
    std::string key = text.substr(0, sign);
    if (!keys.insert(key).second)
      throw InputError(mark, fmt::format("label '{}' is given twice", key));
    labels.emplace_back(std::move(key), text.substr(sign + 1));
  }
  return labels;
}

}  // namespace orrery
