// Who gets which parts, what starts in which order, and whom an event concerns.
#include "models/control/fleet/control_plane.hpp"

#include <utility>

namespace orrery::control {

namespace {

VolumeLimits limits_of(const LiteioProfile& liteio) {
  return {liteio.max_remote_volumes, liteio.max_sharing_nodes, liteio.min_local_storage,
          liteio.position_bonus, liteio.fullness_points};
}

constexpr double kLongestPreload = 1e6;  // seconds

}  // namespace

ControlPlane::ControlPlane(Simulation& simulation, FleetPlan plan, std::uint64_t seed)
    : plan_(std::move(plan)),
      context_(simulation, *plan_.demand, plan_.kube, plan_.liteio, plan_.policy, plan_.disks,
               seed),
      news_(simulation, context_.cluster),
      links_(simulation, *plan_.demand),
      volume_scheduler_(limits_of(plan_.liteio), plan_.pool_filters, plan_.pool_priorities,
                        RandomStream(seed, "control/volume-scheduler")),
      block_store_(context_, *this),
      agents_(context_, news_, *this),
      volumes_(context_, news_, *this, volume_scheduler_, agents_),
      groups_(context_, volume_scheduler_, volumes_, plan_.groups),
      snapshots_(context_, news_, plan_.snapshots),
      migrations_(context_, news_, *this, links_, volumes_),
      pools_(context_, *this),
      kubelets_(context_, news_, *this, source()),
      scheduler_(context_, *this, plan_.node_plugins, volume_scheduler_, volumes_, source(),
                 kubelets_, seed),
      pods_(context_, scheduler_, kubelets_, source()),
      node_client_(simulation, context_.api, plan_.kube.client_qps, plan_.kube.client_burst),
      evictions_(context_, kubelets_, pods_, node_client_),
      replicas_(context_, news_, links_, source(), kubelets_, scheduler_, pods_, node_client_,
                seed),
      nodes_(context_, news_, pools_, groups_, kubelets_, scheduler_, evictions_, replicas_,
             node_client_, seed),
      drains_(context_, pools_, migrations_, kubelets_, scheduler_, pods_, node_client_),
      node_events_(context_, nodes_, pools_, drains_),
      sampling_(context_, volumes_.unplaced(), block_store_, plan_.sampling) {}

ControlPlane::~ControlPlane() { context_.end_tasks(); }

VolumeSource& ControlPlane::source() {
  if (context_.disks.is_pooled) return volumes_;
  return block_store_;
}

void ControlPlane::start() {
  pods_.make_running();
  const Cluster& cluster = context_.cluster;
  const auto objects =
      static_cast<double>(cluster.nodes.size() * 2 + cluster.pods.size() + cluster.volumes.size());
  const Duration preload = seconds(std::min(objects / plan_.kube.list_rate, kLongestPreload));
  context_.api.start();
  nodes_.start();
  pools_.start();
  scheduler_.start(preload);
  volumes_.start(preload);
  migrations_.start();
  groups_.start();
  snapshots_.start();
  for (const NodeEvent& event : plan_.events) context_.spawn(node_events_.happen(event));
  context_.spawn(pods_.arrivals());
  context_.spawn(sampling_.run());
}

void ControlPlane::volume_is_ready(VolumeId volume) {
  kubelets_.volume_is_ready(volume);
  groups_.volume_is_ready(volume);
  news_.volume_has_changed(volume);
}

void ControlPlane::volume_goes(VolumeId volume) {
  snapshots_.volume_goes(volume);
  news_.volume_has_changed(volume);
}

// Groups and pods first: they find the pool as it is, before volumes are sent there.
void ControlPlane::pool_has_room(NodeId pool) {
  groups_.room_appeared();
  scheduler_.pool_has_room(pool);
  volumes_.unplaced().pool_has_room(pool);
}

void ControlPlane::local_storage_is(NodeId node, std::int64_t bytes) {
  scheduler_.local_storage_is(node, bytes);
}

void ControlPlane::pod_gone(NodeId node, PodId pod) { scheduler_.pod_gone(node, pod); }

}  // namespace orrery::control
