// Reserve and the binding cycle, step by step.
#include "models/control/kubernetes/binding.hpp"

namespace orrery::control {

// With LiteIO's plug-ins it runs in LiteIO's process, with that one's limit on requests.
Binding::Binding(FleetContext& context, VolumeSource& volumes, Kubelets& kubelets)
    : context_(context),
      cluster_(context.cluster),
      volumes_(volumes),
      kubelets_(kubelets),
      client_(
          context.simulation, context.api,
          context.policy.has_plugins ? context.liteio.client_qps : context.kube.client_qps,
          context.policy.has_plugins ? context.liteio.client_burst : context.kube.client_burst) {}

bool Binding::reserve(PodId id, NodeId node) {
  if (!context_.policy.reserves) return true;
  bool is_whole = true;
  for (const VolumeId volume_id : cluster_.pods[id].volumes) {
    const VolumeRecord& volume = cluster_.volumes[volume_id];
    if (volume.class_position != PositionAdvice::must_local || volume.exists) continue;
    const std::int64_t size = volume.booking.total.count();
    if (cluster_.pools.free[node] < size) is_whole = false;
    else cluster_.pools.reserve(node, cluster_.claim_name(volume_id), volume.booking.total);
  }
  return is_whole;
}

void Binding::unreserve(PodId id, NodeId node) {
  for (const VolumeId volume : cluster_.pods[id].volumes)
    cluster_.pools.unreserve(node, cluster_.claim_name(volume));
}

Task<> Binding::cycle(PodId id, NodeId node) {
  PodRecord& pod = cluster_.pods[id];
  if (context_.policy.reserves)
    for (const VolumeId volume_id : pod.volumes) {
      VolumeRecord& volume = cluster_.volumes[volume_id];
      if (volume.class_position != PositionAdvice::must_local || volume.exists) continue;
      co_await client_.commit();
      volume.selected = node;
      volume.reservation = cluster_.claim_name(volume_id);
      co_await client_.answer();
    }
  for (const VolumeId volume_id : pod.volumes) {
    co_await client_.commit();
    co_await client_.answer();
    co_await volumes_.provision(volume_id, node);
  }
  co_await client_.commit();
  kubelets_.bound(id);
  co_await client_.answer();
}

}  // namespace orrery::control
