// The filters and scores that there are.
#include "models/control/kubernetes/node_plugins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "models/control/kubernetes/node_scores.hpp"
#include "models/control/liteio/volume_scheduler.hpp"
#include "models/control/named.hpp"

namespace orrery::control {

namespace {

class Schedulable final : public NodeFilter {
 public:
  explicit Schedulable(const PluginContext& context) : cache_(*context.cache) {}
  bool passes(const NodeQuestion& question, NodeId node) const override {
    return cache_.unschedulable[node] == 0 || is_tolerated(question);
  }
  std::string reason(const NodeQuestion&, NodeId) const override { return "cordoned"; }

 private:
  static bool is_tolerated(const NodeQuestion& question) {
    static const Taint kCordon{"node.kubernetes.io/unschedulable", "", TaintEffect::no_schedule};
    return untolerated({&kCordon, 1}, question.pod->spec->tolerations) == nullptr;
  }
  const SchedulerCache& cache_;
};

// Taints of the node's own, and those of a node that was lost, whatever it was lost by.
class Tolerated final : public NodeFilter {
 public:
  explicit Tolerated(const PluginContext& context) : cache_(*context.cache) {}
  bool passes(const NodeQuestion& question, NodeId node) const override {
    return (cache_.lost[node] == 0 || loss(question, node) == nullptr) &&
           (cache_.tainted[node] == 0 || obstacle(question, node) == nullptr);
  }
  std::string reason(const NodeQuestion& question, NodeId node) const override {
    if (cache_.lost[node] != 0)
      if (const Taint* const taint = loss(question, node)) return taint->key;
    return obstacle(question, node)->key;
  }

 private:
  // One that was lost before the run says by its own taints how.
  const Taint* loss(const NodeQuestion& question, NodeId node) const {
    const NodeSpec& spec = *cache_.cluster->nodes[node].spec;
    if (spec.is_lost && !spec.taints.empty()) return nullptr;
    return untolerated(unreachable_taints(), question.pod->spec->tolerations);
  }
  const Taint* obstacle(const NodeQuestion& question, NodeId node) const {
    return untolerated(cache_.cluster->nodes[node].spec->taints, question.pod->spec->tolerations);
  }
  const SchedulerCache& cache_;
};

class Selected final : public NodeFilter {
 public:
  explicit Selected(const PluginContext& context) : cache_(*context.cache) {}
  bool concerns(const NodeQuestion& question) const override {
    return !question.pod->spec->node_selector.empty() || has_affinity(question) ||
           question.pod->tied_to != kNoNode;
  }
  bool passes(const NodeQuestion& question, NodeId node) const override {
    if (is_elsewhere(question, node)) return false;
    const NodeSpec& spec = *cache_.cluster->nodes[node].spec;
    return selects(question.pod->spec->node_selector, spec.labels) &&
           (!has_affinity(question) ||
            any_holds(question.pod->spec->rules->affinity, spec.labels, spec.name));
  }
  std::string reason(const NodeQuestion& question, NodeId node) const override {
    if (is_elsewhere(question, node)) return "its volume lies elsewhere";
    return selects(question.pod->spec->node_selector, cache_.cluster->nodes[node].spec->labels)
               ? "node affinity"
               : "node selector";
  }

