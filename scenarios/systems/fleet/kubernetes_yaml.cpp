#include "scenarios/systems/fleet/kubernetes_yaml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "scenarios/systems/fleet/kubernetes_quantity.hpp"
#include "scenarios/text/document.hpp"

namespace orrery {

namespace {

constexpr DocumentRules kPrinted = {2'000'000, std::size_t{64} << 20, false};

// Why an object cannot be used; never leaves this file.
struct BrokenObject {
  std::string reason;
};

const TextNode* child(const TextNode* node, std::string_view key) {
  const TextNode::Entry* entry = node == nullptr ? nullptr : node->entry(key);
  return entry == nullptr ? nullptr : &entry->value;
}

// Keys from the node down; none of them is taken apart at its dots.
template <class... Keys>
const TextNode* child(const TextNode* node, std::string_view key, Keys... below) {
  return child(child(node, key), below...);
}

template <class... Keys>
std::string text_at(const TextNode& node, Keys... keys) {
  const TextNode* found = child(&node, std::string_view{keys}...);
  return found != nullptr && found->is_scalar() ? found->text : std::string{};
}

const std::vector<TextNode>& items_of(const TextNode* list) {
  static const std::vector<TextNode> kNone;
  return list == nullptr ? kNone : list->items;
}

std::int64_t cpu_of(const std::string& text) {
  const auto millis = quantity_in_millis(text);
  if (!millis) throw BrokenObject{fmt::format("cpu is no quantity: '{}'", text)};
  if (static_cast<double>(*millis) > demand_limits::kCores * 1000)
    throw BrokenObject{fmt::format("cpu is beyond any machine: {}", text)};
  return *millis;
}

Bytes bytes_of(std::string_view what, const std::string& text) {
  const auto bytes = quantity_in_units(text);
  if (!bytes) throw BrokenObject{fmt::format("{} is no quantity: '{}'", what, text)};
  if (static_cast<double>(*bytes) > demand_limits::kBytes)
    throw BrokenObject{fmt::format("{} is beyond any machine: {}", what, text)};
  return Bytes{*bytes};
}

control::PositionAdvice advice_of(const std::string& text) {
  const auto advice = control::position_from(text);
  if (!advice) throw BrokenObject{fmt::format("unknown position advice '{}'", text)};
  return *advice;
}

control::Labels labels_in(const TextNode* map) {
  control::Labels labels;
  if (map == nullptr) return labels;
  for (const TextNode::Entry& entry : map->entries)
    labels.emplace_back(entry.key, entry.value.is_scalar() ? entry.value.text : std::string{});
  return labels;
}

// "pool=fast,zone=a"; set expressions are not understood.
control::Selector selector_of(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  try {
    return parse_labels(parts, {});
  } catch (const InputError& error) {
    throw BrokenObject{fmt::format("obnvmf/pool-label-selector: {}", error.message())};
  }
}

// What a pod needs at its worst moment, as the scheduler counts it.
struct Requests {
  std::int64_t cpu_millis = 0;
  Bytes memory;

  static Requests of(const TextNode* map) {
    Requests all;
    if (const TextNode* cpu = child(map, "cpu")) all.cpu_millis = cpu_of(cpu->text);
    if (const TextNode* memory = child(map, "memory"))
      all.memory = bytes_of("memory", memory->text);
    return all;
  }
  friend Requests operator+(const Requests& a, const Requests& b) {
    const Requests sum{a.cpu_millis + b.cpu_millis, a.memory + b.memory};
    if (static_cast<double>(sum.cpu_millis) > demand_limits::kCores * 1000 ||
        static_cast<double>(sum.memory.count()) > demand_limits::kBytes)
      throw BrokenObject{"its containers ask for more than any machine has"};
    return sum;
  }
  friend Requests most(const Requests& a, const Requests& b) {
    return {std::max(a.cpu_millis, b.cpu_millis), std::max(a.memory, b.memory)};
  }
};

Requests requests_of(const TextNode& pod) {
  Requests sidecars, peak;
  for (const TextNode& container : items_of(child(&pod, "spec", "initContainers"))) {
    const Requests own = Requests::of(child(&container, "resources", "requests"));
    if (text_at(container, "restartPolicy") == "Always") sidecars = sidecars + own;
    peak = most(peak, text_at(container, "restartPolicy") == "Always" ? sidecars : sidecars + own);
  }
  Requests running = sidecars;
  for (const TextNode& container : items_of(child(&pod, "spec", "containers")))
    running = running + Requests::of(child(&container, "resources", "requests"));
  return most(peak, running) + Requests::of(child(&pod, "spec", "overhead"));
}

// "2026-01-01T00:00:00Z", which sorts as text.
bool is_timestamp(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:ddZ";
  return text.size() == kForm.size() &&
         std::equal(text.begin(), text.end(), kForm.begin(), [](char c, char form) {
           return form == 'd' ? c >= '0' && c <= '9' : c == form;
         });
}

struct Claim {
  control::ClaimSpec spec;
  control::Selector pool_selector;
  std::string data_holder;
  bool is_used = false;
};

class Cluster {
 public:
  Cluster(const std::string& file, DemandDraft& draft)
      : draft_(draft), book_(draft.input, file), file_(file) {}

