#include "models/control/kubernetes/kubelets.hpp"

#include <algorithm>

#include "models/control/fleet/control_plane.hpp"
#include "models/control/kubernetes/kube_scheduler.hpp"
#include "models/control/liteio/volume_controller.hpp"

namespace orrery::control {

Kubelets::Kubelets(ControlPlane& plane)
    : plane_(plane), cluster_(plane.cluster()), client_(plane.simulation(), plane.api()) {}

void Kubelets::start(PodId id) {
  PodRecord& pod = cluster_.pods[id];
  pod.volumes_ready = std::make_unique<Gate>(plane_.calendar(), has_all_volumes(pod));
  pod.life->spawn(run(id));
}

bool Kubelets::has_all_volumes(const PodRecord& pod) const {
  return std::all_of(pod.volumes.begin(), pod.volumes.end(), [&](VolumeId id) {
    const VolumeRecord& volume = cluster_.volumes[id];
    return volume.status == VolumeStatus::ready &&
           (cluster_.disks == Disks::ebs || cluster_.nodes[volume.booking.pool].agent_alive);
  });
}

void Kubelets::volume_is_ready(VolumeId id) {
  PodRecord& pod = cluster_.pods[cluster_.volumes[id].pod];
  if (pod.volumes_ready && !pod.volumes_ready->is_open() && has_all_volumes(pod))
    pod.volumes_ready->open();
}

Task<> Kubelets::run(PodId id) {
  const KubernetesProfile& kube = plane_.kube();
  const LiteioProfile& liteio = plane_.liteio();
  PodRecord& pod = cluster_.pods[id];
  co_await Delay(plane_.calendar(), plane_.watch_delay());

  // NodeStage
  const TimePoint first_look = plane_.simulation().now();
  Duration look{}, wait = kube.stage_retry_first;
  for (bool is_there = false; !is_there;) {
    co_await pod.volumes_ready->pass();
    const Duration since = plane_.simulation().now() - first_look;
    while (look < since && wait != kube.stage_retry_max) {
      look += wait;
      wait = std::min(2 * wait, kube.stage_retry_max);
    }
    if (look < since) look += (since - look + wait - Duration{1}) / wait * wait;
    co_await Delay(plane_.calendar(), after(first_look, look));
    is_there = has_all_volumes(pod);
    if (!is_there) pod.volumes_ready->close();  // the node of one has died meanwhile
  }
  const bool has_remote = std::any_of(pod.volumes.begin(), pod.volumes.end(),
                                      [&](VolumeId v) { return cluster_.volumes[v].is_remote(); });
  if (has_remote) {
    co_await Delay(plane_.calendar(), liteio.connect);
    co_await Delay(plane_.calendar(), liteio.stage_sleep);
  }
  if (!pod.volumes.empty()) co_await Delay(plane_.calendar(), liteio.make_filesystem);

  co_await Delay(plane_.calendar(), kube.pod_start);
  co_await client_.commit();
  plane_.is_running(id);
  co_await client_.answer();
}

Task<> Kubelets::stop(PodId id, bool with_claims) {
  PodRecord& pod = cluster_.pods[id];
  const NodeId node = pod.node;
  co_await client_.commit();
  co_await Delay(plane_.calendar(), plane_.watch_delay());
  if (node != kNoNode) {
    co_await plane_.node_is_up(node);
    const bool has_remote = std::any_of(pod.volumes.begin(), pod.volumes.end(), [&](VolumeId v) {
      return cluster_.volumes[v].is_remote();
    });
    if (has_remote) co_await Delay(plane_.calendar(), plane_.liteio().unstage_sleep);
    co_await plane_.node_is_up(node);
    co_await client_.commit();
    plane_.is_gone(id);
    co_await Delay(plane_.calendar(), plane_.watch_delay());
    plane_.scheduler().pod_gone(node, id);
  } else {
    plane_.is_gone(id);
  }
  if (!with_claims) co_return;
  for (const VolumeId volume : pod.volumes) plane_.spawn(plane_.volumes().remove(volume));
}

}  // namespace orrery::control
