#include "models/control/fleet/control_plane.hpp"

#include <algorithm>

#include "models/control/kubernetes/kubelets.hpp"
#include "models/control/kubernetes/node_controller.hpp"
#include "models/control/liteio/volume_agents.hpp"
#include "models/control/liteio/volume_controller.hpp"
#include "models/control/liteio/volume_migration.hpp"
#include "sim/assert.hpp"

namespace orrery::control {

namespace {

VolumeLimits limits_of(const LiteioProfile& liteio) {
  return {liteio.max_remote_volumes, liteio.max_sharing_nodes, liteio.min_local_storage,
          liteio.position_bonus, liteio.fullness_points};
}

constexpr double kLongestWait = 1e6;        // seconds
constexpr NodeId kTornApart = kNoNode - 1;  // no node: local volumes lie on several

// "ob.cluster.zone" in its parts; nothing for other texts.
std::optional<std::pair<std::string, std::string>> holder_of(const std::string& text) {
  const auto first = text.find('.');
  const auto second = first == std::string::npos ? first : text.find('.', first + 1);
  if (second == std::string::npos) return std::nullopt;
  return std::pair{text.substr(0, second), text.substr(second + 1)};
}

}  // namespace

PlatformSpec fleet_platform(const Demand& demand, const LiteioProfile& liteio) {
  PlatformSpec platform;
  for (const NodeSpec& node : demand.nodes)
    platform.hosts.push_back({node.name, {liteio.node_network, Duration{}, liteio.copy_rate}});
  return platform;
}

ControlPlane::ControlPlane(Simulation& simulation, FleetPlan plan, std::uint64_t seed)
    : simulation_(simulation),
      plan_(std::move(plan)),
      api_(simulation, plan_.kube, seed),
      volume_scheduler_(limits_of(plan_.liteio), plan_.pool_filters, plan_.pool_priorities,
                        RandomStream(seed, "control/volume-scheduler")),
      flows_(simulation),
      of_machines_(simulation.calendar()),
      of_lvs_(simulation.calendar()),
      of_pods_(simulation.calendar()),
      of_volumes_(simulation.calendar()),
      groups_(*this, plan_.groups),
      snapshots_(*this, plan_.snapshots) {
  const Demand& demand = *plan_.demand;
  cluster_.classes = demand.classes;
  cluster_.disks = plan_.disks;
  cluster_.policy = plan_.policy;
  for (const NodeSpec& spec : demand.nodes) {
    NodeRecord node;
    node.spec = &spec;
    node.cordons = spec.unschedulable ? 1 : 0;
    const NodeId id = cluster_.pools.add(spec, plan_.liteio.unit_of(spec.pool_mode));
    node.lv_free = cluster_.pools.capacity[id];
    nodes_by_name_.emplace(spec.name, id);
    cluster_.nodes.push_back(std::move(node));
    hosts_.push_back(flows_.host(spec.name));
  }
  block_store_ = std::make_unique<BlockStore>(*this);
  scheduler_ = std::make_unique<KubeScheduler>(*this, plan_.node_plugins, seed);
  volumes_ = std::make_unique<VolumeController>(*this);
  agents_ = std::make_unique<VolumeAgents>(*this);
  kubelets_ = std::make_unique<Kubelets>(*this);
  lifecycle_ = std::make_unique<NodeController>(*this, seed);
  migrations_ = std::make_unique<VolumeMigrations>(*this);
}

// Tasks go before those whose turns they wait for.
ControlPlane::~ControlPlane() {
  tasks_.clear();
  for (PodRecord& pod : cluster_.pods) pod.life->clear();
}

void ControlPlane::start() {
  const Demand& demand = *plan_.demand;
  // What runs already: bound, its volumes local where they have room.
  for (const PodSpec& spec : demand.pods) {
    const auto node = spec.node.empty() ? nodes_by_name_.end() : nodes_by_name_.find(spec.node);
    if (node == nodes_by_name_.end()) continue;
    const PodId id = make_pod(spec, kStart);
    PodRecord& pod = cluster_.pods[id];
    pod.node = node->second;
    pod.phase = PodPhase::running;
    pod.has_run = true;
    pod.bound = pod.running = kStart;
    cluster_.nodes[pod.node].pods.push_back(id);
    std::erase_if(pod.volumes, [&](VolumeId volume) {
      if (lies_before(volume, pod.node)) return false;
      ++books_.volumes_left_out;
      return true;
    });
  }
  const auto objects =
      static_cast<double>(demand.nodes.size() * 2 + cluster_.pods.size() + cluster_.volumes.size());
  const Duration preload = seconds(std::min(objects / plan_.kube.list_rate, kLongestWait));
  api_.start();
  lifecycle_->start();
  scheduler_->start(preload);
  volumes_->start(preload);
  migrations_->start();
  groups_.start();
  snapshots_.start();
  for (const NodeEvent& event : plan_.events) spawn(lifecycle_->happen(event));
  spawn(arrivals());
  spawn(sampling());
}

// The pool that a volume lies in before the run: the one that is known, else its pod's, else the
// one with most room that its pod selects. None if it fits nowhere.
NodeId ControlPlane::pool_before(const VolumeRecord& volume, NodeId host) const {
  const PoolTable& pools = cluster_.pools;
  const auto takes = [&](NodeId id) {
    return pools.capacity[id] > 0 && pools.free[id] >= pools.taken(id, volume.booking.total);
  };
  const auto known = nodes_by_name_.find(volume.claim->lies_on);
  if (known != nodes_by_name_.end() && takes(known->second)) return known->second;
  if (host != kNoNode && takes(host)) return host;
  NodeId best = kNoNode;
  for (const NodeId id : pools.pools)
    if (takes(id) && (best == kNoNode || pools.free[id] > pools.free[best]) &&
        selects(cluster_.pods[volume.pod].spec->pool_selector, pools.node[id]->labels))
      best = id;
  return best;
}

// A volume that is there before the run, of a pod on `host` or one that waits. False if there is no
// room for it.
bool ControlPlane::lies_before(VolumeId id, NodeId host) {
  VolumeRecord& volume = cluster_.volumes[id];
  PodRecord& pod = cluster_.pods[volume.pod];
  const bool is_local = volume.class_position == PositionAdvice::must_local;
  const bool is_pooled = cluster_.disks != Disks::ebs;
  const NodeId pool = is_pooled ? pool_before(volume, host) : kNoNode;
  if (is_pooled && pool == kNoNode) {
    volume.is_deleting = true;
    volume.status = VolumeStatus::deleted;
    if (is_local) pod.must_local = pod.must_local - volume.booking.total;
    return false;
  }
  volume.exists = volume.is_written = true;
  volume.status = VolumeStatus::ready;
  volume.booking.host = host == kNoNode ? pool : host;
  if (!is_pooled) {
    block_store_->provision(id);
    return true;
  }
  if (pool != host && cluster_.name_of(pool) != volume.claim->lies_on) ++books_.volumes_moved;
  if (host == kNoNode && is_local) {
    pod.lies_local += volume.booking.total;
    pod.tied_to = pod.tied_to == kNoNode || pod.tied_to == pool ? pool : kTornApart;
  }
  PoolTable& pools = cluster_.pools;
  pools.report(pool, pools.reported_free(pool) - Bytes{pools.taken(pool, volume.booking.total)});
  volumes_->book(id, pool, volume.booking.host);
  agents_->take_lv(id);
  return true;
}

std::uint32_t ControlPlane::id_of(const std::string& name) {
  return ids_.try_emplace(name, static_cast<std::uint32_t>(ids_.size() + 1)).first->second;
}

PodId ControlPlane::make_pod(const PodSpec& spec, TimePoint at) {
  const auto id = static_cast<PodId>(cluster_.pods.size());
  PodRecord& pod = cluster_.pods.emplace_back();
  pod.spec = &spec;
  pod.created = at;
  pod.life = std::make_unique<TaskScope>();
  if (spec.max_per_node > 0) pod.app = id_of("app " + spec.app);
  if (const auto holder = holder_of(spec.data_holder)) {
    pod.holder_cluster = id_of("cluster " + holder->first);
    pod.holder_zone = id_of("zone " + holder->second);
    cluster_.replicas[pod.holder_cluster].push_back(id);
  }
  if (spec.lifetime) {
    pod.ends = after(after(kStart, spec.created), *spec.lifetime);
    spawn(end_of_life(id));
  }
  give_volumes(pod, id, {});
  // Those of pods that wait: what fits nowhere is made anew.
  if (spec.node.empty() && cluster_.disks != Disks::ebs)
    for (VolumeId& volume : pod.volumes)
      if (!cluster_.volumes[volume].claim->lies_on.empty() &&
          pool_before(cluster_.volumes[volume], kNoNode) != kNoNode)
        lies_before(volume, kNoNode);
  return id;
}

void ControlPlane::give_volumes(PodRecord& pod, PodId id, const std::vector<VolumeId>& kept) {
  for (const ClaimSpec& claim : pod.spec->claims) {
    const auto same = std::find_if(kept.begin(), kept.end(), [&](VolumeId volume) {
      return cluster_.volumes[volume].claim == &claim;
    });
    if (same != kept.end()) {
      cluster_.volumes[*same].pod = id;
      pod.volumes.push_back(*same);
      continue;
    }
    pod.volumes.push_back(static_cast<VolumeId>(cluster_.volumes.size()));
    VolumeRecord& volume = cluster_.volumes.emplace_back();
    volume.pod = id;
    volume.claim = &claim;
    const bool is_local_only = cluster_.disks == Disks::local_only;
    // A block store is equally far from everywhere.
    const PositionAdvice by_class = cluster_.disks == Disks::ebs
                                        ? PositionAdvice::none
                                        : cluster_.classes.at(claim.storage_class).position;
    volume.class_position = is_local_only ? PositionAdvice::must_local : by_class;
    volume.position = is_local_only                  ? PositionAdvice::must_local
                      : cluster_.disks == Disks::ebs ? PositionAdvice::none
                                                     : claim.position.value_or(by_class);
    volume.booking.total = claim.size + claim.snapshot_reserved;
    volume.booking.holder_cluster = pod.holder_cluster;
    volume.booking.holder_zone = pod.holder_zone;
    if (volume.class_position == PositionAdvice::must_local) pod.must_local += volume.booking.total;
  }
}

std::string ControlPlane::claim_name(VolumeId id) const {
  const VolumeRecord& volume = cluster_.volumes[id];
  return cluster_.pods[volume.pod].spec->name + "-" + volume.claim->name;
}

Task<> ControlPlane::arrivals() {
  for (const PodSpec& spec : plan_.demand->pods) {
    if (!spec.node.empty()) continue;
    const TimePoint at = after(kStart, spec.created);
    co_await Delay(calendar(), at);
    const PodId id = make_pod(spec, simulation_.now());
    ++books_.created;
    books_.first_created = std::min(books_.first_created, simulation_.now());
    spawn(announce(id));
  }
}

// The scheduler learns of a pod by watch.
Task<> ControlPlane::announce(PodId id) {
  co_await Delay(calendar(), watch_delay());
  if (cluster_.pods[id].phase == PodPhase::pending) scheduler_->enqueue(id);
}

Task<> ControlPlane::end_of_life(PodId id) {
  const TimePoint at = *cluster_.pods[id].ends;
  co_await Delay(calendar(), at);
  remove_pod(id);
}

void ControlPlane::remove_pod(PodId id) {
  PodRecord& pod = cluster_.pods[id];
  if (pod.phase == PodPhase::gone) return;
  const bool ran = pod.phase == PodPhase::running;
  // Evicted: the pod that is made for it will be deleted in its place.
  if (pod.phase == PodPhase::terminating) return;
  ++books_.deleted;
  if (!ran && !pod.impossible) ++books_.deleted_waiting;
  const bool was_bound = pod.phase == PodPhase::starting || ran;
  pod.life->clear();
  if (!was_bound) {
    scheduler_->forget(id);
    pod.node = kNoNode;
  }
  pod.phase = PodPhase::terminating;
  spawn(kubelets_->stop(id, true));
}

PodId ControlPlane::recreate(PodId id, const std::vector<VolumeId>& kept) {
  const PodRecord& old = cluster_.pods[id];
  const auto made = static_cast<PodId>(cluster_.pods.size());
  PodRecord& pod = cluster_.pods.emplace_back();
  pod.spec = old.spec;
  pod.app = old.app;
  pod.holder_cluster = old.holder_cluster;
  pod.holder_zone = old.holder_zone;
  if (pod.holder_cluster != 0) cluster_.replicas[pod.holder_cluster].push_back(made);
  pod.generation = old.generation + 1;
  pod.created = simulation_.now();
  pod.life = std::make_unique<TaskScope>();
  pod.ends = old.ends;
  give_volumes(pod, made, kept);
  ++books_.recreated;
  if (pod.ends) spawn(end_of_life(made));
  spawn(announce(made));
  return made;
}

void ControlPlane::bound(PodId id) {
  PodRecord& pod = cluster_.pods[id];
  pod.phase = PodPhase::starting;
  pod.bound = simulation_.now();
  cluster_.nodes[pod.node].pods.push_back(id);
  books_.to_bind.add(pod.bound - pod.created);
  books_.last_bound = pod.bound;
  if (cluster_.nodes[pod.node].alive) kubelets_->start(id);
}

void ControlPlane::is_running(PodId id) {
  PodRecord& pod = cluster_.pods[id];
  const bool is_first = !std::exchange(pod.has_run, true);
  pod.phase = PodPhase::running;
  if (is_first) {
    pod.running = simulation_.now();
    books_.to_run.add(pod.running - pod.created);
  }
  of_pods_.tell(id);
}

void ControlPlane::is_gone(PodId id) {
  PodRecord& pod = cluster_.pods[id];
  if (pod.node != kNoNode) {
    auto& pods = cluster_.nodes[pod.node].pods;
    const auto found = std::find(pods.begin(), pods.end(), id);
    if (found != pods.end()) pods.erase(found);
  }
  pod.phase = PodPhase::gone;
  pod.volumes_ready.reset();
  of_pods_.tell(id);
}

Task<> ControlPlane::runs(PodId id) {
  while (cluster_.pods[id].phase != PodPhase::running &&
         cluster_.pods[id].phase != PodPhase::gone) {
    co_await of_pods_.about(id);
  }
}

void ControlPlane::lv_has_changed(NodeId node) { of_lvs_.tell(node); }

Task<> ControlPlane::volume_is_there(VolumeId id) {
  while (!cluster_.volumes[id].is_deleting &&
         cluster_.volumes[id].status != VolumeStatus::deleted) {
    const VolumeRecord& volume = cluster_.volumes[id];
    if (volume.status == VolumeStatus::ready && cluster_.nodes[volume.booking.pool].agent_alive)
      co_return;
    co_await of_volumes_.about(id);
  }
}

void ControlPlane::volume_has_changed(VolumeId volume) {
  if (cluster_.volumes[volume].is_deleting) snapshots_.volume_goes(volume);
  else groups_.volume_is_ready(volume);
  of_volumes_.tell(volume);
}

void ControlPlane::machine_has_changed(NodeId node) {
  of_machines_.tell(node);
  for (const VolumeId volume : cluster_.nodes[node].volumes) of_volumes_.tell(volume);
  groups_.agent_changed(node);
}

Task<> ControlPlane::node_is_up(NodeId node) {
  while (!cluster_.nodes[node].alive) {
    co_await of_machines_.about(node);
  }
}

Task<> ControlPlane::agent_is_up(NodeId node) {
  while (!cluster_.nodes[node].agent_alive) {
    co_await of_machines_.about(node);
  }
}

Task<bool> ControlPlane::agent_is_up_by(NodeId node, TimePoint limit) {
  if (limit <= simulation_.now()) co_return cluster_.nodes[node].agent_alive;
  Task<> up = agent_is_up(node);
  Within<void> in_time = within(calendar(), limit - simulation_.now(), std::move(up));
  const bool is_up = co_await in_time;
  co_return is_up;
}

FleetSample ControlPlane::sample_now() const {
  FleetSample sample;
  const TimePoint now = simulation_.now();
  sample.at = now;
  double cpu = 0, memory = 0, disk = 0, cpu_used = 0, memory_used = 0, disk_used = 0;
  for (NodeId id = 0; id < cluster_.nodes.size(); ++id) {
    const NodeRecord& node = cluster_.nodes[id];
    // A block store is none of one node's disks.
    if (!node.alive && cluster_.disks == Disks::ebs)
      disk += static_cast<double>(cluster_.pools.capacity[id]);
    sample.nodes_ready += node.ready ? 1 : 0;
    if (!node.alive) continue;
    cpu += static_cast<double>(node.spec->cpu_millis);
    memory += static_cast<double>(node.spec->memory.count());
    disk += static_cast<double>(cluster_.pools.capacity[id]);
    disk_used += static_cast<double>(cluster_.pools.capacity[id] - cluster_.pools.free[id]);
    for (const PodId pod : node.pods) {
      cpu_used += static_cast<double>(cluster_.pods[pod].spec->cpu_millis);
      memory_used += static_cast<double>(cluster_.pods[pod].spec->memory.count());
    }
  }
  for (const PodRecord& pod : cluster_.pods) {
    if (pod.phase == PodPhase::gone || pod.phase == PodPhase::terminating || pod.impossible)
      continue;
    ++sample.pods;
    if (cluster_.runs(pod)) ++sample.running;
    else if (pod.phase == PodPhase::running) ++sample.on_dead_nodes;
    else if (now - pod.created > plan_.patience) ++sample.waiting;
  }
  for (const VolumeRecord& volume : cluster_.volumes) {
    if (volume.booking.pool == kNoNode) continue;
    ++sample.volumes;
    if (volume.is_remote()) ++sample.remote;
  }
  sample.unplaced =
      static_cast<std::int64_t>(volumes_->unplaced().size() + block_store_->waiting());
  if (cluster_.disks == Disks::ebs) disk_used = block_store_->used_of_disks();
  sample.cpu_used = cpu > 0 ? cpu_used / cpu : 0;
  sample.memory_used = memory > 0 ? memory_used / memory : 0;
  sample.disk_used = disk > 0 ? disk_used / disk : 0;
  return sample;
}

Task<> ControlPlane::sampling() {
  for (;;) {
    samples_.push_back(sample_now());
    const FleetSample& now = samples_.back();
    if (plan_.full_when_pending > 0 && now.pods > 0 &&
        static_cast<double>(now.waiting) >
            plan_.full_when_pending * static_cast<double>(now.pods)) {
      is_full_ = true;
      simulation_.end_early();
      co_return;
    }
    co_await Delay(calendar(), plan_.sample_every);
  }
}

}  // namespace orrery::control
