#include "scenarios/systems/fleet/kubernetes_yaml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scenarios/systems/fleet/kubernetes_claims.hpp"
#include "scenarios/systems/fleet/kubernetes_node.hpp"
#include "scenarios/systems/fleet/kubernetes_object.hpp"
#include "scenarios/systems/fleet/kubernetes_pod.hpp"

namespace orrery {

namespace kubectl {
namespace {

// "2026-01-01T00:00:00Z", which sorts as text.
bool is_timestamp(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:ddZ";
  return text.size() == kForm.size() &&
         std::equal(text.begin(), text.end(), kForm.begin(), [](char c, char form) {
           return form == 'd' ? c >= '0' && c <= '9' : c == form;
         });
}

constexpr std::int64_t kUnlimited = std::int64_t{1} << 62;

class Cluster {
 public:
  Cluster(std::span<const KubernetesText> texts, DemandDraft& draft)
      : draft_(draft), resources_(draft.demand.resources), claims_(draft.demand.classes) {
    for (const KubernetesText& text : texts) files_.emplace_back(text.text, text.file, draft.input);
  }

  void read() {
    for_each("Node", [this](const TextNode& object, File& file) {
      add(node_of(object, resources_, file));
      told_by_[draft_.demand.nodes.back().name] = &file;
    });
    for (const control::NodeSpec& node : draft_.demand.nodes) {
      nodes_.emplace(node.name, node);
      claims_.add_node(node);
    }
    for_each("StorageClass",
             [this](const TextNode& object, File& file) { claims_.add_class(object, file); });
    for_each("PersistentVolume",
             [this](const TextNode& object, File& file) { claims_.add_volume(object, file); });
    for_each("PersistentVolumeClaim",
             [this](const TextNode& object, File& file) { claims_.add_claim(object, file); });
    // Those that run already come first: what they share lies where they are.
    for_each("Pod", [this](const TextNode& object, File& file) { sort_in(object, file); });
    std::stable_sort(waiting_.begin(), waiting_.end(),
                     [](const Waiting& a, const Waiting& b) { return a.created < b.created; });
    for (const Waiting& each : waiting_)
      guarded(*each.object, *each.file, [&] { add_pod(*each.object, *each.file); });
    complete_resources();
    note_overfull();
    claims_.close();
    for (File& file : files_) file.close();
  }

 private:
  struct Waiting {
    std::string created;
    const TextNode* object;
    File* file;
  };

  // A node, and what runs on it already.
  struct Node {
    explicit Node(const control::NodeSpec& node) : spec(&node) {
      for (const control::Taint& taint : node.taints)
        if (taint.effect == control::TaintEffect::no_execute &&
            !(node.is_lost && (taint.key == "node.kubernetes.io/unreachable" ||
                               taint.key == "node.kubernetes.io/not-ready")))
          evicting.push_back(taint);
    }
    const control::NodeSpec* spec;
    std::vector<control::Taint> evicting;  // but those of a node that is lost
    std::int64_t cpu_millis = 0;
    Bytes memory;
    std::int64_t pods = 0;
  };

  template <class Use>
  void for_each(const std::string& kind, Use use) {
    for (File& file : files_)
      for (const TextNode* object : file.of_kind(kind)) {
        file.book.row();
        guarded(*object, file, [&] { use(*object, file); });
      }
  }
  template <class Use>
  void guarded(const TextNode& object, File& file, Use use) {
    try {
      use();
    } catch (const BrokenObject& broken) {
      // Items of the API server's own lists do not name their kind.
      const std::string kind = text_at(object, "kind");
      file.book.broken(object.mark.line,
                       fmt::format("{} '{}': {}", kind.empty() ? "object" : kind,
                                   text_at(object, "metadata", "name"), broken.reason));
    }
  }

  template <class Spec>
  void add(Spec spec) {
    if (std::string trouble = draft_.add(std::move(spec)); !trouble.empty())
      throw BrokenObject{std::move(trouble)};
  }

  void sort_in(const TextNode& object, File& file) {
    name_of(object);
    if (const std::string why = left_out_because(object); !why.empty()) return file.count(why);
    if (const std::string node = text_at(object, "spec", "nodeName"); !node.empty()) {
      if (!nodes_.contains(node)) throw BrokenObject{fmt::format("there is no node '{}'", node)};
      return add_pod(object, file);
    }
    const std::string created = text_at(object, "metadata", "creationTimestamp");
    if (!is_timestamp(created))
      throw BrokenObject{fmt::format("creationTimestamp is no time: '{}'", created)};
    waiting_.push_back({created, &object, &file});
  }

  void add_pod(const TextNode& object, File& file) {
    control::PodSpec pod = pod_of(object, resources_, claims_, file);
    if (pod.node.empty()) return add(std::move(pod));
    Node& node = nodes_.at(pod.node);
    const std::int64_t cpu_millis = pod.cpu_millis;
    const Bytes memory = pod.memory;
    if (control::untolerated(node.evicting, pod.tolerations) != nullptr)
      file.count("pods that run in spite of a NoExecute taint: nobody evicts them");
    add(std::move(pod));
    node.cpu_millis += cpu_millis;
    node.memory += memory;
    ++node.pods;
  }

  // Every node has each host port once, and as much as anybody wants of what it does not limit.
  void complete_resources() {
    const auto& names = draft_.demand.resources;
    for (std::uint32_t i = 0; i < names.size(); ++i) {
      const bool is_port = names[i].starts_with("host port ");
      if (!is_port && !names[i].starts_with(kAttachable)) continue;
      for (control::NodeSpec& node : draft_.demand.nodes)
        if (std::none_of(node.resources.begin(), node.resources.end(),
                         [i](const auto& each) { return each.resource == i; }))
          node.resources.push_back({i, is_port ? 1 : kUnlimited});
    }
  }

  void note_overfull() {
    for (const auto& [name, node] : nodes_) {
      const auto file = told_by_.find(name);
      if (file == told_by_.end()) continue;
      if (node.cpu_millis > node.spec->cpu_millis || node.memory > node.spec->memory ||
          node.pods > node.spec->max_pods)
        file->second->count(
            "nodes whose pods ask for more CPU, memory or pods than they have: they take no more");
    }
  }

  DemandDraft& draft_;
  std::deque<File> files_;
  ResourceNames resources_;
  Claims claims_;
  std::unordered_map<std::string, Node> nodes_;
  std::unordered_map<std::string, File*> told_by_;  // of each node
  std::vector<Waiting> waiting_;
};

}  // namespace
}  // namespace kubectl

void read_kubernetes(std::span<const KubernetesText> texts, DemandDraft& draft) {
  kubectl::Cluster(texts, draft).read();
}

}  // namespace orrery
