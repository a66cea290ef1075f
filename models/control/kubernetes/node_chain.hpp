// The plug-ins that a kube-scheduler was configured with, in their order: which of them refuses a
// node, and what the nodes left score.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/control/kubernetes/node_plugins.hpp"

namespace orrery::control {

struct SchedulerPlugins {
  std::vector<std::string> filters;  // in order
  std::vector<std::string> scores;   // name or name=weight
};

class NodeChain {
 public:
  static constexpr std::size_t kPassed = SIZE_MAX;

  // The names must exist. Without `has_liteio`, plug-ins of LiteIO take no part, whatever was
  // configured.
  NodeChain(const SchedulerPlugins& plugins, const PluginContext& context, bool has_liteio);

  // The pod that the following calls are about. It outlives them.
  void ask(const NodeQuestion& question);

  // The first filter that refuses a node.
  std::size_t refusing(NodeId node) const {
    for (const std::size_t f : concerned_)
      if (!filters_[f]->passes(*question_, node)) return f;
    return kPassed;
  }
  // Whether there is no other one; so far as that matters to why a pod finds no place.
  bool is_sole(std::size_t filter, NodeId node) const;
  std::string reason(std::size_t filter, NodeId node) const {
    return filters_[filter]->reason(*question_, node);
  }
  // What most nodes are kept from taking the pod by and by nothing else; "several" if none lacks
  // one thing only.
  std::string sole_limit(std::size_t nodes) const;
  std::size_t filters() const { return filters_.size(); }
  const std::string& name(std::size_t filter) const { return filter_names_[filter]; }

  // Sums of weighted points, one per node; valid until the next call. `each` is told the points of
  // every score, if there is one.
  struct Listener {
    virtual ~Listener() = default;
    virtual void hear(const std::string& score, std::span<const std::int64_t> points) = 0;
  };
  std::span<const std::int64_t> score(std::span<const NodeId> nodes, Listener* each = nullptr);

 private:
  const NodeQuestion* question_ = nullptr;
  std::vector<std::string> filter_names_, score_names_;
  std::vector<std::unique_ptr<NodeFilter>> filters_;
  std::vector<std::unique_ptr<NodeScore>> scores_;
  std::vector<std::int64_t> weights_;
  std::vector<std::size_t> concerned_;  // filters that have a say on the present pod
  std::vector<std::int64_t> points_, totals_;
};

}  // namespace orrery::control