 private:
  static bool is_elsewhere(const NodeQuestion& question, NodeId node) {
    return question.pod->tied_to != kNoNode && question.pod->tied_to != node;
  }
  static bool has_affinity(const NodeQuestion& question) {
    const PodRules* const rules = question.pod->spec->rules.get();
    return rules != nullptr && !rules->affinity.empty();
  }
  const SchedulerCache& cache_;
};

// Number of pods, CPU, memory, what else the demand knows, and, as an extended resource, local
// storage. What a pod does not ask for is not looked at, be it overfull.
class ResourcesFit final : public NodeFilter {
 public:
  explicit ResourcesFit(const PluginContext& context) : cache_(*context.cache) {}
  bool passes(const NodeQuestion& q, NodeId node) const override {
    return (q.cpu == 0 || cache_.cpu_requested[node] + q.cpu <= cache_.cpu[node]) &&
           (q.memory == 0 || cache_.memory_requested[node] + q.memory <= cache_.memory[node]) &&
           (q.local == 0 || cache_.local_requested[node] + q.local <= cache_.local[node]) &&
           cache_.pods[node] < cache_.max_pods[node] &&
           std::none_of(q.resources.begin(), q.resources.end(),
                        [&](const ResourceAmount& each) { return is_short_of(each, node); });
  }
  std::string reason(const NodeQuestion& q, NodeId node) const override {
    if (cache_.pods[node] >= cache_.max_pods[node]) return "too many pods";
    std::string short_of;
    const auto add = [&short_of](std::string_view what) {
      short_of += short_of.empty() ? "insufficient " : " and ";
      short_of += what;
    };
    if (q.cpu != 0 && cache_.cpu_requested[node] + q.cpu > cache_.cpu[node]) add("cpu");
    if (q.memory != 0 && cache_.memory_requested[node] + q.memory > cache_.memory[node])
      add("memory");
    if (q.local != 0 && cache_.local_requested[node] + q.local > cache_.local[node])
      add("sds/local-storage");
    for (const ResourceAmount& each : q.resources)
      if (is_short_of(each, node)) add((*cache_.resource_names)[each.resource]);
    return short_of;
  }

 private:
  bool is_short_of(const ResourceAmount& asked, NodeId node) const {
    return cache_.resources_requested[asked.resource][node] + asked.amount >
           cache_.resources[asked.resource][node];
  }
  const SchedulerCache& cache_;
};

class VolumeLimit final : public NodeFilter {
 public:
  explicit VolumeLimit(const PluginContext& context)
      : cache_(*context.cache), limit_(context.max_volumes_per_node) {}
  bool concerns(const NodeQuestion& question) const override { return question.volumes > 0; }
  bool passes(const NodeQuestion& question, NodeId node) const override {
    return cache_.attached[node] + question.volumes <= limit_;
  }
  std::string reason(const NodeQuestion&, NodeId) const override { return "too many volumes"; }

 private:
  const SchedulerCache& cache_;
  std::int64_t limit_;
};

class AppSpread final : public NodeFilter {
 public:
  explicit AppSpread(const PluginContext& context) : cache_(*context.cache) {}
  bool concerns(const NodeQuestion& question) const override {
    return question.pod->spec->max_per_node > 0;
  }
  bool passes(const NodeQuestion& question, NodeId node) const override {
    for (const auto& [app, pods] : cache_.apps[node])
      if (app == question.pod->app) return pods < question.pod->spec->max_per_node;
    return true;
  }
  std::string reason(const NodeQuestion&, NodeId) const override {
    return "too many pods of its app";
  }

 private:
  const SchedulerCache& cache_;
};

// AntstorPlugin: a node needs a pool; what has to be local must find room in it, all of it as one
// virtual volume. What may be remote is not looked at.
class Antstor final : public NodeFilter {
 public:
  explicit Antstor(const PluginContext& context)
      : pools_(*context.pools), scheduler_(*context.volume_scheduler) {}
  bool concerns(const NodeQuestion& question) const override { return question.volumes > 0; }
  bool passes(const NodeQuestion& question, NodeId node) const override {
    return scheduler_.judge(pools_, virtual_volume(question, node), node).reason == Reason::none;
  }
  std::string reason(const NodeQuestion& question, NodeId node) const override {
    return std::string(
        name_of(scheduler_.judge(pools_, virtual_volume(question, node), node).reason));
  }

