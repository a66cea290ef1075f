// A pod on its node, from bound to gone.
#include "models/control/kubernetes/kubelets.hpp"

#include <algorithm>
#include <utility>

namespace orrery::control {

Kubelets::Kubelets(FleetContext& context, ClusterNews& news, ClusterEvents& events,
                   VolumeSource& volumes)
    : context_(context),
      cluster_(context.cluster),
      news_(news),
      events_(events),
      volumes_(volumes),
      client_(context.simulation, context.api) {}

void Kubelets::bound(PodId id) {
  PodRecord& pod = cluster_.pods[id];
  pod.phase = PodPhase::starting;
  pod.bound = context_.now();
  cluster_.nodes[pod.node].pods.push_back(id);
  context_.books.to_bind.add(pod.bound - pod.created);
  context_.books.last_bound = pod.bound;
  if (cluster_.nodes[pod.node].alive) start(id);
}

void Kubelets::is_running(PodId id) {
  PodRecord& pod = cluster_.pods[id];
  const bool is_first = !std::exchange(pod.has_run, true);
  pod.phase = PodPhase::running;
  if (is_first) {
    pod.running = context_.now();
    context_.books.to_run.add(pod.running - pod.created);
  }
  news_.pod_has_changed(id);
}

void Kubelets::is_gone(PodId id) {
  PodRecord& pod = cluster_.pods[id];
  if (pod.node != kNoNode) {
    auto& pods = cluster_.nodes[pod.node].pods;
    const auto found = std::find(pods.begin(), pods.end(), id);
    if (found != pods.end()) pods.erase(found);
  }
  pod.phase = PodPhase::gone;
  pod.volumes_ready.reset();
  news_.pod_has_changed(id);
}

void Kubelets::start(PodId id) {
  PodRecord& pod = cluster_.pods[id];
  pod.volumes_ready = std::make_unique<Gate>(context_.calendar, has_all_volumes(pod));
  pod.life->spawn(run(id));
}

bool Kubelets::has_all_volumes(const PodRecord& pod) const {
  return std::all_of(pod.volumes.begin(), pod.volumes.end(), [&](VolumeId id) {
    const VolumeRecord& volume = cluster_.volumes[id];
    return volume.status == VolumeStatus::ready &&
           (!context_.disks.is_pooled || cluster_.nodes[volume.booking.pool].agent_alive);
  });
}

bool Kubelets::has_remote_volumes(const PodRecord& pod) const {
  return std::any_of(pod.volumes.begin(), pod.volumes.end(),
                     [&](VolumeId id) { return cluster_.volumes[id].is_remote(); });
}

void Kubelets::volume_is_ready(VolumeId id) {
  PodRecord& pod = cluster_.pods[cluster_.volumes[id].pod];
  if (pod.volumes_ready && !pod.volumes_ready->is_open() && has_all_volumes(pod))
    pod.volumes_ready->open();
}

Task<> Kubelets::run(PodId id) {
  const KubernetesProfile& kube = context_.kube;
  const LiteioProfile& liteio = context_.liteio;
  PodRecord& pod = cluster_.pods[id];
  co_await Delay(context_.calendar, context_.watch_delay);

  // NodeStage
  const TimePoint first_look = context_.now();
  Duration look{}, wait = kube.stage_retry_first;
  for (bool is_there = false; !is_there;) {
    co_await pod.volumes_ready->pass();
    const Duration since = context_.now() - first_look;
    while (look < since && wait != kube.stage_retry_max) {
      look += wait;
      wait = std::min(2 * wait, kube.stage_retry_max);
    }
    if (look < since) look += (since - look + wait - Duration{1}) / wait * wait;
    co_await Delay(context_.calendar, after(first_look, look));
    is_there = has_all_volumes(pod);
    if (!is_there) pod.volumes_ready->close();  // the node of one has died meanwhile
  }
  if (has_remote_volumes(pod)) {
    co_await Delay(context_.calendar, liteio.connect);
    co_await Delay(context_.calendar, liteio.stage_sleep);
  }
  if (!pod.volumes.empty()) co_await Delay(context_.calendar, liteio.make_filesystem);

  co_await Delay(context_.calendar, kube.pod_start);
  co_await client_.commit();
  is_running(id);
  co_await client_.answer();
}

Task<> Kubelets::stop(PodId id, bool with_claims) {
  PodRecord& pod = cluster_.pods[id];
  const NodeId node = pod.node;
  co_await client_.commit();
  co_await Delay(context_.calendar, context_.watch_delay);
  if (node != kNoNode) {
    co_await news_.node_is_up(node);
    if (has_remote_volumes(pod)) co_await Delay(context_.calendar, context_.liteio.unstage_sleep);
    co_await news_.node_is_up(node);
    co_await client_.commit();
    is_gone(id);
    co_await Delay(context_.calendar, context_.watch_delay);
    events_.pod_gone(node, id);
  } else {
    is_gone(id);
  }
  if (!with_claims) co_return;
  for (const VolumeId volume : pod.volumes) context_.spawn(volumes_.remove(volume));
}

}  // namespace orrery::control
