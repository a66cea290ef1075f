// kube-scheduler's cache: the cluster as the scheduler believes it to be.
//
// Its own assumptions are in it at once; everything else arrives by watch, later than it happened.
// Columns, one entry per node.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/control/kubernetes/node_question.hpp"

namespace orrery::control {

struct SchedulerCache {
  std::vector<std::int64_t> cpu, cpu_requested;        // millicores
  std::vector<std::int64_t> memory, memory_requested;  // bytes
  std::vector<std::int64_t> local, local_requested;    // sds/local-storage, bytes
  std::vector<std::int64_t> cpu_scored,
      memory_scored;                   // requested, with defaults for pods that request nothing
  std::vector<std::int32_t> attached;  // volumes
  std::vector<std::int64_t> pods, max_pods;
  // Of the demand's resource r on node i.
  std::vector<std::vector<std::int64_t>> resources, resources_requested;
  std::vector<std::uint8_t> unschedulable;  // cordoned
  std::vector<std::uint8_t> tainted;        // has taints of its own
  std::vector<std::uint8_t> lost;           // tainted not-ready or unreachable
  std::vector<std::vector<std::pair<std::uint32_t, std::int32_t>>> apps;  // app and its pods
  const Cluster* cluster = nullptr;
  const std::vector<std::string>* resource_names = nullptr;

  std::size_t size() const { return cpu.size(); }

  // The nodes of a cluster as they are, with nothing on them. The cluster outlives the cache.
  void fill(const Cluster& of, const std::vector<std::string>& names);
  // What a pod takes of a node; on (+1) and off (-1).
  void book(const NodeQuestion& pod, NodeId node, int sign);
};

}  // namespace orrery::control
