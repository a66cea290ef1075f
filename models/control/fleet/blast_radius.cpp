// Who feels the death of each node.
#include "models/control/fleet/blast_radius.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace orrery::control {

namespace {

BlastRadius::Reach reach_of(std::vector<std::int64_t> values) {
  std::sort(values.begin(), values.end());
  double sum = 0;
  for (const std::int64_t value : values) sum += static_cast<double>(value);
  return {sum / static_cast<double>(values.size()), values[(values.size() - 1) * 99 / 100],
          values.back()};
}

}  // namespace

BlastRadius blast_radius_of(const Cluster& cluster) {
  std::vector<std::int64_t> nodes, pods;
  for (const NodeRecord& node : cluster.nodes) {
    std::set<NodeId> hosts;
    std::set<PodId> felt(node.pods.begin(), node.pods.end());
    for (const VolumeId volume : node.volumes) {
      const VolumeRecord& record = cluster.volumes[volume];
      if (record.is_remote() && record.booking.host != kNoNode) hosts.insert(record.booking.host);
      felt.insert(record.pod);
    }
    nodes.push_back(1 + std::ssize(hosts));
    pods.push_back(std::ssize(felt));
  }
  return {reach_of(std::move(nodes)), reach_of(std::move(pods))};
}

}  // namespace orrery::control
