#include "models/control/kubernetes/node_controller.hpp"

#include <algorithm>
#include <utility>

#include "models/control/fleet/control_plane.hpp"
#include "models/control/fleet/turns.hpp"
#include "models/control/kubernetes/kube_scheduler.hpp"
#include "models/control/kubernetes/kubelets.hpp"
#include "models/control/liteio/volume_controller.hpp"
#include "models/control/liteio/volume_migration.hpp"

namespace orrery::control {

namespace {
// So few lost nodes make no zone unhealthy (Kubernetes, ComputeZoneState).
constexpr std::size_t kFewNodes = 2;
}  // namespace

NodeController::NodeController(ControlPlane& plane, std::uint64_t seed)
    : plane_(plane),
      cluster_(plane.cluster()),
      seed_(seed),
      node_agenda_(plane.simulation()),
      pool_agenda_(plane.simulation()),
      client_(plane.simulation(), plane.api(), plane.kube().client_qps, plane.kube().client_burst),
      peers_(seed, "control/peers") {}

TimePoint NodeController::not_ready_at(const NodeRecord& node, TimePoint died) const {
  const KubernetesProfile& kube = plane_.kube();
  const TimePoint renewed = last_turn(after(kStart, node.lease_phase), kube.lease_renew, died);
  return next_turn(kStart, kube.monitor_period, after(renewed, kube.monitor_grace));
}

TimePoint NodeController::pool_lost_at(const NodeRecord& node, TimePoint died,
                                       Duration threshold) const {
  const LiteioProfile& liteio = plane_.liteio();
  const TimePoint renewed = last_turn(after(kStart, node.heartbeat_phase), liteio.heartbeat, died);
  return next_turn(after(kStart, node.check_phase), liteio.check_period, after(renewed, threshold));
}

TimePoint NodeController::pool_back_at(const NodeRecord& node, TimePoint back) const {
  const LiteioProfile& liteio = plane_.liteio();
  return next_turn(after(kStart, node.check_phase), liteio.check_period,
                   after(back, liteio.heartbeat));
}

void NodeController::start() {
  RandomStream phases(seed_, "control/phases");
  for (NodeId id = 0; id < cluster_.nodes.size(); ++id) {
    NodeRecord& node = cluster_.nodes[id];
    node.lease_phase = phases.uniform(Duration{}, plane_.kube().lease_renew);
    node.heartbeat_phase = phases.uniform(Duration{}, plane_.liteio().heartbeat);
    node.check_phase = phases.uniform(Duration{}, plane_.liteio().check_period);
    if (node.spec->is_lost) begin_lost(id);
    else if (node.spec->disk.count() > 0) cluster_.pools.status[id] = PoolStatus::ready;
  }
  spawn_controller(plane_.simulation(), "node-controller", kControlHost,
                   [this](ActorContext& actor) {
                     for (;;) {
                       const Item item = node_agenda_.next(actor);
                       if (item.step != Step::next_eviction && !is_current(item)) continue;
                       switch (item.step) {
                         case Step::not_ready:
                           actor.post([this, item] {
                             plane_.books().to_not_ready.add(plane_.simulation().now() -
                                                             cluster_.nodes[item.node].died);
                             plane_.spawn(mark(item.node, false));
                           });
                           node_agenda_.add(after(actor.now(), plane_.kube().toleration),
                                            {Step::evict, item.node, item.epoch});
                           break;
                         case Step::evict:
                           to_evict_.push_back(item);
                           if (!is_evicting_) evict_next(actor.now());
                           break;
                         case Step::next_eviction: evict_next(actor.now()); break;
                         default:
                           actor.post([this, item] { plane_.spawn(give_up_replicas(item.node)); });
                       }
                     }
                   });
  spawn_controller(
      plane_.simulation(), "pool-controller", kControlHost, [this](ActorContext& actor) {
        for (;;) {
          const Item item = pool_agenda_.next(actor);
          if (!is_current(item)) continue;
          actor.post([this, item] {
            const NodeRecord& node = cluster_.nodes[item.node];
            if (item.step == Step::pool_unknown) {
              plane_.books().to_pool_unknown.add(plane_.simulation().now() - node.silent);
              if (cluster_.pools.status[item.node] == PoolStatus::ready)
                set_pool(item.node, PoolStatus::unknown);
            } else if (item.step == Step::pool_offline) {
              ++plane_.books().pools_offline;
              set_pool(item.node, PoolStatus::offline);
            } else if (cluster_.pools.status[item.node] != PoolStatus::ready) {
              set_pool(item.node, node.is_locked() ? PoolStatus::locked : PoolStatus::ready);
            }
          });
        }
      });
}

// A machine that was dead and noticed before the run began.
void NodeController::begin_lost(NodeId id) {
  NodeRecord& node = cluster_.nodes[id];
  node.alive = node.agent_alive = node.ready = false;
  node.died = node.silent = kStart;
  ++nodes_not_ready_;
  node_agenda_.add(after(kStart, plane_.kube().toleration), {Step::evict, id, node.epoch});
  if (node.spec->disk.count() > 0)
    pool_agenda_.add(pool_lost_at(node, kStart, plane_.liteio().offline_after),
                     {Step::pool_offline, id, node.epoch});
}

void NodeController::set_pool(NodeId id, PoolStatus status) {
  PoolStatus& now = cluster_.pools.status[id];
  // Between unknown and locked it is ready for an instant that nobody notices.
  if (status == PoolStatus::locked || status == PoolStatus::unknown) now = PoolStatus::ready;
  ORRERY_INVARIANT(may_follow(now, status), cluster_.name_of(id).c_str(),
                   "a pool changed to a state that cannot follow");
  now = status;
  if (status == PoolStatus::ready) plane_.volumes().pool_has_room(id);
}

Task<> NodeController::happen(NodeEvent event) {
  co_await Delay(plane_.calendar(), after(kStart, event.at));
  switch (event.kind) {
    case NodeEvent::Kind::drain: {
      co_await drain(event.node, event.lasts);
      co_return;
    }
    case NodeEvent::Kind::lock:
      co_await Delay(plane_.calendar(), plane_.watch_delay());
      lock(event.node, true);
      if (!event.lasts) co_return;
      co_await Delay(plane_.calendar(), *event.lasts);
      lock(event.node, false);
      co_return;
    default: break;
  }
  const bool machine = event.kind == NodeEvent::Kind::dead;
  const NodeRecord& node = cluster_.nodes[event.node];
  if (machine ? !node.alive : !node.agent_alive) co_return;  // it cannot die twice
  die(event.node, machine, event.loses_data && machine);
  const std::uint32_t epoch = node.epoch;
  if (!event.lasts) co_return;
  co_await Delay(plane_.calendar(), *event.lasts);
  if (node.epoch != epoch) co_return;  // its machine died after its agent
  come_back(event.node, event.loses_data && machine);
}

void NodeController::die(NodeId id, bool machine, bool loses_data) {
  NodeRecord& node = cluster_.nodes[id];
  FleetStats& books = plane_.books();
  const TimePoint now = plane_.simulation().now();
  ++node.epoch;
  if (std::exchange(node.agent_alive, false)) node.silent = now;
  plane_.groups().agent_changed(id);
  node.died = now;
  if (machine) {
    node.alive = false;
    plane_.simulation().set_host(node.spec->name, false);
    ++books.nodes_lost;
    for (const PodId pod : node.pods) cluster_.pods[pod].life->clear();
    node_agenda_.add(not_ready_at(node, now), {Step::not_ready, id, node.epoch});
    if (loses_data) {
      plane_.groups().data_is_lost(id);
      for (const VolumeId volume : node.volumes)
        if (!cluster_.volumes[volume].is_deleting) ++books.volumes_lost;
      node_agenda_.add(after(now, plane_.liteio().replica_lost_after),
                       {Step::give_up, id, node.epoch});
    }
  }
  if (node.spec->disk.count() == 0) return;
  if (const TimePoint lost = pool_lost_at(node, node.silent, plane_.liteio().lost_after);
      lost > now)
    pool_agenda_.add(lost, {Step::pool_unknown, id, node.epoch});
  if (const TimePoint lost = pool_lost_at(node, node.silent, plane_.liteio().offline_after);
      lost > now)
    pool_agenda_.add(lost, {Step::pool_offline, id, node.epoch});
}

void NodeController::come_back(NodeId id, bool loses_data) {
  NodeRecord& node = cluster_.nodes[id];
  const TimePoint now = plane_.simulation().now();
  const bool was_machine = !node.alive;
  ++node.epoch;
  node.alive = node.agent_alive = true;
  // Kubelet and agent count their periods from their start.
  node.lease_phase = (now - kStart) % plane_.kube().lease_renew;
  node.heartbeat_phase = (now - kStart) % plane_.liteio().heartbeat;
  if (was_machine) plane_.simulation().set_host(node.spec->name, true);
  if (loses_data) plane_.spawn(give_up_replicas(id));
  plane_.machine_has_changed(id);
  for (const VolumeId volume : node.volumes) plane_.kubelets().volume_is_ready(volume);
  if (node.spec->disk.count() > 0)
    pool_agenda_.add(pool_back_at(node, now), {Step::pool_ready, id, node.epoch});
  if (!was_machine) return;
  if (!node.ready) plane_.spawn(mark(id, true));
  for (const PodId pod : node.pods)
    if (runs(cluster_.pods[pod])) plane_.kubelets().start(pod);
}

// Condition Ready changes; the scheduler knows by watch.
Task<> NodeController::mark(NodeId id, bool ready) {
  NodeRecord& node = cluster_.nodes[id];
  co_await client_.commit();
  if (ready != node.alive) co_return;  // overtaken by its return, or by its next death
  if (node.ready != ready) nodes_not_ready_ += ready ? -1 : 1;
  node.ready = ready;
  co_await Delay(plane_.calendar(), plane_.watch_delay());
  plane_.scheduler().node_is(id, !node.ready, node.is_cordoned());
}

// How long the node controller waits between two nodes.
Duration NodeController::eviction_gap() const {
  const KubernetesProfile& kube = plane_.kube();
  const std::size_t all = cluster_.nodes.size();
  if (nodes_not_ready_ == all) return Duration::max();  // rather the controller's own network
  const double share = static_cast<double>(nodes_not_ready_) / static_cast<double>(all);
  if (nodes_not_ready_ <= kFewNodes || share < kube.unhealthy_zone)
    return seconds(1 / kube.eviction_rate);
  if (static_cast<std::int64_t>(all) <= kube.large_zone) return Duration::max();
  return seconds(1 / kube.secondary_eviction_rate);
}

bool NodeController::has_data_on(const PodRecord& pod, NodeId node) const {
  return std::any_of(pod.volumes.begin(), pod.volumes.end(), [&](VolumeId id) {
    const VolumeRecord& volume = cluster_.volumes[id];
    return volume.booking.pool == node || volume.position == PositionAdvice::must_local;
  });
}

bool NodeController::runs(const PodRecord& pod) {
  return pod.phase == PodPhase::starting || pod.phase == PodPhase::running;
}

bool NodeController::is_current(const Item& item) const {
  return cluster_.nodes[item.node].epoch == item.epoch;
}

// One node at a time, at the rate that its zone allows; the actor goes on with other things
// meanwhile.
void NodeController::evict_next(TimePoint now) {
  while (!to_evict_.empty() && !is_current(to_evict_.front())) to_evict_.pop_front();
  is_evicting_ = false;
  Duration wait = eviction_gap();
  const bool is_allowed = wait != Duration::max();  // not in a small zone that is unhealthy
  if (is_allowed && !to_evict_.empty()) {
    const Item item = to_evict_.front();
    to_evict_.pop_front();
    plane_.simulation().at_calendar([this, item] { plane_.spawn(evict_pods(item.node)); });
  } else if (to_evict_.empty()) {
    return;
  } else {
    wait = plane_.kube().monitor_period;
  }
  is_evicting_ = true;
  node_agenda_.add(after(now, wait), {Step::next_eviction, 0, 0});
}

Task<> NodeController::evict_pods(NodeId id) {
  FleetStats& books = plane_.books();
  books.to_evict.add(plane_.simulation().now() - cluster_.nodes[id].died);
  const std::vector<PodId> pods = cluster_.nodes[id].pods;
  for (const PodId pod_id : pods) {
    PodRecord& pod = cluster_.pods[pod_id];
    if (std::exchange(pod.is_evicted, false)) plane_.spawn(make_again(pod_id));
    if (!runs(pod) || pod.spec->outlasts_loss) continue;
    co_await client_.commit();
    if (cluster_.nodes[id].alive) co_return;
    if (!runs(pod)) continue;
    ++books.evicted;
    if (has_data_on(pod, id)) {
      ++books.stuck_terminating;
      continue;
    }
    pod.phase = PodPhase::terminating;
    plane_.spawn(plane_.kubelets().stop(pod_id, false));
    plane_.spawn(make_again(pod_id));
  }
}

Task<> NodeController::make_again(PodId id) {
  co_await Delay(plane_.calendar(), plane_.kube().recreate);
  const std::vector<VolumeId> kept = cluster_.pods[id].volumes;
  plane_.recreate(id, kept);
}

// Databases replace the replicas that ran on a node or had their data there.
Task<> NodeController::give_up_replicas(NodeId id) {
  const NodeRecord& node = cluster_.nodes[id];
  std::vector<PodId> pods;
  for (const VolumeId volume : node.volumes) pods.push_back(cluster_.volumes[volume].pod);
  for (const PodId pod : node.pods)
    if (has_data_on(cluster_.pods[pod], id)) pods.push_back(pod);
  std::sort(pods.begin(), pods.end());
  pods.erase(std::unique(pods.begin(), pods.end()), pods.end());
  for (const PodId pod : pods) {
    co_await replace(pod, id);
  }
}

Task<> NodeController::replace(PodId id, NodeId lost_node) {
  PodRecord& pod = cluster_.pods[id];
  const auto can_be = [&pod] {
    return pod.phase != PodPhase::terminating && pod.phase != PodPhase::gone;
  };
  if (!can_be()) co_return;
  co_await client_.commit();
  if (!can_be()) co_return;
  const NodeId node = pod.node;
  const bool was_bound = runs(pod);
  pod.life->clear();
  if (!was_bound) {
    plane_.scheduler().forget(id);
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
                                                 plane_.liteio().volume_fill)};
  }
  // The pod's object is removed by force: its kubelet may be dead.
  plane_.is_gone(id);
  if (was_bound) plane_.scheduler().pod_gone(node, id);
  for (const VolumeId volume : lost) plane_.spawn(plane_.volumes().remove(volume));
  co_await Delay(plane_.calendar(), plane_.kube().recreate);
  const PodId made = plane_.recreate(id, kept);
  if (to_copy.count() > 0) plane_.spawn(rebuild(made, to_copy));
}

