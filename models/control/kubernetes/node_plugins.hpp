// Plug-ins of kube-scheduler: filters say where a pod can go, scores say where it had better.
//
// Kubernetes' own ones and LiteIO's AntstorPlugin. Which of them are used, in which order and with
// which weight is the scenario's business; a new one is a class and a line in the registry.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/control/kubernetes/scheduler_cache.hpp"

namespace orrery::control {

class VolumeScheduler;

// What plug-ins may look at besides the cache.
struct PluginContext {
  const SchedulerCache* cache = nullptr;
  const PoolTable* pools = nullptr;  // LiteIO's memory, in whose process the plug-in runs
  VolumeScheduler* volume_scheduler = nullptr;
  std::int64_t max_volumes_per_node = 0;
};

class NodeFilter {
 public:
  virtual ~NodeFilter() = default;
  // A pod that this filter has no opinion about skips it.
  virtual bool concerns(const NodeQuestion&) const { return true; }
  virtual bool passes(const NodeQuestion& question, NodeId node) const = 0;
  // Why a node did not pass, for people.
  virtual std::string reason(const NodeQuestion& question, NodeId node) const = 0;
};

class NodeScore {
 public:
  virtual ~NodeScore() = default;
  virtual bool concerns(const NodeQuestion&) const { return true; }
  virtual std::int64_t score(const NodeQuestion& question, NodeId node) const = 0;
  // Whether scores are spread over 0 to 100 before they are weighted.
  virtual bool is_normalised() const { return false; }
};

struct NodeFilterEntry {
  std::string_view name;
  std::string_view help;
  std::unique_ptr<NodeFilter> (*make)(const PluginContext&);
  bool is_liteios = false;  // takes no part under policies without LiteIO's plug-ins
};
struct NodeScoreEntry {
  std::string_view name;
  std::string_view help;
  std::unique_ptr<NodeScore> (*make)(const PluginContext&);
  bool is_liteios = false;  // takes no part under policies without LiteIO's plug-ins
};

std::span<const NodeFilterEntry> all_node_filters();
std::span<const NodeScoreEntry> all_node_scores();
const NodeFilterEntry* find_node_filter(std::string_view name);
const NodeScoreEntry* find_node_score(std::string_view name);

}  // namespace orrery::control
