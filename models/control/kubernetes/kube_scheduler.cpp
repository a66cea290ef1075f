// The scheduling cycle, and what makes pods that fit nowhere try again.
#include "models/control/kubernetes/kube_scheduler.hpp"

#include <algorithm>
#include <utility>

#include "models/control/kubernetes/node_scores.hpp"

namespace orrery::control {

KubeScheduler::KubeScheduler(FleetContext& context, ClusterEvents& events,
                             const SchedulerPlugins& plugins, VolumeScheduler& volume_scheduler,
                             VolumeController& volumes, VolumeSource& source, Kubelets& kubelets,
                             std::uint64_t seed)
    : context_(context),
      cluster_(context.cluster),
      events_(events),
      volumes_(volumes),
      binding_(context, source, kubelets),
      chain_(plugins,
             {&cache_, &cluster_.pools, &volume_scheduler, context.liteio.max_volumes_per_node},
             context.policy.has_plugins),
      kinds_(context, plugins, volume_scheduler),
      queue_(context),
      ties_(seed, "control/kube-scheduler") {}

void KubeScheduler::start(Duration preload) {
  cache_.fill(cluster_, context_.demand.resources);
  for (NodeId id = 0; id < cluster_.nodes.size(); ++id)
    for (const PodId pod : cluster_.nodes[id].pods) book(pod, id, +1);
  spawn_controller(context_.simulation, "kube-scheduler", kControlHost,
                   [this, preload](ActorContext& actor) {
                     actor.sleep_for(preload);
                     for (;;) work(actor);
                   });
}

// A scheduling cycle, once there is a pod. In a consistent cluster what was decided holds at once,
// else when the cycle's time is over.
void KubeScheduler::work(ActorContext& actor) {
  const PodId pod = queue_.next(actor);
  if (cluster_.pods[pod].phase != PodPhase::pending) return;
  const Attempt made = attempt(pod);
  const Duration time = cycle_time(cluster_.pods[pod], made.visited);
  if (context_.policy.is_consistent) {
    conclude(pod, made);
    actor.sleep_for(time);
  } else {
    is_cycling_ = true;
    actor.sleep_for(time);
    is_cycling_ = false;
    conclude(pod, made);
    news_.clear();
  }
}

bool KubeScheduler::fits(const PodRecord& pod, NodeId node) {
  const NodeQuestion question = question_of(context_, pod);
  chain_.ask(question);
  return chain_.refusing(node) == NodeChain::kPassed;
}

std::int64_t KubeScheduler::improvements() const {
  return improvements_ + cluster_.pools.releases();
}

KubeScheduler::Attempt KubeScheduler::attempt(PodId id) {
  PodRecord& pod = cluster_.pods[id];
  FleetStats& books = context_.books;
  const std::size_t n = cache_.size();
  const Backlog::Kind kind = backlog_.kind_of(kinds_.description_of(id));
  const bool is_explained = explanation_ != nullptr && pod.spec->name == explained_;
  ++pod.attempts;
  pod.tried = context_.now();
  ++books.attempts;
  if (kinds_.is_hopeless_since(kind, improvements()) && !is_explained) {
    // Looking at all nodes would show that none takes it.
    books.nodes_visited += static_cast<std::int64_t>(n);
    return {kNoNode, static_cast<std::int64_t>(n)};
  }
  const NodeQuestion question = question_of(context_, pod);
  chain_.ask(question);
  const auto wanted = static_cast<std::size_t>(
      nodes_to_find(static_cast<std::int64_t>(n), context_.kube.percentage_of_nodes));
  Attempt made;
  feasible_.clear();
  for (std::size_t i = 0; i < n && feasible_.size() < wanted; ++i) {
    const auto node = static_cast<NodeId>((next_start_ + i) % n);
    ++made.visited;
    if (chain_.refusing(node) == NodeChain::kPassed) feasible_.push_back(node);
  }
  books.nodes_visited += made.visited;
  if (n > 0) next_start_ = (next_start_ + static_cast<std::size_t>(made.visited)) % n;
  if (feasible_.empty()) kinds_.note_hopeless(kind, improvements());
  if (feasible_.size() == 1) made.node = feasible_.front();
  if (feasible_.size() > 1) made.node = feasible_[select_host(chain_.score(feasible_), ties_)];
  if (is_explained) {
    PodExplanation& told = *std::exchange(explanation_, nullptr);
    told.found = true;
    told.at = context_.now();
    told.nodes = static_cast<std::int64_t>(n);
    told.visited = made.visited;
    explain_by(chain_, cluster_, feasible_, made.node, told);
  }
  return made;
}

void KubeScheduler::explain(const std::string& pod, PodExplanation* into) {
  explained_ = pod;
  explanation_ = into;
}

std::map<std::string, std::int64_t> KubeScheduler::limits() {
  std::map<std::string, std::int64_t> all;
  for (const Backlog::Kind kind : backlog_.waiting_kinds()) {
    const NodeQuestion question = question_of(context_, cluster_.pods[backlog_.first(kind)]);
    chain_.ask(question);
    all[chain_.sole_limit(cache_.size())] += static_cast<std::int64_t>(backlog_.waiting(kind));
  }
  return all;
}

Duration KubeScheduler::cycle_time(const PodRecord& pod, std::int64_t visited) const {
  const KubernetesProfile& kube = context_.kube;
  Duration time = kube.cycle + kube.node_visit * visited / kube.parallelism;
  if (!context_.disks.is_pooled || pod.volumes.empty()) return time;
  if (context_.policy.publishes_local_storage && pod.must_local.count() > 0)
    time += kube.cycle_extended_resource;
  return time + kube.cycle_volumes;
}

// What a pod takes in the cache; on and off.
void KubeScheduler::book(PodId id, NodeId node, int sign) {
  if (sign < 0) ++improvements_;
  cache_.book(question_of(context_, cluster_.pods[id]), node, sign);
}

void KubeScheduler::fit_nowhere(PodId id) {
  PodRecord& pod = cluster_.pods[id];
  ++context_.books.failed_attempts;
  const Backlog::Kind kind = backlog_.kind_of(kinds_.description_of(id));
  const bool is_possible = kinds_.is_possible(kind, id);
  if (pod.attempts == 1 && !is_possible) {
    pod.impossible = true;
    ++context_.books.impossible;
    return;
  }
  backlog_.add(kind, queue_.turn_of(id), id);
  queue_.set_elsewhere(id, true);
  // What changed during its cycle, it has not seen.
  for (const NodeId node : std::exchange(news_, {})) node_has_room(node, kind);
}

// Pools for what may be remote are the same from every node, so another one than the best helps
// only with a pool of its own that takes what they do not.
bool KubeScheduler::places_volumes(PodId id, const Attempt& made, NodeId* node) {
  if (volumes_.place_all(id, made.node)) return true;
  const PodRecord& pod = cluster_.pods[id];
  const VolumeId without_pool = pod.without_pool;
  for (std::size_t i = 0; i < cache_.size(); ++i) {
    const auto other = static_cast<NodeId>((next_start_ + i) % cache_.size());
    if (other == made.node || !volumes_.would_take(other, without_pool, other)) continue;
    if (!fits(pod, other) || !volumes_.place_all(id, other)) continue;
    *node = other;
    return true;
  }
  return false;
}

// The end of a scheduling cycle.
void KubeScheduler::conclude(PodId id, const Attempt& made) {
  PodRecord& pod = cluster_.pods[id];
  const bool was_woken = backlog_.knows(id);
  const Backlog::Kind kind = was_woken ? backlog_.kind_of_known(id) : 0;
  const auto end_of_try = [&] {
    if (was_woken) has_tried(kind);
  };
  backlog_.erase(id);
  if (pod.phase != PodPhase::pending) return end_of_try();
  NodeId node = made.node;
  if (node == kNoNode || (context_.policy.places_volumes && !places_volumes(id, made, &node))) {
    fit_nowhere(id);
    return end_of_try();
  }
  pod.without_pool = kNoVolume;
  pod.phase = PodPhase::binding;
  pod.node = node;
  book(id, node, +1);
  if (!binding_.reserve(id, node)) ++context_.books.silent_reserves;
  end_of_try();
  context_.simulation.at_calendar([this, id] {
    const PodRecord& assumed = cluster_.pods[id];
    if (assumed.phase == PodPhase::binding) assumed.life->spawn(binding_.cycle(id, assumed.node));
  });
}

void KubeScheduler::enqueue(PodId id) { queue_.enqueue(id); }

void KubeScheduler::forget(PodId id) {
  PodRecord& pod = cluster_.pods[id];
  if (backlog_.knows(id)) {
    const Backlog::Kind kind = backlog_.kind_of_known(id);
    if (backlog_.waits(id)) queue_.set_elsewhere(id, false);
    backlog_.erase(id);
    has_tried(kind);
  }
  if (pod.phase == PodPhase::binding && pod.node != kNoNode) {
    binding_.unreserve(id, pod.node);
    pod_gone(pod.node, id);
    events_.pool_has_room(pod.node);
  }
}

bool KubeScheduler::may_fit(PodId id, NodeId node) {
  const PodRecord& pod = cluster_.pods[id];
  const bool is_fit = fits(pod, node);
  if (pod.without_pool == kNoVolume) return is_fit;
  return (is_fit && volumes_.would_take(node, pod.without_pool, node)) ||
         volumes_.would_take(node, pod.without_pool, kNoNode);
}

void KubeScheduler::node_has_room(NodeId node) {
  if (is_cycling_) news_.push_back(node);
  for (const Backlog::Kind kind : backlog_.waiting_kinds()) node_has_room(node, kind);
}

void KubeScheduler::node_has_room(NodeId node, Backlog::Kind kind) {
  if (backlog_.waiting(kind) == 0 || !may_fit(backlog_.first(kind), node)) return;
  backlog_.wake(kind, node, [this](PodId id) {
    queue_.back_off(id);
    return true;
  });
}

void KubeScheduler::has_tried(Backlog::Kind kind) {
  for (const NodeId node : backlog_.to_look_at_again(kind)) node_has_room(node, kind);
}

void KubeScheduler::pod_gone(NodeId node, PodId pod) {
  book(pod, node, -1);
  node_has_room(node);
}

void KubeScheduler::local_storage_is(NodeId node, std::int64_t bytes) {
  const bool is_more = bytes > cache_.local[node];
  cache_.local[node] = bytes;
  ++improvements_;
  if (is_more) node_has_room(node);
}

void KubeScheduler::node_is(NodeId node, bool lost, bool unschedulable) {
  cache_.lost[node] = lost ? 1 : 0;
  cache_.unschedulable[node] = unschedulable ? 1 : 0;
  ++improvements_;
  if (!lost) node_has_room(node);  // a cordon is tolerated by some
}

void KubeScheduler::pool_has_room(NodeId node) {
  ++improvements_;
  if (context_.policy.has_plugins) node_has_room(node);
}

std::size_t KubeScheduler::waiting() const { return queue_.size() + backlog_.waiting(); }

}  // namespace orrery::control
