// Deaths and returns of nodes, and when the controller notices.
#include "models/control/kubernetes/node_controller.hpp"

#include <optional>
#include <utility>

#include "models/control/fleet/turns.hpp"
#include "sim/random.hpp"

namespace orrery::control {

NodeController::NodeController(FleetContext& context, ClusterNews& news, PoolController& pools,
                               VolumeGroups& groups, Kubelets& kubelets, KubeScheduler& scheduler,
                               Evictions& evictions, ReplicaReplacement& replicas,
                               ApiClient& client, std::uint64_t seed)
    : context_(context),
      cluster_(context.cluster),
      news_(news),
      pools_(pools),
      groups_(groups),
      kubelets_(kubelets),
      scheduler_(scheduler),
      evictions_(evictions),
      replicas_(replicas),
      client_(client),
      seed_(seed),
      agenda_(context.simulation) {}

TimePoint NodeController::not_ready_at(const NodeRecord& node, TimePoint died) const {
  const KubernetesProfile& kube = context_.kube;
  const TimePoint renewed = last_turn(after(kStart, node.lease_phase), kube.lease_renew, died);
  return next_turn(kStart, kube.monitor_period, after(renewed, kube.monitor_grace));
}

void NodeController::start() {
  RandomStream phases(seed_, "control/phases");
  for (NodeId id = 0; id < cluster_.nodes.size(); ++id) {
    NodeRecord& node = cluster_.nodes[id];
    node.lease_phase = phases.uniform(Duration{}, context_.kube.lease_renew);
    node.heartbeat_phase = phases.uniform(Duration{}, context_.liteio.heartbeat);
    node.check_phase = phases.uniform(Duration{}, context_.liteio.check_period);
    if (node.spec->is_lost) begin_lost(id);
    else if (node.spec->disk.count() > 0) cluster_.pools.status[id] = PoolStatus::ready;
  }
  spawn_controller(context_.simulation, "node-controller", kControlHost,
                   [this](ActorContext& actor) {
                     for (;;) act(agenda_.next(actor), actor);
                   });
}

void NodeController::act(const Item& item, ActorContext& actor) {
  const TimePoint now = actor.now();
  if (item.step != Step::next_eviction && cluster_.nodes[item.node].epoch != item.epoch) return;
  std::optional<TimePoint> next_eviction;
  switch (item.step) {
    case Step::not_ready:
      actor.post([this, node = item.node] {
        context_.books.to_not_ready.add(context_.now() - cluster_.nodes[node].died);
        context_.spawn(mark(node, false));
      });
      agenda_.add(after(now, context_.kube.toleration), {Step::evict, item.node, item.epoch});
      break;
    case Step::evict: next_eviction = evictions_.add(item.node, now); break;
    case Step::next_eviction: next_eviction = evictions_.next(now); break;
    case Step::give_up:
      actor.post([this, node = item.node] { context_.spawn(replicas_.give_up(node)); });
      break;
  }
  if (next_eviction) agenda_.add(*next_eviction, {Step::next_eviction, 0, 0});
}

// A machine that was dead and noticed before the run began.
void NodeController::begin_lost(NodeId id) {
  NodeRecord& node = cluster_.nodes[id];
  node.alive = node.agent_alive = node.ready = false;
  node.died = node.silent = kStart;
  evictions_.count_lost(+1);
  agenda_.add(after(kStart, context_.kube.toleration), {Step::evict, id, node.epoch});
  pools_.agent_was_lost(id);
}

void NodeController::die(NodeId id, bool machine, bool loses_data) {
  NodeRecord& node = cluster_.nodes[id];
  FleetStats& books = context_.books;
  const TimePoint now = context_.now();
  ++node.epoch;
  if (std::exchange(node.agent_alive, false)) node.silent = now;
  groups_.agent_changed(id);
  node.died = now;
  if (machine) {
    node.alive = false;
    context_.simulation.set_host(node.spec->name, false);
    ++books.nodes_lost;
    for (const PodId pod : node.pods) cluster_.pods[pod].life->clear();
    agenda_.add(not_ready_at(node, now), {Step::not_ready, id, node.epoch});
    if (loses_data) {
      groups_.data_is_lost(id);
      for (const VolumeId volume : node.volumes)
        if (!cluster_.volumes[volume].is_deleting) ++books.volumes_lost;
      agenda_.add(after(now, context_.liteio.replica_lost_after), {Step::give_up, id, node.epoch});
    }
  }
  pools_.agent_has_died(id);
}

void NodeController::come_back(NodeId id, bool loses_data) {
  NodeRecord& node = cluster_.nodes[id];
  const TimePoint now = context_.now();
  const bool was_machine = !node.alive;
  ++node.epoch;
  node.alive = node.agent_alive = true;
  // Kubelet and agent count their periods from their start.
  node.lease_phase = (now - kStart) % context_.kube.lease_renew;
  node.heartbeat_phase = (now - kStart) % context_.liteio.heartbeat;
  if (was_machine) context_.simulation.set_host(node.spec->name, true);
  if (loses_data) context_.spawn(replicas_.give_up(id));
  news_.machine_has_changed(id);
  groups_.agent_changed(id);
  for (const VolumeId volume : node.volumes) kubelets_.volume_is_ready(volume);
  pools_.agent_is_back(id);
  if (!was_machine) return;
  if (!node.ready) context_.spawn(mark(id, true));
  for (const PodId pod : node.pods)
    if (cluster_.pods[pod].is_bound()) kubelets_.start(pod);
}

// Condition Ready changes; the scheduler knows by watch.
Task<> NodeController::mark(NodeId id, bool ready) {
  NodeRecord& node = cluster_.nodes[id];
  co_await client_.commit();
  if (ready != node.alive) co_return;  // overtaken by its return, or by its next death
  if (node.ready != ready) evictions_.count_lost(ready ? -1 : 1);
  node.ready = ready;
  co_await Delay(context_.calendar, context_.watch_delay);
  scheduler_.node_is(id, !node.ready, node.is_cordoned());
}

}  // namespace orrery::control
