#include "scenarios/systems/fleet/kubernetes_yaml.hpp"

#include <fmt/format.h>

#include <algorithm>
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

class Cluster {
 public:
  Cluster(std::span<const KubernetesText> texts, DemandDraft& draft)
      : draft_(draft), resources_(draft.demand.resources), claims_(draft.demand.classes) {
    for (const KubernetesText& text : texts) files_.emplace_back(text.text, text.file, draft.input);
  }

  void read() {
    for_each("Node", [this](const TextNode& object, File& file) {
      add(node_of(object, resources_, file));
    });
    for_each("StorageClass",
             [this](const TextNode& object, File& file) { claims_.add_class(object, file); });
    for_each("PersistentVolumeClaim",
             [this](const TextNode& object, File& file) { claims_.add_claim(object, file); });
    for (const control::NodeSpec& node : draft_.demand.nodes) nodes_.emplace(node.name, &node);
    // Those that run already come first: what they share lies where they are.
    for_each("Pod", [this](const TextNode& object, File& file) { sort_in(object, file); });
    std::stable_sort(waiting_.begin(), waiting_.end(),
                     [](const Waiting& a, const Waiting& b) { return a.created < b.created; });
    for (const Waiting& each : waiting_)
      guarded(*each.object, *each.file, [&] { add_pod(*each.object, *each.file); });
    open_ports();
    claims_.close();
    for (File& file : files_) file.close();
  }

 private:
  struct Waiting {
    std::string created;
    const TextNode* object;
    File* file;
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
    if (!pod.node.empty()) {
      const control::Taint* const taint =
          control::untolerated(nodes_.at(pod.node)->taints, pod.tolerations);
      if (taint != nullptr && taint->effect == control::TaintEffect::no_execute)
        file.count("pods that run in spite of a NoExecute taint: nobody evicts them");
    }
    add(std::move(pod));
  }

  // Every node has each host port once.
  void open_ports() {
    const auto& names = draft_.demand.resources;
    for (std::uint32_t i = 0; i < names.size(); ++i)
      if (names[i].starts_with("host port "))
        for (control::NodeSpec& node : draft_.demand.nodes) node.resources.push_back({i, 1});
  }

  DemandDraft& draft_;
  std::deque<File> files_;
  ResourceNames resources_;
  Claims claims_;
  std::unordered_map<std::string, const control::NodeSpec*> nodes_;
  std::vector<Waiting> waiting_;
};

}  // namespace
}  // namespace kubectl

void read_kubernetes(std::span<const KubernetesText> texts, DemandDraft& draft) {
  kubectl::Cluster(texts, draft).read();
}

}  // namespace orrery