 private:
  static VolumeRequest virtual_volume(const NodeQuestion& question, NodeId node) {
    VolumeRequest request;
    request.host = node;
    request.size = question.pod->must_local - question.pod->lies_local;
    request.total = request.size;
    request.holder_cluster = question.pod->holder_cluster;
    request.holder_zone = question.pod->holder_zone;
    return request;
  }
  const PoolTable& pools_;
  VolumeScheduler& scheduler_;
};

// CPU and memory of a node with the pod on it.
std::array<ResourceUse, 2> uses(const SchedulerCache& cache, const NodeQuestion& q, NodeId node) {
  return {ResourceUse{cache.cpu_scored[node] + q.cpu_scored, cache.cpu[node]},
          ResourceUse{cache.memory_scored[node] + q.memory_scored, cache.memory[node]}};
}

// One of the scores that follow from CPU and memory alone.
template <std::int64_t (*kScoreOf)(std::span<const ResourceUse>)>
class AllocationScore final : public NodeScore {
 public:
  explicit AllocationScore(const PluginContext& context) : cache_(*context.cache) {}
  std::int64_t score(const NodeQuestion& q, NodeId node) const override {
    return kScoreOf(uses(cache_, q, node));
  }

 private:
  const SchedulerCache& cache_;
};

// AntstorPlugin's score: LiteIO's priorities for the virtual volume, which has no position advice.
class AntstorScore final : public NodeScore {
 public:
  explicit AntstorScore(const PluginContext& context)
      : pools_(*context.pools), scheduler_(*context.volume_scheduler) {}
  bool concerns(const NodeQuestion& question) const override { return question.volumes > 0; }
  bool is_normalised() const override { return true; }
  std::int64_t score(const NodeQuestion&, NodeId node) const override {
    VolumeRequest request;
    request.host = node;
    return scheduler_.score(pools_, request, node);
  }

 private:
  const PoolTable& pools_;
  VolumeScheduler& scheduler_;
};

template <class Base, class Plugin>
std::unique_ptr<Base> made(const PluginContext& context) {
  return std::make_unique<Plugin>(context);
}

constexpr std::array kNodeFilters = {
    NodeFilterEntry{"node_unschedulable", "nodes that are not cordoned",
                    &made<NodeFilter, Schedulable>},
    NodeFilterEntry{"taint_toleration", "nodes without taints that the pod does not tolerate",
                    &made<NodeFilter, Tolerated>},
    NodeFilterEntry{"node_affinity", "nodes with the labels that the pod selects",
                    &made<NodeFilter, Selected>},
    NodeFilterEntry{"resources_fit", "nodes with room for CPU, memory and local storage requested",
                    &made<NodeFilter, ResourcesFit>},
    NodeFilterEntry{"volume_limits", "nodes that may take as many more volumes",
                    &made<NodeFilter, VolumeLimit>},
    NodeFilterEntry{"app_spread", "nodes with fewer pods of the same app than are allowed",
                    &made<NodeFilter, AppSpread>},
    NodeFilterEntry{"antstor", "LiteIO: nodes whose pool takes what must be local",
                    &made<NodeFilter, Antstor>, true},
};

constexpr std::array kNodeScores = {
    NodeScoreEntry{"least_allocated", "emptier nodes first, by CPU and memory",
                   &made<NodeScore, AllocationScore<least_allocated>>},
    NodeScoreEntry{"most_allocated", "fuller nodes first, by CPU and memory",
                   &made<NodeScore, AllocationScore<most_allocated>>},
    NodeScoreEntry{"balanced_allocation", "nodes whose CPU and memory are used alike",
                   &made<NodeScore, AllocationScore<balanced_allocation>>},
    NodeScoreEntry{"antstor", "LiteIO: fuller pools first", &made<NodeScore, AntstorScore>, true},
};

}  // namespace

std::span<const NodeFilterEntry> all_node_filters() { return kNodeFilters; }
std::span<const NodeScoreEntry> all_node_scores() { return kNodeScores; }
const NodeFilterEntry* find_node_filter(std::string_view name) {
  return find_named(kNodeFilters, name);
}
const NodeScoreEntry* find_node_score(std::string_view name) {
  return find_named(kNodeScores, name);
}

}  // namespace orrery::control
