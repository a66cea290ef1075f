#include "scenarios/systems/fleet/demand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "scenarios/systems/fleet/demand_csv.hpp"
#include "scenarios/systems/fleet/demand_draft.hpp"
#include "scenarios/systems/fleet/demand_generator.hpp"
#include "scenarios/systems/fleet/kubernetes_yaml.hpp"
#include "scenarios/text/binder.hpp"
#include "scenarios/text/nearest.hpp"
#include "sim/random.hpp"

namespace orrery {

namespace {

namespace fs = std::filesystem;

class DemandLoader {
 public:
  DemandLoader(const FileReader& read, const DirectoryLister& list, std::uint64_t seed,
               Duration runtime)
      : read_(read), list_(list), seed_(seed), runtime_(runtime) {}

  LoadedDemand load(const TextNode& root) {
    resolved_ = TextNode::map();
    load_section(root, "nodes", [&](const TextNode& entry) { return load_nodes(entry); });
    load_section(root, "storage_classes", [&](const TextNode& entry) { return load_class(entry); });
    if (draft_.demand.classes.empty()) {
      const TextNode fallback = resolved_class({"default", "none"});
      resolved_.entries.push_back({"storage_classes", {}, TextNode::sequence()});
      resolved_.entries.back().value.items.push_back(load_class(fallback));
    }
    load_section(root, "demand", [&](const TextNode& entry) { return load_source(entry); });
    if (!cluster_.empty()) read_kubernetes(cluster_, draft_);
    if (draft_.demand.nodes.empty())
      throw InputError(place_of(root, "nodes"), "a fleet needs nodes",
                       "nodes: [{shape: node, count: 4, cpu: 104, memory: 768GiB, disk: 46.08TB}]");
    sort_pods();
    return {std::move(draft_.demand), std::move(draft_.input), std::move(resolved_)};
  }

 private:
  // In order of creation, those of one moment as they were added. Pods are large: each is moved
  // once.
  void sort_pods() {
    std::vector<control::PodSpec>& pods = draft_.demand.pods;
    std::vector<std::size_t> order(pods.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto is_earlier = [&](std::size_t a, std::size_t b) {
      return pods[a].created < pods[b].created;
    };
    if (std::is_sorted(order.begin(), order.end(), is_earlier)) return;
    std::stable_sort(order.begin(), order.end(), is_earlier);
    std::vector<control::PodSpec> sorted;
    sorted.reserve(pods.size());
    for (const std::size_t i : order) sorted.push_back(std::move(pods[i]));
    pods = std::move(sorted);
  }

  template <class LoadEntry>
  void load_section(const TextNode& root, std::string_view name, LoadEntry load_entry) {
    const TextNode::Entry* section = root.entry(name);
    if (section == nullptr) return;
    if (!section->value.is_sequence())
      throw InputError(section->value.mark,
                       fmt::format("{}: expected a list, got {}", name, describe(section->value)));
    TextNode list = TextNode::sequence();
    for (const TextNode& entry : section->value.items) list.items.push_back(load_entry(entry));
    if (!list.items.empty()) resolved_.entries.push_back({std::string(name), {}, std::move(list)});
  }

  TextNode load_nodes(const TextNode& entry) {
    NodeShapeSpec shape;
    std::map<std::string, SourceMark> marks;
    bind_mapping(entry, NodeShapeSpec::declarations(), &shape, {},
                 [&](const TextNode::Entry& given) { marks[given.key] = given.value.mark; });
    if (shape.shape.empty()) throw InputError(marks["shape"], "shape: a name is needed");
    control::NodeSpec node;
    node.shape = shape.shape;
    node.cpu_millis = std::llround(shape.cpu * 1000);
    node.memory = shape.memory;
    node.disk = shape.disk;
    node.pool_mode = shape.pool_mode == "kernel_lvm" ? control::PoolMode::kernel_lvm
                                                     : control::PoolMode::spdk_lvstore;
    node.labels = parse_labels(shape.labels, marks["labels"]);
    for (const std::string& text : shape.taints) {
      const auto taint = control::taint_from(text);
      if (!taint)
        throw InputError(marks["taints"], fmt::format("'{}' is no taint", text),
                         "for example: dedicated, dedicated=db, dedicated:NoExecute");
      node.taints.push_back(*taint);
    }
    node.unschedulable = shape.unschedulable;
    for (std::int64_t i = 0; i < shape.count; ++i) {
      node.name = fmt::format("{}-{}", shape.shape, i);
      if (const std::string trouble = draft_.add(node); !trouble.empty())
        throw InputError(entry.mark, trouble);
    }
    return resolved(NodeShapeSpec::declarations(), &shape);
  }

  static TextNode resolved_class(const StorageClassEntry& entry) {
    return resolved(StorageClassEntry::declarations(), &entry);
  }

  TextNode load_class(const TextNode& node) {
    StorageClassEntry entry;
    bind_mapping(node, StorageClassEntry::declarations(), &entry);
    if (entry.name.empty()) throw InputError(node.mark, "name: a storage class needs a name");
    if (!class_names_.insert(entry.name).second)
      throw InputError(node.mark, fmt::format("storage class '{}' is there twice", entry.name));
    draft_.demand.classes.push_back(
        {entry.name,
         control::position_from(entry.position).value_or(control::PositionAdvice::none)});
    return resolved_class(entry);
  }

  TextNode load_source(const TextNode& entry) {
    DemandSource source = bind_source(entry);
    const std::size_t index = sources_++;
    if (source.name.empty() && source.kind != kKubernetes) source.name = name_for(source);
    if (source.name.find('/') != std::string::npos)
      throw InputError(source.mark_of("name"), "name: a namespace has no '/'");
    if (source.kind == kAlibaba2017 && !source.node_cpu) source.node_cpu = 1;
    const std::uint32_t storage_class = class_of(source);
    if (source.file.empty()) {
      generate_pods(source, storage_class, seed_, index, runtime_, draft_);
    } else {
      TraceText file = open(source, "file", source.file, "digest", source.digest);
      if (source.kind == kKubernetes) {
        cluster_.push_back({std::move(file.text), std::move(file.file)});
      } else if (source.kind == kAzure2020) {
        const TraceText types =
            open(source, "types", source.types, "types_digest", source.types_digest);
        read_trace(source, file, &types, storage_class, draft_);
      } else {
        read_trace(source, file, nullptr, storage_class, draft_);
      }
    }
    return resolved_source(source);
  }

  std::string name_for(const DemandSource& source) {
    if (!source.file.empty()) return source.format;
    const int count = ++unnamed_[source.generator];
    return count == 1 ? source.generator : fmt::format("{}-{}", source.generator, count);
  }

  std::uint32_t class_of(DemandSource& source) const {
    if (source.kind == kKubernetes) return 0;
    const auto& classes = draft_.demand.classes;
    if (source.storage_class.empty()) source.storage_class = classes.front().name;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < classes.size(); ++i) {
      if (classes[i].name == source.storage_class) return static_cast<std::uint32_t>(i);
      names.push_back(classes[i].name);
    }
    throw unknown_name(source.mark_of("storage_class"), "storage class", source.storage_class,
                       names);
  }

