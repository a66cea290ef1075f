// CreateVolume, the reconciles of one worker, deletion.
#include "models/control/liteio/volume_controller.hpp"

#include <utility>
#include <vector>

namespace orrery::control {

namespace {
constexpr NodeId kTornApart = kNoNode - 1;  // no node: local volumes lie on several
}  // namespace

VolumeController::VolumeController(FleetContext& context, ClusterNews& news, ClusterEvents& events,
                                   VolumeScheduler& scheduler, VolumeAgents& agents)
    : context_(context),
      cluster_(context.cluster),
      news_(news),
      events_(events),
      scheduler_(scheduler),
      agents_(agents),
      wake_up_(context.simulation),
      client_(context.simulation, context.api, context.liteio.client_qps,
              context.liteio.client_burst),
      csi_(context.simulation, context.api, context.kube.client_qps, context.kube.client_burst),
      local_storage_(context, events, client_),
      bookings_(context.cluster, agents, local_storage_),
      unplaced_(context, scheduler, [this](VolumeId volume, Duration wait) {
        context_.spawn(enqueue_after(wait, {volume, Step::schedule}));
      }) {}

void VolumeController::start(Duration preload) {
  spawn_controller(context_.simulation, "volume-controller", kControlHost,
                   [this, preload](ActorContext& actor) {
                     actor.sleep_for(preload);
                     for (;;) work(actor);
                   });
}

// The next volume of the queue, once there is one.
void VolumeController::work(ActorContext& actor) {
  if (queue_.empty()) return actor.wait(wake_up_);
  const Job job = queue_.pop();
  VolumeRecord& volume = cluster_.volumes[job.volume];
  if (volume.is_deleting) return;
  if (job.step == Step::schedule) {
    if (volume.is_written) return;
    if (volume.booking.pool == kNoNode) {
      const auto pools = static_cast<std::int64_t>(cluster_.pools.size());
      actor.sleep_for(context_.liteio.decision + context_.liteio.pool_visit * pools);
      if (volume.is_deleting || !schedule(job.volume)) return;
    }
  }
  is_patching_ = true;
  actor.post([this, job] { context_.spawn(patch(job)); });
  while (is_patching_) actor.wait(wake_up_);
}

void VolumeController::enqueue(Job job) {
  queue_.push(job);
  wake_up_.notify();
}

Task<> VolumeController::enqueue_after(Duration wait, Job job) {
  co_await Delay(context_.calendar, wait);
  enqueue(job);
}

void VolumeController::explain(const std::string& pod, Explanation* into) {
  explained_ = pod;
  explanation_ = into;
}

// Reconcile 1: false if there is no pool.
bool VolumeController::schedule(VolumeId id) {
  const VolumeRecord& volume = cluster_.volumes[id];
  const VolumeRequest request = request_of(cluster_, id);
  if (explanation_ != nullptr && cluster_.pods[volume.pod].spec->name == explained_)
    return conclude(
        id, (*std::exchange(explanation_, nullptr) = scheduler_.explain(cluster_.pools, request))
                .decision);
  return conclude(id, scheduler_.schedule(cluster_.pools, request));
}

bool VolumeController::conclude(VolumeId id, const Decision& decision) {
  VolumeRecord& volume = cluster_.volumes[id];
  FleetStats& books = context_.books;
  if (decision.pool == kNoNode) {
    const bool is_first = unplaced_.add(id, decision.refused);
    if (is_first && volume.booking.host != kNoNode) {
      ++books.hung_volumes;
      // Other reasons than room are no race: a pool that is down, or another zone's replica in it.
      if (volume.position == PositionAdvice::must_local &&
          decision.refused[static_cast<std::size_t>(Reason::pool_free_size)] > 0)
        ++books.conflicts;
    }
    return false;
  }
  bookings_.book(id, decision.pool, volume.booking.host);
  unplaced_.erase(id);
  if (cluster_.pools.free[decision.pool] < 0) ++books.over_commits;
  if (!cluster_.nodes[decision.pool].alive) ++books.placed_on_lost;
  books.volume_wait.add(context_.now() - volume.made);
  return true;
}

bool VolumeController::place_all(PodId id, NodeId node) {
  PodRecord& pod = cluster_.pods[id];
  std::vector<VolumeId> placed;
  for (const VolumeId volume_id : pod.volumes) {
    VolumeRecord& volume = cluster_.volumes[volume_id];
    if (volume.booking.pool != kNoNode) continue;  // it is somewhere already
    volume.booking.host = node;
    const Decision decision = scheduler_.schedule(cluster_.pools, request_of(cluster_, volume_id));
    if (decision.pool == kNoNode) {
      pod.without_pool = volume_id;
      for (const VolumeId undone : placed) bookings_.take_off(undone);  // as if it had never been
      return false;
    }
    bookings_.book(volume_id, decision.pool, node);
    placed.push_back(volume_id);
  }
  return true;
}

bool VolumeController::would_take(NodeId pool, VolumeId id, NodeId host) const {
  VolumeRequest request = request_of(cluster_, id);
  request.selected_node = kNoNode;
  request.host = host;
  return scheduler_.judge(cluster_.pools, request, pool).reason == Reason::none;
}

Task<> VolumeController::provision(VolumeId id, NodeId node) {
  VolumeRecord& volume = cluster_.volumes[id];
  if (volume.exists) {
    const NodeId pool = volume.booking.pool;
    if (pool == kNoNode || volume.booking.host == node) {
      volume.booking.host = node;
      unplaced_.host_has_changed(id, node);
      co_return;
    }
    bookings_.change_host(id, node);
    events_.pool_has_room(pool);
    co_return;
  }
  co_await csi_.commit();
  volume.exists = true;
  volume.made = context_.now();
  volume.booking.host = node;
  context_.spawn(enqueue_after(context_.watch_delay, {id, Step::schedule}));
  co_await csi_.answer();
  co_await csi_.commit();  // the PersistentVolume, bound to its claim
  co_await csi_.answer();
}

// The pool that a volume lies in before the run; kNoNode if it fits nowhere.
NodeId VolumeController::pool_before(const VolumeRecord& volume, NodeId host) const {
  const PoolTable& pools = cluster_.pools;
  const auto takes = [&](NodeId id) {
    return pools.capacity[id] > 0 && pools.free[id] >= pools.taken(id, volume.booking.total);
  };
  const NodeId known = cluster_.node_named(volume.claim->lies_on);
  if (known != kNoNode && takes(known)) return known;
  if (host != kNoNode && takes(host)) return host;
  NodeId best = kNoNode;
  for (const NodeId id : pools.pools)
    if (takes(id) && (best == kNoNode || pools.free[id] > pools.free[best]) &&
        selects(cluster_.pods[volume.pod].spec->pool_selector, pools.node[id]->labels))
      best = id;
  return best;
}

bool VolumeController::begin_with(VolumeId id, NodeId host) {
  VolumeRecord& volume = cluster_.volumes[id];
  const NodeId pool = pool_before(volume, host);
  if (pool == kNoNode) return false;
  volume.exists = volume.is_written = true;
  volume.status = VolumeStatus::ready;
  if (pool != host && cluster_.name_of(pool) != volume.claim->lies_on)
    ++context_.books.volumes_moved;
  if (host == kNoNode && volume.class_position == PositionAdvice::must_local) {
    PodRecord& pod = cluster_.pods[volume.pod];
    pod.lies_local += volume.booking.total;
    pod.tied_to = pod.tied_to == kNoNode || pod.tied_to == pool ? pool : kTornApart;
  }
  PoolTable& pools = cluster_.pools;
  pools.report(pool, pools.reported_free(pool) - Bytes{pools.taken(pool, volume.booking.total)});
  bookings_.book(id, pool, host == kNoNode ? pool : host);
  agents_.take_lv(id);
  return true;
}

// The rest of a reconcile: what was decided is written.
Task<> VolumeController::patch(Job job) {
  co_await client_.commit();
  VolumeRecord& volume = cluster_.volumes[job.volume];
  if (!volume.is_deleting) {
    if (job.step == Step::schedule) {
      volume.is_written = true;
      context_.spawn(enqueue_after(context_.watch_delay, {job.volume, Step::finalizer}));
    } else {
      context_.spawn(agents_.create(job.volume));
    }
  }
  co_await client_.answer();
  is_patching_ = false;
  wake_up_.notify();
}

Task<> VolumeController::remove(VolumeId id) {
  const LiteioProfile& liteio = context_.liteio;
  VolumeRecord& volume = cluster_.volumes[id];
  volume.is_deleting = true;
  events_.volume_goes(id);
  unplaced_.erase(id);
  if (!volume.exists || volume.booking.pool == kNoNode) {
    if (volume.booking.pool != kNoNode) unbook(id);
    co_return;
  }
  const NodeId pool = volume.booking.pool;
  const TimePoint asked = context_.now();
  co_await client_.commit();
  co_await Delay(context_.calendar, context_.watch_delay);
  if (!cluster_.nodes[pool].agent_alive) {
    // Looked after every 2 min; the finalizers are stripped after 20 min if the pool is not ready.
    const auto turns =
        (liteio.forced_cleanup + liteio.deletion_requeue - Duration{1}) / liteio.deletion_requeue;
    const bool came_back =
        co_await news_.agent_is_up_by(pool, after(asked, liteio.deletion_requeue * turns));
    if (!came_back) {
      ++context_.books.forced_cleanups;
      agents_.give_lv(id);
      unbook(id);
      volume.status = VolumeStatus::deleted;
      co_return;
    }
  }
  co_await agents_.remove(id);
  unbook(id);
  volume.status = VolumeStatus::deleted;
}

void VolumeController::unbook(VolumeId id) {
  const NodeId pool = cluster_.volumes[id].booking.pool;
  bookings_.take_off(id);
  events_.pool_has_room(pool);
}

NodeId VolumeController::destination_for(VolumeId id, NodeId not_on, Bytes left_free) {
  VolumeRequest request = request_of(cluster_, id);
  request.selected_node = kNoNode;
  request.reservation_id.clear();
  request.not_on = not_on;
  request.total += left_free;
  return scheduler_.schedule(cluster_.pools, request).pool;
}

}  // namespace orrery::control