  void read(const TextNode& root) {
    sort_out(root);
    for_each("Node", [&](const TextNode& node) { add_node(node); });
    for (const control::NodeSpec& node : draft_.demand.nodes)
      taints_.insert(node.taints.begin(), node.taints.end());
    for_each("StorageClass", [&](const TextNode& node) { add_class(node); });
    for_each("PersistentVolumeClaim", [&](const TextNode& node) { add_claim(node); });
    for_each("Pod", [&](const TextNode& node) { add_pod(node); });
    add_waiting();
    for (const auto& [key, claim] : claims_)
      if (!claim.is_used) ++left_out_["claims that no pod uses are left out"];
    for (const auto& [what, count] : left_out_) book_.note(fmt::format("{} {}", count, what));
    book_.close();
  }

 private:
  // The objects by their kind.
  void sort_out(const TextNode& root) {
    const std::string kind = text_at(root, "kind");
    if (kind.empty())
      throw InputError({file_, root.mark.line, root.mark.column},
                       "expected what `kubectl get nodes,pods,pvc,sc -A -o yaml` prints: there is "
                       "no `kind`");
    const TextNode* items = child(&root, "items");
    if (kind == "List" && (items == nullptr || !items->is_sequence()))
      throw InputError(root.mark, "a List without `items`");
    const auto take = [&](const TextNode& object) {
      const std::string each = text_at(object, "kind");
      if (each == "Node" || each == "Pod" || each == "PersistentVolumeClaim" ||
          each == "StorageClass")
        objects_[each].push_back(&object);
      else
        ++left_out_[each.empty()
                        ? std::string{"objects without a kind are left out"}
                        : fmt::format("objects of kind {}, of which nothing is made", each)];
    };
    if (kind != "List") return take(root);
    for (const TextNode& object : items->items) take(object);
  }

  template <class Use>
  void for_each(const std::string& kind, Use use) {
    for (const TextNode* object : objects_[kind]) {
      book_.row();
      guarded(*object, [&] { use(*object); });
    }
  }
  template <class Use>
  void guarded(const TextNode& object, Use use) {
    try {
      use();
    } catch (const BrokenObject& broken) {
      const std::string name = text_at(object, "metadata", "name");
      book_.broken(object.mark.line,
                   fmt::format("{} '{}': {}", text_at(object, "kind"), name, broken.reason));
    }
  }

  static std::string name_of(const TextNode& object) {
    std::string name = text_at(object, "metadata", "name");
    if (name.empty()) throw BrokenObject{"it has no name"};
    return name;
  }
  static std::string namespace_of(const TextNode& object) {
    std::string name = text_at(object, "metadata", "namespace");
    return name.empty() ? "default" : name;
  }
  static std::string annotation(const TextNode& object, std::string_view key) {
    return text_at(object, "metadata", "annotations", key);
  }

