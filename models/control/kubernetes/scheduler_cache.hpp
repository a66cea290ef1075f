// kube-scheduler's cache: the cluster as the scheduler believes it to be.
//
// Its own assumptions are in it at once; everything else arrives by watch, later than it happened. Columns, one entry per node.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "models/control/fleet/cluster.hpp"

namespace orrery::control {

struct SchedulerCache {
  std::vector<std::int64_t> cpu, cpu_requested;        // millicores
  std::vector<std::int64_t> memory, memory_requested;  // bytes
  std::vector<std::int64_t> local, local_requested;    // sds/local-storage, bytes
  std::vector<std::int64_t> cpu_scored,
      memory_scored;                   // requested, with defaults for pods that request nothing
  std::vector<std::int32_t> attached;  // volumes
  std::vector<std::uint8_t> unschedulable;  // cordoned
  std::vector<std::uint8_t> tainted;        // has taints of its own
  std::vector<std::uint8_t> lost;           // tainted not-ready or unreachable
  std::vector<std::vector<std::pair<std::uint32_t, std::int32_t>>> apps;  // app and its pods
  const Cluster* cluster = nullptr;

  std::size_t size() const { return cpu.size(); }
};

// What one pod asks of a node.
struct NodeQuestion {
  const PodRecord* pod = nullptr;
  std::int64_t cpu = 0;
  std::int64_t memory = 0;
  std::int64_t local = 0;  // requested as an extended resource
  std::int64_t cpu_scored = 0;
  std::int64_t memory_scored = 0;
  std::int32_t volumes = 0;
};

}  // namespace orrery::control