// A new replica runs and copies what it lacks from another one. Where none is left, the data is
// lost to the cluster and comes back out of a backup, over the network of some other node.
Task<> NodeController::rebuild(PodId id, Bytes bytes) {
  PodRecord& pod = cluster_.pods[id];
  FleetStats& books = plane_.books();
  const TimePoint begun = plane_.simulation().now();
  co_await plane_.runs(id);
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
  Flows::Carry carry(plane_.flows(), plane_.host_of(from), plane_.host_of(pod.node), bytes);
  const bool arrived = co_await carry;
  if (!arrived || pod.phase != PodPhase::running) {
    ++books.rebuilds_failed;
    co_return;
  }
  ++(has_replica ? books.rebuilds : books.restores);
  books.rebuilt_bytes += static_cast<double>(bytes.count());
  books.rebuild_time.add(plane_.simulation().now() - begun);
}

void NodeController::lock(NodeId id, bool locked) {
  NodeRecord& node = cluster_.nodes[id];
  node.locks += locked ? 1 : -1;
  locked = node.is_locked();
  const PoolStatus status = cluster_.pools.status[id];
  if (locked && status == PoolStatus::ready) set_pool(id, PoolStatus::locked);
  if (locked || status != PoolStatus::locked) return;
  const bool is_lost =
      !node.agent_alive &&
      plane_.simulation().now() >= pool_lost_at(node, node.silent, plane_.liteio().lost_after);
  set_pool(id, is_lost ? PoolStatus::unknown : PoolStatus::ready);
}

