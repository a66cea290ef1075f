#include "scenarios/systems/fleet/kubernetes_node.hpp"

#include <fmt/format.h>

#include <array>
#include <set>
#include <tuple>
#include <utility>

#include "scenarios/systems/fleet/kubernetes_object.hpp"

namespace orrery::kubectl {

namespace {

constexpr std::size_t kMostResources = 128;
constexpr std::int64_t kDefaultMaxPods = 110;  // kubelet: maxPods

// Conditions of which the node controller makes taints.
struct ConditionTaint {
  std::string_view type;
  std::string_view taint;
};
constexpr std::array kConditionTaints = {
    ConditionTaint{"MemoryPressure", "node.kubernetes.io/memory-pressure"},
    ConditionTaint{"DiskPressure", "node.kubernetes.io/disk-pressure"},
    ConditionTaint{"PIDPressure", "node.kubernetes.io/pid-pressure"},
    ConditionTaint{"NetworkUnavailable", "node.kubernetes.io/network-unavailable"},
};

// A node's taints, each once.
class Taints {
 public:
  explicit Taints(std::vector<control::Taint>& all) : all_(all) {}
  void add(control::Taint taint) {
    if (seen_.emplace(taint.key, taint.value, taint.effect).second)
      all_.push_back(std::move(taint));
  }

 private:
  std::vector<control::Taint>& all_;
  std::set<std::tuple<std::string, std::string, control::TaintEffect>> seen_;
};

void read_taints(const TextNode& object, Taints& taints, File& file) {
  const bool is_cordoned = text_at(object, "spec", "unschedulable") == "true";
  bool has_soft = false;
  for (const TextNode& taint : items_of(child(&object, "spec", "taints"))) {
    const std::string effect = text_at(taint, "effect");
    if (effect == "PreferNoSchedule") {
      has_soft = true;
      continue;
    }
    // A cordon is told by the node itself, and passes.
    const std::string key = shown("the key of a taint", text_at(taint, "key"));
    if (is_cordoned && key == "node.kubernetes.io/unschedulable" && effect == "NoSchedule")
      continue;
    taints.add({key, text_at(taint, "value"),
                effect == "NoExecute" ? control::TaintEffect::no_execute
                                      : control::TaintEffect::no_schedule});
  }
  if (has_soft) file.count("PreferNoSchedule taints of nodes are ignored");
}

void read_conditions(const TextNode& object, control::NodeSpec& node, Taints& taints, File& file) {
  using control::TaintEffect;
  for (const TextNode& condition : items_of(child(&object, "status", "conditions"))) {
    const std::string type = text_at(condition, "type");
    const std::string status = text_at(condition, "status");
    if (type == "Ready" && status != "True") {
      node.is_lost = true;
      taints.add(
          {status == "Unknown" ? "node.kubernetes.io/unreachable" : "node.kubernetes.io/not-ready",
           "", TaintEffect::no_schedule});
      file.count("nodes are not ready: what is bound to them does not run");
    }
    for (const ConditionTaint& each : kConditionTaints)
      if (type == each.type && status == "True")
        taints.add({std::string(each.taint), "", TaintEffect::no_schedule});
  }
}

void read_resources(const TextNode* allocatable, control::NodeSpec& node, ResourceNames& names,
                    File& file) {
  node.max_pods = kDefaultMaxPods;
  bool says_pods = false;
  for (const TextNode::Entry& entry : entries_of(allocatable)) {
    const std::string name = shown("the name of a resource", entry.key);
    if (name == "cpu" || name == "memory" || name == "sds/local-storage") continue;
    const std::int64_t amount = bytes_of(name, amount_in(entry.value)).count();
    if (name == "pods") {
      node.max_pods = amount;
      says_pods = true;
    } else if (amount > 0 || name.starts_with(kAttachable)) {
      if (const auto number = names.number_of(name)) node.resources.push_back({*number, amount});
      else file.count("resources of nodes beyond 128 kinds are ignored");
    }
  }
  if (!says_pods)
    file.count(fmt::format("nodes say nothing of how many pods they take: {}", kDefaultMaxPods));
}

}  // namespace

std::optional<std::uint32_t> ResourceNames::number_of(const std::string& name) {
  const auto found = numbers_.find(name);
  if (found != numbers_.end()) return found->second;
  if (names_.size() >= kMostResources) return std::nullopt;
  const auto number = static_cast<std::uint32_t>(names_.size());
  names_.push_back(name);
  numbers_.emplace(name, number);
  has_limits_ |= name.starts_with(kAttachable);
  return number;
}

control::NodeSpec node_of(const TextNode& object, ResourceNames& resources, File& file) {
  control::NodeSpec node;
  node.name = name_of(object);
  node.labels = labels_in(child(&object, "metadata", "labels"));
  // As the API server has it: what is not set apart can all be given out.
  const TextNode* allocatable = child(&object, "status", "allocatable");
  if (entries_of(allocatable).empty()) allocatable = child(&object, "status", "capacity");
  static const TextNode kNothing = TextNode::map();
  const TextNode& given = allocatable == nullptr ? kNothing : *allocatable;
  node.cpu_millis = cpu_of(amount_at(given, "cpu"));
  node.memory = bytes_of("memory", amount_at(given, "memory"));
  if (node.cpu_millis == 0 || node.memory == Bytes{})
    throw BrokenObject{"it has no cpu or no memory to give"};
  std::string disk = amount_at(given, "sds/local-storage");
  if (const std::string* label = control::find_label(node.labels, "obnvmf/local-storage-bytes");
      label != nullptr && disk.empty())
    disk = *label;
  if (disk.empty()) file.count("nodes say nothing of a local disk and have no pool");
  else node.disk = bytes_of("local storage", disk);
  const std::string* mode =
      control::find_label(node.labels, "custom.k8s.alipay.com/nvmf-pool-mode");
  if (mode != nullptr && *mode != "SpdkLVStore" && *mode != "KernelLVM")
    throw BrokenObject{fmt::format("unknown pool mode '{}'", *mode)};
  node.pool_mode = mode != nullptr && *mode == "SpdkLVStore" ? control::PoolMode::spdk_lvstore
                                                             : control::PoolMode::kernel_lvm;
  read_resources(&given, node, resources, file);
  Taints taints(node.taints);
  read_taints(object, taints, file);
  read_conditions(object, node, taints, file);
  node.unschedulable = text_at(object, "spec", "unschedulable") == "true";
  const std::string* type = control::find_label(node.labels, "node.kubernetes.io/instance-type");
  node.shape = type != nullptr && !type->empty()
                   ? shown("its instance type", *type)
                   : fmt::format("{}cpu-{}gib-{}gib", node.cpu_millis / 1000,
                                 node.memory.count() >> 30, node.disk.count() >> 30);
  return node;
}

}  // namespace orrery::kubectl
