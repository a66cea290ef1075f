// A drain, step by step.
#include "models/control/kubernetes/drains.hpp"

#include <utility>
#include <vector>

namespace orrery::control {

Drains::Drains(FleetContext& context, PoolController& pools, VolumeMigrations& migrations,
               Kubelets& kubelets, KubeScheduler& scheduler, PodController& pods, ApiClient& client)
    : context_(context),
      cluster_(context.cluster),
      pools_(pools),
      migrations_(migrations),
      kubelets_(kubelets),
      scheduler_(scheduler),
      pods_(pods),
      client_(client) {}

// Made again when it has stopped, or when its node is given up before.
Task<> Drains::move(PodId id) {
  co_await kubelets_.stop(id, false);
  PodRecord& pod = cluster_.pods[id];
  if (!std::exchange(pod.is_evicted, false)) co_return;
  const std::vector<VolumeId> kept = pod.volumes;
  pods_.recreate(id, kept);
}

Task<> Drains::drain(NodeId id, std::optional<Duration> lasts) {
  NodeRecord& node = cluster_.nodes[id];
  ++context_.books.drains;
  co_await client_.commit();
  ++node.cordons;
  co_await Delay(context_.calendar, context_.watch_delay);
  scheduler_.node_is(id, !node.ready, true);
  pools_.lock(id, true);
  const std::vector<PodId> pods = node.pods;
  for (const PodId pod_id : pods) {
    PodRecord& pod = cluster_.pods[pod_id];
    if (!pod.is_bound()) continue;
    if (pod.must_local.count() > 0) {
      ++context_.books.drains_blocked;
      continue;
    }
    co_await client_.commit();
    if (!pod.is_bound()) continue;
    ++context_.books.evicted;
    pod.life->clear();
    pod.phase = PodPhase::terminating;
    pod.is_evicted = true;
    context_.spawn(move(pod_id));
  }
  const std::vector<VolumeId> volumes = node.volumes;
  for (const VolumeId volume : volumes) migrations_.request(volume);
  if (!lasts) co_return;
  co_await Delay(context_.calendar, *lasts);
  co_await client_.commit();
  --node.cordons;
  pools_.lock(id, false);
  co_await Delay(context_.calendar, context_.watch_delay);
  scheduler_.node_is(id, !node.ready, node.is_cordoned());
}

}  // namespace orrery::control
