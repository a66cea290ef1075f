// Pools for the tests of the volume scheduler.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "models/control/liteio/volume_scheduler.hpp"

namespace orrery::control {

struct ControlPoolRig {
  std::deque<NodeSpec> nodes;
  PoolTable table;

  // A pool that is ready and empty, 100 GiB if nothing is said.
  NodeId add(Bytes disk = gibibytes(100), Labels labels = {},
             PoolMode mode = PoolMode::spdk_lvstore) {
    NodeSpec& node = nodes.emplace_back();
    node.name = "node-" + std::to_string(nodes.size());
    node.disk = disk;
    node.pool_mode = mode;
    node.labels = std::move(labels);
    const NodeId pool = table.add(node);
    table.status[pool] = PoolStatus::ready;
    return pool;
  }
};

inline VolumeRequest request_of(Bytes size, NodeId host = kNoNode) {
  VolumeRequest request;
  request.name = "volume";
  request.host = host;
  request.size = request.total = size;
  return request;
}

inline VolumeScheduler scheduler_of(const VolumeLimits& limits,
                                    const std::vector<std::string>& filters,
                                    const std::vector<std::string>& priorities = {}) {
  return VolumeScheduler(limits, filters, priorities, RandomStream(1, "volume scheduler"));
}

// Pools refused for each reason that was given, as a message says it.
inline std::string refusals(VolumeScheduler& scheduler, const PoolTable& table,
                            const VolumeRequest& request) {
  return scheduler.schedule(table, request).message();
}

}  // namespace orrery::control
