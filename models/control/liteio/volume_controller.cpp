#include "models/control/liteio/volume_controller.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/control/fleet/control_plane.hpp"
#include "models/control/fleet/turns.hpp"
#include "models/control/kubernetes/kube_scheduler.hpp"
#include "models/control/liteio/volume_agents.hpp"
#include "sim/assert.hpp"

namespace orrery::control {

VolumeController::VolumeController(ControlPlane& plane)
    : plane_(plane),
      cluster_(plane.cluster()),
      wake_up_(plane.simulation()),
      client_(plane.simulation(), plane.api(), plane.liteio().client_qps,
              plane.liteio().client_burst),
      csi_(plane.simulation(), plane.api(), plane.kube().client_qps, plane.kube().client_burst) {}

void VolumeController::start(Duration preload) {
  publishing_.resize(cluster_.nodes.size());
  spawn_controller(plane_.simulation(), "volume-controller", kControlHost,
                   [this, preload](ActorContext& actor) {
                     const LiteioProfile& liteio = plane_.liteio();
                     actor.sleep_for(preload);
                     for (;;) {
                       if (queue_.empty()) {
                         actor.wait(wake_up_);
                         continue;
                       }
                       const Job job = queue_.pop();
                       VolumeRecord& volume = cluster_.volumes[job.volume];
                       if (volume.is_deleting) continue;
                       if (job.step == Step::schedule) {
                         if (volume.is_written) continue;
                         if (volume.booking.pool == kNoNode) {
                           const auto pools = static_cast<std::int64_t>(cluster_.pools.size());
                           actor.sleep_for(liteio.decision + liteio.pool_visit * pools);
                           if (volume.is_deleting || !schedule(job.volume)) continue;
                         }
                       }
                       is_patching_ = true;
                       actor.post([this, job] { tasks_.spawn(patch(job)); });
                       while (is_patching_) actor.wait(wake_up_);
                     }
                   });
}

void VolumeController::enqueue(Job job) {
  queue_.push(job);
  wake_up_.notify();
}

Task<> VolumeController::enqueue_after(Duration wait, Job job) {
  co_await Delay(plane_.calendar(), wait);
  enqueue(job);
}

VolumeRequest VolumeController::request_of(VolumeId id) const {
  const VolumeRecord& volume = cluster_.volumes[id];
  const PodRecord& pod = cluster_.pods[volume.pod];
  VolumeRequest request;
  request.host = volume.booking.host;
  request.size = volume.claim->size;
  request.total = volume.booking.total;
  request.position = volume.position;
  request.pool_selector = &pod.spec->pool_selector;
  request.reservation_id = volume.reservation;
  request.selected_node = volume.selected;
  request.holder_cluster = volume.booking.holder_cluster;
  request.holder_zone = volume.booking.holder_zone;
  return request;
}

void VolumeController::explain(const std::string& pod, Explanation* into) {
  explained_ = pod;
  explanation_ = into;
}

// Reconcile 1: false if there is no pool.
bool VolumeController::schedule(VolumeId id) {
  const VolumeRecord& volume = cluster_.volumes[id];
  const VolumeRequest request = request_of(id);
  if (explanation_ != nullptr && cluster_.pods[volume.pod].spec->name == explained_)
    return conclude(id, (*std::exchange(explanation_, nullptr) =
                             plane_.volume_scheduler().explain(cluster_.pools, request))
                            .decision);
  return conclude(id, plane_.volume_scheduler().schedule(cluster_.pools, request));
}

bool VolumeController::conclude(VolumeId id, const Decision& decision) {
  VolumeRecord& volume = cluster_.volumes[id];
  FleetStats& books = plane_.books();
  if (decision.pool == kNoNode) {
    const auto [at, is_new] =
        unplaced_.try_emplace(id, Unplaced{plane_.simulation().now(), decision.refused, false});
    at->second.refused = decision.refused;
    at->second.is_due = false;
    waits(id);
    if (is_new && volume.booking.host != kNoNode) {
      ++books.hung_volumes;
      // Other reasons than room are no race: a pool that is down, or another zone's replica in it.
      if (volume.position == PositionAdvice::must_local &&
          decision.refused[static_cast<std::size_t>(Reason::pool_free_size)] > 0)
        ++books.conflicts;
    }
    return false;
  }
  unplaced_.erase(id);
  book(id, decision.pool, volume.booking.host);
  waits_no_more(id);
  if (cluster_.pools.free[decision.pool] < 0) ++books.over_commits;
  if (!cluster_.nodes[decision.pool].alive) ++books.placed_on_lost;
  books.volume_wait.add(plane_.simulation().now() - volume.made);
  return true;
}

std::string VolumeController::sole_limit(VolumeId id) const {
  const ReasonCounts& refused = unplaced_.at(id).refused;
  std::size_t most = 0;
  for (std::size_t r = 1; r < kReasons; ++r) {
    // What is elsewhere cannot take a volume that must be local: that is no limit of theirs.
    if (static_cast<Reason>(r) == Reason::position_not_match) continue;
    if (refused[r] > 0 && (most == 0 || refused[r] > refused[most])) most = r;
  }
  return std::string(control::name_of(static_cast<Reason>(most)));
}

bool VolumeController::place_all(PodId id, NodeId node) {
  PodRecord& pod = cluster_.pods[id];
  std::vector<VolumeId> placed;
  for (const VolumeId volume_id : pod.volumes) {
    VolumeRecord& volume = cluster_.volumes[volume_id];
    if (volume.booking.pool != kNoNode) continue;  // it is somewhere already
    volume.booking.host = node;
    const Decision decision =
        plane_.volume_scheduler().schedule(cluster_.pools, request_of(volume_id));
    if (decision.pool == kNoNode) {
      pod.without_pool = volume_id;
      for (const VolumeId undone : placed) take_off(undone);  // as if it had never been
      return false;
    }
    book(volume_id, decision.pool, node);
    placed.push_back(volume_id);
  }
  return true;
}

bool VolumeController::would_take(NodeId pool, VolumeId id, NodeId host) const {
  VolumeRequest request = request_of(id);
  request.selected_node = kNoNode;
  request.host = host;
  return plane_.volume_scheduler().judge(cluster_.pools, request, pool).reason == Reason::none;
}

Task<> VolumeController::provision(VolumeId id, NodeId node) {
  VolumeRecord& volume = cluster_.volumes[id];
  if (cluster_.disks == Disks::ebs) {
    // The block store's own affair: it is there, or there is no room.
    if (volume.exists) co_return;
    co_await csi_.commit();
    volume.exists = true;
    volume.made = plane_.simulation().now();
    plane_.block_store().provision(id);
    co_await csi_.answer();
    co_return;
  }
  if (volume.exists) {
    // It stays where it is and has a new host.
    const NodeId pool = volume.booking.pool;
    if (pool == kNoNode || volume.booking.host == node) {
      volume.booking.host = node;
      if (const auto at = unplaced_.find(id); at != unplaced_.end() && !at->second.is_due) {
        waits(id);
        if (try_again_if_it_fits(id, node)) backlog_.wake_one(id);
      }
      co_return;
    }
    cluster_.pools.release(volume.booking);
    volume.booking.host = node;
    cluster_.pools.bind(volume.booking, {});
    local_storage_changed(pool);
    pool_has_room(pool);
    co_return;
  }
  co_await csi_.commit();
  volume.exists = true;
  volume.made = plane_.simulation().now();
  volume.booking.host = node;
  tasks_.spawn(enqueue_after(plane_.watch_delay(), {id, Step::schedule}));
  co_await csi_.answer();
  co_await csi_.commit();  // the PersistentVolume, bound to its claim
  co_await csi_.answer();
}

// The rest of a reconcile: what was decided is written.
Task<> VolumeController::patch(Job job) {
  co_await client_.commit();
  VolumeRecord& volume = cluster_.volumes[job.volume];
  if (!volume.is_deleting) {
    if (job.step == Step::schedule) {
      volume.is_written = true;
      tasks_.spawn(enqueue_after(plane_.watch_delay(), {job.volume, Step::finalizer}));
    } else {
      plane_.spawn(plane_.agents().create(job.volume));
    }
  }
  co_await client_.answer();
  is_patching_ = false;
  wake_up_.notify();
}

Task<> VolumeController::remove(VolumeId id) {
  const LiteioProfile& liteio = plane_.liteio();
  VolumeRecord& volume = cluster_.volumes[id];
  volume.is_deleting = true;
  plane_.volume_has_changed(id);
  unplaced_.erase(id);
  waits_no_more(id);
  if (cluster_.disks == Disks::ebs) {
    plane_.block_store().release(id);
    co_return;
  }
  if (!volume.exists || volume.booking.pool == kNoNode) {
    if (volume.booking.pool != kNoNode) unbook(id);
    co_return;
  }
  const NodeId pool = volume.booking.pool;
  const TimePoint asked = plane_.simulation().now();
  co_await client_.commit();
  co_await Delay(plane_.calendar(), plane_.watch_delay());
  if (!cluster_.nodes[pool].agent_alive) {
    // Looked after every 2 min; the finalizers are stripped after 20 min if the pool is not ready.
    const auto turns =
        (liteio.forced_cleanup + liteio.deletion_requeue - Duration{1}) / liteio.deletion_requeue;
    const bool came_back =
        co_await plane_.agent_is_up_by(pool, after(asked, liteio.deletion_requeue * turns));
    if (!came_back) {
      ++plane_.books().forced_cleanups;
      plane_.agents().give_lv(id);
      unbook(id);
      volume.status = VolumeStatus::deleted;
      co_return;
    }
  }
  co_await plane_.agents().remove(id);
  unbook(id);
  volume.status = VolumeStatus::deleted;
}

NodeId VolumeController::destination_for(VolumeId id, NodeId not_on, Bytes left_free) {
  VolumeRequest request = request_of(id);
  request.selected_node = kNoNode;
  request.reservation_id.clear();
  request.not_on = not_on;
  request.total += left_free;
  return plane_.volume_scheduler().schedule(cluster_.pools, request).pool;
}

void VolumeController::book(VolumeId id, NodeId pool, NodeId host) {
  VolumeRecord& volume = cluster_.volumes[id];
  volume.booking.pool = pool;
  volume.booking.host = host;
  cluster_.pools.bind(volume.booking, volume.reservation);
  volume.reservation.clear();
  cluster_.nodes[pool].volumes.push_back(id);
  if (volume.is_remote()) local_storage_changed(pool);
}

void VolumeController::unbook(VolumeId id) {
  const NodeId pool = cluster_.volumes[id].booking.pool;
  take_off(id);
  pool_has_room(pool);
}

void VolumeController::take_off(VolumeId id) {
  VolumeRecord& volume = cluster_.volumes[id];
  const NodeId pool = volume.booking.pool;
  const bool was_remote = volume.is_remote();
  cluster_.pools.release(volume.booking);
  std::erase(cluster_.nodes[pool].volumes, id);
  volume.booking.pool = kNoNode;
  if (was_remote) local_storage_changed(pool);
}

void VolumeController::pool_has_room(NodeId pool) {
  plane_.groups().room_appeared();
  plane_.scheduler().pool_has_room(pool);
  for (const Backlog::Kind kind : backlog_.waiting_kinds()) wake(kind, pool);
}

// All that a pool looks at in a volume but its host.
std::string VolumeController::description_of(VolumeId id) const {
  const VolumeRequest request = request_of(id);
  std::string text =
      fmt::format("{} {} {} {} {}", request.size.count(), request.total.count(),
                  static_cast<int>(request.position), request.holder_cluster, request.holder_zone);
  for (const auto& [key, value] : *request.pool_selector)
    text += fmt::format("\n{}\n{}", key, value);
  return text;
}

void VolumeController::waits(VolumeId id) {
  waits_no_more(id);
  const Backlog::Kind kind = backlog_.kind_of(description_of(id));
  const NodeId host = cluster_.volumes[id].booking.host;
  backlog_.add(kind, unplaced_.at(id).first_try, id);
  by_host_[{kind, host}].insert(id);
  host_of_[id] = host;
}

void VolumeController::waits_no_more(VolumeId id) {
  if (!backlog_.knows(id)) return;
  const Backlog::Kind kind = backlog_.kind_of_known(id);
  backlog_.erase(id);
  const auto at = by_host_.find({kind, host_of_.at(id)});
  at->second.erase(id);
  if (at->second.empty()) by_host_.erase(at);
  host_of_.erase(id);
  for (const NodeId pool : backlog_.to_look_at_again(kind)) wake(kind, pool);
}

// From all hosts that have nothing in a pool yet, the pool looks the same; those that have, and its
// own, are asked one by one.
void VolumeController::wake(Backlog::Kind kind, NodeId pool) {
  if (backlog_.waiting(kind) == 0) return;
  VolumeRequest request = request_of(backlog_.first(kind));
  request.host = kNoNode;
  const Reason from_elsewhere =
      plane_.volume_scheduler().judge(cluster_.pools, request, pool).reason;
  if (from_elsewhere == Reason::none) {
    backlog_.wake(kind, pool, [&](VolumeId id) { return try_again_if_it_fits(id, pool); });
    return;
  }
  std::vector<NodeId> hosts{pool};
  if (from_elsewhere == Reason::sharing_limit)
    hosts.insert(hosts.end(), cluster_.pools.sharers[pool].begin(),
                 cluster_.pools.sharers[pool].end());
  std::sort(hosts.begin(), hosts.end());
  hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
  for (const NodeId host : hosts) {
    const auto at = by_host_.find({kind, host});
    if (at == by_host_.end()) continue;
    for (const VolumeId id : at->second)
      if (backlog_.waits(id) && try_again_if_it_fits(id, pool)) backlog_.wake_one(id);
  }
}

// Whether a try is on its way now.
bool VolumeController::try_again_if_it_fits(VolumeId id, NodeId pool) {
  Unplaced& unplaced = unplaced_.at(id);
  if (unplaced.is_due ||
      plane_.volume_scheduler().judge(cluster_.pools, request_of(id), pool).reason != Reason::none)
    return false;
  unplaced.is_due = true;
  const TimePoint turn =
      next_turn(unplaced.first_try, plane_.liteio().no_pool_retry, plane_.simulation().now());
  tasks_.spawn(enqueue_after(turn - plane_.simulation().now(), {id, Step::schedule}));
  return true;
}

void VolumeController::take_room(const PoolTable::Booking& booking) {
  cluster_.pools.bind(booking, {});
  plane_.agents().change_lv_free(booking.pool, -cluster_.pools.taken(booking.pool, booking.total));
  local_storage_changed(booking.pool);
}

void VolumeController::give_room(const PoolTable::Booking& booking) {
  cluster_.pools.release(booking);
  plane_.agents().change_lv_free(booking.pool, cluster_.pools.taken(booking.pool, booking.total));
  local_storage_changed(booking.pool);
}

void VolumeController::change_pool(VolumeId id, NodeId to) {
  VolumeRecord& volume = cluster_.volumes[id];
  std::erase(cluster_.nodes[volume.booking.pool].volumes, id);
  volume.booking.pool = to;
  cluster_.nodes[to].volumes.push_back(id);
}

void VolumeController::local_storage_changed(NodeId node) {
  if (cluster_.policy != Policy::extended_resource) return;
  if (publishing_[node] != 0) {
    publishing_[node] = 2;
    return;
  }
  publishing_[node] = 1;
  tasks_.spawn(publish_local_storage(node));
}

// Extended resource: the pool's label, a read of the node, a patch of its status; then the
// scheduler's watch.
Task<> VolumeController::publish_local_storage(NodeId node) {
  do {
    publishing_[node] = 1;
    const std::int64_t bytes = cluster_.pools.local_storage(node);
    co_await client_.commit();
    co_await client_.answer();
    co_await client_.read();
    co_await client_.commit();
    co_await Delay(plane_.calendar(), plane_.watch_delay());
    plane_.scheduler().local_storage_is(node, bytes);
  } while (publishing_[node] == 2);
  publishing_[node] = 0;
}

}  // namespace orrery::control