  void add_node(const TextNode& object) {
    control::NodeSpec node;
    node.name = name_of(object);
    node.labels = labels_in(child(&object, "metadata", "labels"));
    node.cpu_millis = cpu_of(text_at(object, "status", "allocatable", "cpu"));
    node.memory = bytes_of("memory", text_at(object, "status", "allocatable", "memory"));
    if (node.cpu_millis == 0 || node.memory == Bytes{})
      throw BrokenObject{"it has no cpu or no memory to give"};
    std::string disk = text_at(object, "status", "allocatable", "sds/local-storage");
    if (const std::string* label = control::find_label(node.labels, "obnvmf/local-storage-bytes");
        label != nullptr && disk.empty())
      disk = *label;
    if (disk.empty()) ++left_out_["nodes say nothing of a local disk and have no pool"];
    else node.disk = bytes_of("local storage", disk);
    const std::string* mode =
        control::find_label(node.labels, "custom.k8s.alipay.com/nvmf-pool-mode");
    if (mode != nullptr && *mode != "SpdkLVStore" && *mode != "KernelLVM")
      throw BrokenObject{fmt::format("unknown pool mode '{}'", *mode)};
    node.pool_mode = mode != nullptr && *mode == "SpdkLVStore" ? control::PoolMode::spdk_lvstore
                                                               : control::PoolMode::kernel_lvm;
    for (const TextNode& taint : items_of(child(&object, "spec", "taints")))
      if (text_at(taint, "effect") != "PreferNoSchedule")
        node.taints.push_back(text_at(taint, "key"));
    node.unschedulable = text_at(object, "spec", "unschedulable") == "true";
    const std::string* type = control::find_label(node.labels, "node.kubernetes.io/instance-type");
    node.shape = type != nullptr && !type->empty()
                     ? *type
                     : fmt::format("{}cpu-{}gib-{}gib", node.cpu_millis / 1000,
                                   node.memory.count() >> 30, node.disk.count() >> 30);
    if (std::string trouble = draft_.add(std::move(node)); !trouble.empty())
      throw BrokenObject{std::move(trouble)};
  }

  std::optional<std::uint32_t> find_class(const std::string& name) const {
    const auto& classes = draft_.demand.classes;
    for (std::size_t i = 0; i < classes.size(); ++i)
      if (classes[i].name == name) return static_cast<std::uint32_t>(i);
    return std::nullopt;
  }

  void add_class(const TextNode& object) {
    control::StorageClassSpec entry;
    entry.name = name_of(object);
    entry.position = advice_of(text_at(object, "parameters", "positionAdvice"));
    auto index = find_class(entry.name);
    if (index) {
      book_.note(
          fmt::format("StorageClass '{}' is there already; this one does not count", entry.name),
          object.mark.line);
    } else {
      index = static_cast<std::uint32_t>(draft_.demand.classes.size());
      draft_.demand.classes.push_back(std::move(entry));
    }
    if (annotation(object, "storageclass.kubernetes.io/is-default-class") == "true")
      default_class_ = *index;
  }

  void add_claim(const TextNode& object) {
    Claim claim;
    claim.spec.name = name_of(object);
    claim.spec.size =
        bytes_of("storage", text_at(object, "spec", "resources", "requests", "storage"));
    if (claim.spec.size == Bytes{}) throw BrokenObject{"it asks for no storage"};
    const std::string class_name = text_at(object, "spec", "storageClassName");
    const auto index = class_name.empty() ? default_class_ : find_class(class_name);
    if (!index) throw BrokenObject{fmt::format("there is no StorageClass '{}'", class_name)};
    claim.spec.storage_class = *index;
    if (const std::string advice = annotation(object, "custom.k8s.alipay.com/sds-position-advice");
        !advice.empty())
      claim.spec.position = advice_of(advice);
    if (const std::string reserved = annotation(object, "obnvmf/snapshot-reserved-bytes");
        !reserved.empty())
      claim.spec.snapshot_reserved = bytes_of("obnvmf/snapshot-reserved-bytes", reserved);
    claim.pool_selector = selector_of(annotation(object, "obnvmf/pool-label-selector"));
    if (!annotation(object, "obnvmf/node-label-selector").empty())
      ++left_out_["claims with obnvmf/node-label-selector, of which nothing is made"];
    claim.data_holder = text_at(object, "metadata", "labels", "antstor.csi.alipay.com/data-holder");
    const std::string key = namespace_of(object) + "/" + claim.spec.name;
    if (!claims_.emplace(key, std::move(claim)).second)
      throw BrokenObject{"a claim of this name is there already"};
  }

  static std::string app_of(const TextNode& object, const std::string& name) {
    for (const char* label : {"app", "app.kubernetes.io/name"})
      if (std::string app = text_at(object, "metadata", "labels", label); !app.empty()) return app;
    for (const TextNode& owner : items_of(child(&object, "metadata", "ownerReferences")))
      return text_at(owner, "name");
    return name;
  }

