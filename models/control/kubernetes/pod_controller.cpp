// The lives of pods, and the volumes that they are given.
#include "models/control/kubernetes/pod_controller.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace orrery::control {

namespace {

// "ob.cluster.zone" in its parts; nothing for other texts.
std::optional<std::pair<std::string, std::string>> holder_of(const std::string& text) {
  const auto first = text.find('.');
  const auto second = first == std::string::npos ? first : text.find('.', first + 1);
  if (second == std::string::npos) return std::nullopt;
  return std::pair{text.substr(0, second), text.substr(second + 1)};
}

}  // namespace

PodController::PodController(FleetContext& context, KubeScheduler& scheduler, Kubelets& kubelets,
                             VolumeSource& volumes)
    : context_(context),
      cluster_(context.cluster),
      scheduler_(scheduler),
      kubelets_(kubelets),
      volumes_(volumes) {}

void PodController::make_running() {
  for (const PodSpec& spec : context_.demand.pods) {
    const NodeId node = cluster_.node_named(spec.node);
    if (node == kNoNode) continue;
    const PodId id = make(spec, kStart);
    PodRecord& pod = cluster_.pods[id];
    pod.node = node;
    pod.phase = PodPhase::running;
    pod.has_run = true;
    pod.bound = pod.running = kStart;
    cluster_.nodes[pod.node].pods.push_back(id);
    std::erase_if(pod.volumes, [&](VolumeId volume) {
      if (volumes_.begin_with(volume, pod.node)) return false;
      leave_out(volume);
      return true;
    });
  }
}

// There is no room for it anywhere.
void PodController::leave_out(VolumeId id) {
  VolumeRecord& volume = cluster_.volumes[id];
  PodRecord& pod = cluster_.pods[volume.pod];
  volume.is_deleting = true;
  volume.status = VolumeStatus::deleted;
  if (volume.class_position == PositionAdvice::must_local)
    pod.must_local = pod.must_local - volume.booking.total;
  ++context_.books.volumes_left_out;
}

Task<> PodController::arrivals() {
  FleetStats& books = context_.books;
  for (const PodSpec& spec : context_.demand.pods) {
    if (!spec.node.empty()) continue;
    const TimePoint at = after(kStart, spec.created);
    co_await Delay(context_.calendar, at);
    const PodId id = make(spec, context_.now());
    ++books.created;
    books.first_created = std::min(books.first_created, context_.now());
    context_.spawn(announce(id));
  }
}

std::uint32_t PodController::id_of(const std::string& name) {
  return ids_.try_emplace(name, static_cast<std::uint32_t>(ids_.size() + 1)).first->second;
}

PodId PodController::make(const PodSpec& spec, TimePoint at) {
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
    context_.spawn(end_of_life(id));
  }
  give_volumes(pod, id, {});
  // Those of pods that wait: what fits nowhere is made anew.
  if (spec.node.empty())
    for (const VolumeId volume : pod.volumes)
      if (!cluster_.volumes[volume].claim->lies_on.empty()) volumes_.begin_with(volume, kNoNode);
  return id;
}

PodId PodController::recreate(PodId id, const std::vector<VolumeId>& kept) {
  const PodRecord& old = cluster_.pods[id];
  const auto made = static_cast<PodId>(cluster_.pods.size());
  PodRecord& pod = cluster_.pods.emplace_back();
  pod.spec = old.spec;
  pod.app = old.app;
  pod.holder_cluster = old.holder_cluster;
  pod.holder_zone = old.holder_zone;
  if (pod.holder_cluster != 0) cluster_.replicas[pod.holder_cluster].push_back(made);
  pod.generation = old.generation + 1;
  pod.created = context_.now();
  pod.life = std::make_unique<TaskScope>();
  pod.ends = old.ends;
  give_volumes(pod, made, kept);
  ++context_.books.recreated;
  if (pod.ends) context_.spawn(end_of_life(made));
  context_.spawn(announce(made));
  return made;
}

void PodController::give_volumes(PodRecord& pod, PodId id, const std::vector<VolumeId>& kept) {
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
    const PositionAdvice by_class = cluster_.classes.at(claim.storage_class).position;
    volume.class_position = context_.disks.position(by_class);
    volume.position = context_.disks.position(claim.position.value_or(by_class));
    volume.booking.total = claim.size + claim.snapshot_reserved;
    volume.booking.holder_cluster = pod.holder_cluster;
    volume.booking.holder_zone = pod.holder_zone;
    if (volume.class_position == PositionAdvice::must_local) pod.must_local += volume.booking.total;
  }
}

// The scheduler learns of a pod by watch.
Task<> PodController::announce(PodId id) {
  co_await Delay(context_.calendar, context_.watch_delay);
  if (cluster_.pods[id].phase == PodPhase::pending) scheduler_.enqueue(id);
}

Task<> PodController::end_of_life(PodId id) {
  const TimePoint at = *cluster_.pods[id].ends;
  co_await Delay(context_.calendar, at);
  remove(id);
}

// With its claims.
void PodController::remove(PodId id) {
  PodRecord& pod = cluster_.pods[id];
  if (pod.phase == PodPhase::gone) return;
  // Evicted: the pod that is made for it will be deleted in its place.
  if (pod.phase == PodPhase::terminating) return;
  ++context_.books.deleted;
  if (pod.phase != PodPhase::running && !pod.impossible) ++context_.books.deleted_waiting;
  const bool was_bound = pod.is_bound();
  pod.life->clear();
  if (!was_bound) {
    scheduler_.forget(id);
    pod.node = kNoNode;
  }
  pod.phase = PodPhase::terminating;
  context_.spawn(kubelets_.stop(id, true));
}

}  // namespace orrery::control
