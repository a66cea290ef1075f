// A lost replica: given up, made again, its data copied.
#include "models/control/fleet/replica_replacement.hpp"

#include <algorithm>
#include <vector>

namespace orrery::control {

ReplicaReplacement::ReplicaReplacement(FleetContext& context, ClusterNews& news, NodeLinks& links,
                                       VolumeSource& volumes, Kubelets& kubelets,
                                       KubeScheduler& scheduler, PodController& pods,
                                       ApiClient& client, std::uint64_t seed)
    : context_(context),
      cluster_(context.cluster),
      news_(news),
      links_(links),
      volumes_(volumes),
      kubelets_(kubelets),
      scheduler_(scheduler),
      pods_(pods),
      client_(client),
      peers_(seed, "control/peers") {}

Task<> ReplicaReplacement::give_up(NodeId id) {
  const NodeRecord& node = cluster_.nodes[id];
  std::vector<PodId> pods;
  for (const VolumeId volume : node.volumes) pods.push_back(cluster_.volumes[volume].pod);
  for (const PodId pod : node.pods)
    if (cluster_.has_data_on(cluster_.pods[pod], id)) pods.push_back(pod);
  std::sort(pods.begin(), pods.end());
  pods.erase(std::unique(pods.begin(), pods.end()), pods.end());
  for (const PodId pod : pods) {
    co_await replace(pod, id);
  }
}

Task<> ReplicaReplacement::replace(PodId id, NodeId lost_node) {
  PodRecord& pod = cluster_.pods[id];
  const auto can_be = [&pod] {
    return pod.phase != PodPhase::terminating && pod.phase != PodPhase::gone;
  };
  if (!can_be()) co_return;
  co_await client_.commit();
  if (!can_be()) co_return;
  const NodeId node = pod.node;
  const bool was_bound = pod.is_bound();
  pod.life->clear();
  if (!was_bound) {
    scheduler_.forget(id);
    pod.node = kNoNode;
  }
  std::vector<VolumeId> kept, lost;
  Bytes to_copy{};
  for (const VolumeId volume_id : pod.volumes) {
    const VolumeRecord& volume = cluster_.volumes[volume_id];
    const bool is_there = volume.booking.pool != kNoNode && volume.booking.pool != lost_node &&
                          cluster_.nodes[volume.booking.pool].alive &&
                          volume.position != PositionAdvice::must_local;
    (is_there ? kept : lost).push_back(volume_id);
    if (!is_there)
      to_copy += Bytes{static_cast<std::int64_t>(static_cast<double>(volume.claim->size.count()) *
                                                 context_.liteio.volume_fill)};
  }
  // The pod's object is removed by force: its kubelet may be dead.
  kubelets_.is_gone(id);
  if (was_bound) scheduler_.pod_gone(node, id);
  for (const VolumeId volume : lost) context_.spawn(volumes_.remove(volume));
  co_await Delay(context_.calendar, context_.kube.recreate);
  const PodId made = pods_.recreate(id, kept);
  if (to_copy.count() > 0) context_.spawn(rebuild(made, to_copy));
}

// A new replica runs and copies what it lacks from another one. Where none is left, the data is
// lost to the cluster and comes back out of a backup, over the network of some other node.
Task<> ReplicaReplacement::rebuild(PodId id, Bytes bytes) {
  PodRecord& pod = cluster_.pods[id];
  FleetStats& books = context_.books;
  const TimePoint begun = context_.now();
  co_await news_.runs(id);
  if (pod.phase != PodPhase::running) co_return;
  NodeId from = kNoNode;
  if (pod.holder_cluster != 0)
    for (const PodId replica : cluster_.replicas[pod.holder_cluster]) {
      const PodRecord& other = cluster_.pods[replica];
      if (replica != id && cluster_.runs(other) && other.node != pod.node) from = other.node;
    }
  const bool has_replica = from != kNoNode;
  for (int tries = 0; from == kNoNode && tries < 64; ++tries) {
    const auto other = static_cast<NodeId>(peers_.below(cluster_.nodes.size()));
    if (cluster_.nodes[other].alive && other != pod.node) from = other;
  }
  if (from == kNoNode) {
    ++books.rebuilds_failed;
    co_return;
  }
  Flows::Carry carry = links_.carry(from, pod.node, bytes);
  const bool arrived = co_await carry;
  if (!arrived || pod.phase != PodPhase::running) {
    ++books.rebuilds_failed;
    co_return;
  }
  ++(has_replica ? books.rebuilds : books.restores);
  books.rebuilt_bytes += static_cast<double>(bytes.count());
  books.rebuild_time.add(context_.now() - begun);
}

}  // namespace orrery::control