  // A toleration without a key holds for every taint.
  std::vector<std::string> tolerations_of(const TextNode& object) const {
    std::vector<std::string> keys;
    for (const TextNode& toleration : items_of(child(&object, "spec", "tolerations"))) {
      std::string key = text_at(toleration, "key");
      if (!key.empty()) {
        keys.push_back(std::move(key));
        continue;
      }
      keys.insert(keys.end(), taints_.begin(), taints_.end());
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
  }

  std::vector<Claim*> claims_of(const TextNode& object, const std::string& name) {
    std::vector<Claim*> claims;
    for (const TextNode& volume : items_of(child(&object, "spec", "volumes"))) {
      std::string claim = text_at(volume, "persistentVolumeClaim", "claimName");
      if (claim.empty() && child(&volume, "ephemeral", "volumeClaimTemplate") != nullptr)
        claim = name + "-" + text_at(volume, "name");
      if (claim.empty()) continue;
      const auto found = claims_.find(namespace_of(object) + "/" + claim);
      if (found == claims_.end()) throw BrokenObject{fmt::format("there is no claim '{}'", claim)};
      if (found->second.is_used ||
          std::find(claims.begin(), claims.end(), &found->second) != claims.end())
        throw BrokenObject{fmt::format("claim '{}' is used already", claim)};
      claims.push_back(&found->second);
    }
    return claims;
  }

  void add_pod(const TextNode& object) {
    const std::string name = name_of(object);
    const std::string phase = text_at(object, "status", "phase");
    if (phase == "Succeeded" || phase == "Failed") {
      ++left_out_[fmt::format("pods that have {} are left out",
                              phase == "Failed" ? "failed" : "succeeded")];
      return;
    }
    control::PodSpec pod;
    pod.name = namespace_of(object) + "/" + name;
    pod.app = app_of(object, name);
    const Requests requests = requests_of(object);
    pod.cpu_millis = requests.cpu_millis;
    pod.memory = requests.memory;
    pod.node = text_at(object, "spec", "nodeName");
    if (!pod.node.empty() && !draft_.has_node(pod.node))
      throw BrokenObject{fmt::format("there is no node '{}'", pod.node)};
    pod.node_selector = labels_in(child(&object, "spec", "nodeSelector"));
    pod.tolerations = tolerations_of(object);
    pod.data_holder = text_at(object, "metadata", "labels", "antstor.csi.alipay.com/data-holder");
    const std::vector<Claim*> claims = claims_of(object, name);
    for (const Claim* claim : claims) {
      pod.claims.push_back(claim->spec);
      for (const auto& [key, value] : claim->pool_selector) {
        const std::string* other = control::find_label(pod.pool_selector, key);
        if (other != nullptr && *other != value)
          throw BrokenObject{"its claims select different pools"};
        if (other == nullptr) pod.pool_selector.emplace_back(key, value);
      }
      if (!claim->data_holder.empty()) pod.data_holder = claim->data_holder;
    }
    const std::string created = text_at(object, "metadata", "creationTimestamp");
    if (pod.node.empty() && !is_timestamp(created))
      throw BrokenObject{fmt::format("creationTimestamp is no time: '{}'", created)};
    const bool is_running = !pod.node.empty();
    if (child(&object, "spec", "affinity") != nullptr ||
        child(&object, "spec", "topologySpreadConstraints") != nullptr)
      ++left_out_["pods with affinity or topology rules, of which nothing is made"];
    for (Claim* claim : claims) claim->is_used = true;
    if (is_running) add(std::move(pod));
    else waiting_.push_back({created, &object, std::move(pod)});
  }

  void add(control::PodSpec pod) {
    if (std::string trouble = draft_.add(std::move(pod)); !trouble.empty())
      throw BrokenObject{std::move(trouble)};
  }

  void add_waiting() {
    std::stable_sort(waiting_.begin(), waiting_.end(),
                     [](const Waiting& a, const Waiting& b) { return a.created < b.created; });
    for (Waiting& each : waiting_) guarded(*each.object, [&] { add(std::move(each.pod)); });
  }

  struct Waiting {
    std::string created;
    const TextNode* object;
    control::PodSpec pod;
  };

  DemandDraft& draft_;
  RowBook book_;
  const std::string& file_;
  std::map<std::string, std::vector<const TextNode*>> objects_;
  std::map<std::string, Claim> claims_;  // namespace/name
  std::set<std::string> taints_;         // keys of all nodes
  std::optional<std::uint32_t> default_class_ = 0;
  std::vector<Waiting> waiting_;
  std::map<std::string, std::int64_t> left_out_;  // what, how many
};

}  // namespace

void read_kubernetes(std::string_view text, const std::string& file, DemandDraft& draft) {
  const TextNode root = parse_document(text, file, 1, kPrinted);
  Cluster(file, draft).read(root);
}

}  // namespace orrery