  // The file that a key names. Name and digest become what a resolved scenario holds.
  TraceText open(const DemandSource& source, const std::string& key, std::string& name,
                 const std::string& digest_key, std::string& digest) const {
    const SourceMark mark = source.mark_of(key);
    if (name.empty()) throw InputError(mark, fmt::format("{}: a file name is needed", key));
    // What the command line sets is relative to where the program was called.
    const fs::path directory =
        mark.file.starts_with("--set ") ? fs::path{} : fs::path(mark.file).parent_path();
    const fs::path path = (directory / name).lexically_normal();
    TraceText file{path.string(), read(path, mark)};
    const std::string found = fmt::format("{:016x}", hash_of(0, file.text));
    if (!digest.empty() && digest != found)
      throw InputError(
          source.mark_of(digest_key),
          fmt::format("file '{}' has changed since: its digest is {}", file.file, found),
          fmt::format("leave `{}` out to take it as it is now", digest_key));
    digest = found;
    std::error_code error;
    const fs::path whole = fs::absolute(path, error);
    name = error ? file.file : whole.lexically_normal().string();
    return file;
  }

  std::string read(const fs::path& path, const SourceMark& mark) const {
    std::string message = fmt::format("cannot read file '{}'", path.string());
    try {
      if (auto text = read_(path.string(), demand_limits::kFileBytes)) {
        if (text->size() <= demand_limits::kFileBytes) return std::move(*text);
        throw InputError({path.string(), 0, 0},
                         fmt::format("larger than {} MiB", demand_limits::kFileBytes >> 20));
      }
    } catch (const std::system_error& error) {
      throw InputError(mark, fmt::format("{}: {}", message, error.code().message()));
    }
    if (list_)
      if (const auto near = nearest(path.filename().string(), list_(path.parent_path().string())))
        message += fmt::format(" (did you mean '{}'?)", *near);
    throw InputError(mark, std::move(message));
  }

  const FileReader& read_;
  const DirectoryLister& list_;
  std::uint64_t seed_;
  Duration runtime_;
  DemandDraft draft_;
  TextNode resolved_;
  std::vector<KubernetesText> cluster_;  // one cluster, whose objects may be spread over files
  std::size_t sources_ = 0;
  std::set<std::string> class_names_;
  std::map<std::string, int> unnamed_;  // generators so far
};

}  // namespace

LoadedDemand load_demand(const TextNode& root, const FileReader& read, std::uint64_t seed,
                         Duration runtime, const DirectoryLister& list) {
  return DemandLoader(read, list, seed, runtime).load(root);
}

}  // namespace orrery