// Made again when it has stopped, or when its node is given up before.
Task<> NodeController::drain_pod(PodId id) {
  co_await plane_.kubelets().stop(id, false);
  PodRecord& pod = cluster_.pods[id];
  if (!std::exchange(pod.is_evicted, false)) co_return;
  const std::vector<VolumeId> kept = pod.volumes;
  plane_.recreate(id, kept);
}

// Cordoned; pods that can go elsewhere do, and what lies in its pool is moved away. What must be
// local stays, with its pod.
Task<> NodeController::drain(NodeId id, std::optional<Duration> lasts) {
  NodeRecord& node = cluster_.nodes[id];
  ++plane_.books().drains;
  co_await client_.commit();
  ++node.cordons;
  co_await Delay(plane_.calendar(), plane_.watch_delay());
  plane_.scheduler().node_is(id, !node.ready, true);
  lock(id, true);
  const std::vector<PodId> pods = node.pods;
  for (const PodId pod_id : pods) {
    PodRecord& pod = cluster_.pods[pod_id];
    if (!runs(pod)) continue;
    if (pod.must_local.count() > 0) {
      ++plane_.books().drains_blocked;
      continue;
    }
    co_await client_.commit();
    if (!runs(pod)) continue;
    ++plane_.books().evicted;
    pod.life->clear();
    pod.phase = PodPhase::terminating;
    pod.is_evicted = true;
    plane_.spawn(drain_pod(pod_id));
  }
  const std::vector<VolumeId> volumes = node.volumes;
  for (const VolumeId volume : volumes) plane_.migrations().request(volume);
  if (!lasts) co_return;
  co_await Delay(plane_.calendar(), *lasts);
  co_await client_.commit();
  --node.cordons;
  lock(id, false);
  co_await Delay(plane_.calendar(), plane_.watch_delay());
  plane_.scheduler().node_is(id, !node.ready, node.is_cordoned());
}

}  // namespace orrery::control
