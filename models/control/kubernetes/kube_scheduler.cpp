#include "models/control/kubernetes/kube_scheduler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "models/control/fleet/control_plane.hpp"
#include "models/control/fleet/timed_queue.hpp"
#include "models/control/kubernetes/kubelets.hpp"
#include "models/control/kubernetes/node_scores.hpp"
#include "models/control/liteio/volume_controller.hpp"
#include "models/control/liteio/volume_scheduler.hpp"
#include "sim/assert.hpp"

namespace orrery::control {

namespace {

// Whether the plug-ins of LiteIO take part.
bool has_antstor(const Cluster& cluster) {
  return cluster.policy != Policy::extended_resource && cluster.disks != Disks::ebs;
}

Duration doubled(Duration first, std::int32_t times, Duration most) {
  Duration wait = first;
  for (std::int32_t i = 1; i < times && wait < most; ++i) wait *= 2;
  return std::min(wait, most);
}

}  // namespace

KubeScheduler::KubeScheduler(ControlPlane& plane, const SchedulerPlugins& plugins,
                             std::uint64_t seed)
    : plane_(plane),
      chain_(plugins,
             {&cache_, &plane.cluster().pools, &plane.volume_scheduler(),
              plane.liteio().max_volumes_per_node},
             has_antstor(plane.cluster()) ? "" : "antstor"),
      idle_chain_(
          plugins,
          {&idle_, &idle_pools_, &plane.volume_scheduler(), plane.liteio().max_volumes_per_node},
          has_antstor(plane.cluster()) ? "" : "antstor"),
      ties_(seed, "control/kube-scheduler"),
      wake_up_(plane.simulation()),
      client_(
          plane.simulation(), plane.api(),
          has_antstor(plane.cluster()) ? plane.liteio().client_qps : plane.kube().client_qps,
          has_antstor(plane.cluster()) ? plane.liteio().client_burst : plane.kube().client_burst) {}

KubeScheduler::~KubeScheduler() = default;

void KubeScheduler::start(Duration preload) {
  const Cluster& cluster = plane_.cluster();
  const std::vector<std::string>& resources = plane_.demand().resources;
  cache_.fill(cluster, resources);
  idle_.fill(cluster, resources);
  std::fill(idle_.unschedulable.begin(), idle_.unschedulable.end(), 0);
  std::fill(idle_.lost.begin(), idle_.lost.end(), 0);
  const std::size_t n = cluster.nodes.size();
  for (NodeId id = 0; id < n; ++id) {
    const NodeSpec& spec = *cluster.nodes[id].spec;
    idle_.local[id] = cluster.pools.capacity[id];
    idle_pools_.add(spec, cluster.pools.unit[id]);
    if (spec.disk.count() > 0) idle_pools_.status[id] = PoolStatus::ready;
  }
  for (NodeId id = 0; id < n; ++id)
    for (const PodId pod : cluster.nodes[id].pods) book(pod, id, +1);
  spawn_controller(
      plane_.simulation(), "kube-scheduler", kControlHost, [this, preload](ActorContext& actor) {
        actor.sleep_for(preload);
        for (;;) {
          while (!backoff_.empty() && backoff_.front().until <= after(actor.now(), kActorStep)) {
            std::pop_heap(backoff_.begin(), backoff_.end(), std::greater<>{});
            active_.push(backoff_.back().pod);
            backoff_.pop_back();
          }
          if (active_.empty()) {
            if (backoff_.empty()) actor.wait(wake_up_);
            else actor.wait_for(wake_up_, backoff_.front().until - actor.now());
            continue;
          }
          const PodId pod = active_.pop();
          in_queue_[pod] = 0;
          if (plane_.cluster().pods[pod].phase != PodPhase::pending) continue;
          const Attempt made = attempt(pod);
          const Duration time = cycle_time(plane_.cluster().pods[pod], made.visited);
          if (plane_.cluster().policy == Policy::ideal) {
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
      });
}

NodeQuestion KubeScheduler::question_of(const PodRecord& pod) const {
  const Cluster& cluster = plane_.cluster();
  NodeQuestion question;
  question.pod = &pod;
  question.cpu = pod.spec->cpu_millis;
  question.memory = pod.spec->memory.count();
  question.cpu_scored = question.cpu > 0 ? question.cpu : plane_.kube().default_cpu;
  question.memory_scored =
      question.memory > 0 ? question.memory : plane_.kube().default_memory.count();
  if (pod.spec->rules) question.resources = pod.spec->rules->resources;
  if (cluster.disks == Disks::ebs) return question;
  question.volumes = static_cast<std::int32_t>(pod.volumes.size());
  if (cluster.policy == Policy::extended_resource) question.local = pod.must_local.count();
  return question;
}

bool KubeScheduler::fits(const PodRecord& pod, NodeId node) {
  const NodeQuestion question = question_of(pod);
  chain_.ask(question);
  return chain_.refusing(node) == NodeChain::kPassed;
}

// All that filters look at in a pod.
std::string KubeScheduler::description_of(PodId id) const {
  const PodRecord& pod = plane_.cluster().pods[id];
  const PodSpec& spec = *pod.spec;
  std::string text =
      fmt::format("{} {} {} {} {} {} {}", spec.cpu_millis, spec.memory.count(), pod.volumes.size(),
                  pod.must_local.count(), pod.holder_cluster, pod.holder_zone, pod.app);
  if (spec.max_per_node > 0) text += fmt::format(" most {}", spec.max_per_node);
  const auto add_labels = [&text](char kind, const Labels& labels) {
    for (const auto& [key, value] : labels) text += fmt::format("\n{} {}\n{}", kind, key, value);
  };
  add_labels('n', spec.node_selector);
  add_labels('p', spec.pool_selector);
  for (const Toleration& each : spec.tolerations)
    text += fmt::format("\nt {}\n{}\n{}{}", each.key, each.value, each.exists,
                        each.effect ? static_cast<int>(*each.effect) : -1);
  if (spec.rules) {
    for (const ResourceAmount& each : spec.rules->resources)
      text += fmt::format("\nr {} {}", each.resource, each.amount);
    for (const NodeTerm& term : spec.rules->affinity) {
      text += "\nterm";
      for (const LabelRule& rule : term) {
        text += fmt::format("\na {}{} {}", static_cast<int>(rule.is), rule.is_about_name, rule.key);
        for (const std::string& value : rule.values) text += "\nv " + value;
      }
    }
  }
  // Of which volumes may lie where.
  Bytes largest{};
  for (const VolumeId volume : pod.volumes)
    largest = std::max(largest, plane_.cluster().volumes[volume].booking.total);
  text += fmt::format("\n{} {} {}", largest.count(), pod.lies_local.count(), pod.tied_to);
  if (pod.without_pool == kNoVolume) return text;
  const VolumeRecord& volume = plane_.cluster().volumes[pod.without_pool];
  return text + fmt::format("\nwithout {} {} {}", volume.claim->size.count(),
                            volume.booking.total.count(), static_cast<int>(volume.position));
}

std::int64_t KubeScheduler::improvements() const {
  return improvements_ + plane_.cluster().pools.releases();
}

KubeScheduler::Attempt KubeScheduler::attempt(PodId id) {
  PodRecord& pod = plane_.cluster().pods[id];
  const std::size_t n = cache_.size();
  const Backlog::Kind kind = backlog_.kind_of(description_of(id));
  if (alike_.size() <= kind) alike_.resize(kind + 1);
  const bool is_explained = explanation_ != nullptr && pod.spec->name == explained_;
  if (alike_[kind].hopeless_since == improvements() && !is_explained) {
    // Looking at all nodes would show that none takes it.
    ++pod.attempts;
    pod.tried = plane_.simulation().now();
    ++plane_.books().attempts;
    plane_.books().nodes_visited += static_cast<std::int64_t>(n);
    return {kNoNode, static_cast<std::int64_t>(n)};
  }
  const NodeQuestion question = question_of(pod);
  chain_.ask(question);
  const auto wanted = static_cast<std::size_t>(
      nodes_to_find(static_cast<std::int64_t>(n), plane_.kube().percentage_of_nodes));
  ++pod.attempts;
  pod.tried = plane_.simulation().now();
  ++plane_.books().attempts;
  Attempt made;
  feasible_.clear();
  for (std::size_t i = 0; i < n && feasible_.size() < wanted; ++i) {
    const auto node = static_cast<NodeId>((next_start_ + i) % n);
    ++made.visited;
    if (chain_.refusing(node) == NodeChain::kPassed) feasible_.push_back(node);
  }
  plane_.books().nodes_visited += made.visited;
  if (n > 0) next_start_ = (next_start_ + static_cast<std::size_t>(made.visited)) % n;
  if (feasible_.empty()) alike_[kind].hopeless_since = improvements();
  if (feasible_.size() == 1) made.node = feasible_.front();
  if (feasible_.size() > 1) {
    const std::span<const std::int64_t> totals = chain_.score(feasible_);
    std::uint64_t ties = 0;
    std::size_t best = 0;
    for (std::size_t i = 0; i < feasible_.size(); ++i) {
      if (ties > 0 && totals[i] < totals[best]) continue;
      if (ties == 0 || totals[i] > totals[best]) {
        best = i;
        ties = 1;
      } else if (ties_.below(++ties) == 0) {
        best = i;
      }
    }
    made.node = feasible_[best];
  }
  if (is_explained) tell(made);
  return made;
}

void KubeScheduler::explain(const std::string& pod, PodExplanation* into) {
  explained_ = pod;
  explanation_ = into;
}

void KubeScheduler::tell(const Attempt& made) {
  const Cluster& cluster = plane_.cluster();
  PodExplanation& told = *std::exchange(explanation_, nullptr);
  told.found = true;
  told.at = plane_.simulation().now();
  told.nodes = static_cast<std::int64_t>(cache_.size());
  told.visited = made.visited;
  told.feasible = static_cast<std::int64_t>(feasible_.size());
  if (made.node != kNoNode) told.chosen = cluster.name_of(made.node);
  std::map<std::pair<std::string, std::size_t>, std::size_t> places;
  for (NodeId node = 0; node < cache_.size(); ++node) {
    const std::size_t refusing = chain_.refusing(node);
    const std::string& shape = cluster.nodes[node].spec->shape;
    const auto [at, is_new] = places.try_emplace({shape, refusing}, told.verdicts.size());
    if (is_new && refusing == NodeChain::kPassed) told.verdicts.push_back({shape, "", "", 0});
    else if (is_new)
      told.verdicts.push_back({shape, chain_.name(refusing), chain_.reason(refusing, node), 0});
    ++told.verdicts[at->second].nodes;
  }
  struct Scores final : NodeChain::Listener {
    std::vector<PodExplanation::Scored> all;
    void hear(const std::string& score, std::span<const std::int64_t> points) override {
      for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].scores.emplace_back(score, points[i]);
        all[i].total += points[i];
      }
    }
  } scores;
  for (const NodeId node : feasible_)
    scores.all.push_back({cluster.name_of(node), {}, 0, node == made.node});
  chain_.score(feasible_, &scores);
  std::stable_sort(scores.all.begin(), scores.all.end(), [](const auto& a, const auto& b) {
    return a.total != b.total ? a.total > b.total : a.chosen > b.chosen;
  });
  if (scores.all.size() > PodExplanation::kMost) scores.all.resize(PodExplanation::kMost);
  told.best = std::move(scores.all);
}

std::map<std::string, std::int64_t> KubeScheduler::limits() {
  std::map<std::string, std::int64_t> all;
  for (const Backlog::Kind kind : backlog_.waiting_kinds())
    all[sole_limit(backlog_.first(kind))] += static_cast<std::int64_t>(backlog_.waiting(kind));
  return all;
}

std::string KubeScheduler::sole_limit(PodId id) {
  const NodeQuestion question = question_of(plane_.cluster().pods[id]);
  chain_.ask(question);
  std::map<std::string, std::int64_t> alone;
  bool fits_somewhere = false;
  for (NodeId node = 0; node < cache_.size(); ++node) {
    const std::size_t refusing = chain_.refusing(node);
    fits_somewhere |= refusing == NodeChain::kPassed;
    if (refusing == NodeChain::kPassed || !chain_.is_sole(refusing, node)) continue;
    const std::string reason = chain_.reason(refusing, node);
    if (reason.find(" and ") == std::string::npos) ++alone[reason];
  }
  if (fits_somewhere) return "no pool for its volumes";
  if (alone.empty()) return "several";
  return std::max_element(alone.begin(), alone.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

Duration KubeScheduler::cycle_time(const PodRecord& pod, std::int64_t visited) const {
  const KubernetesProfile& kube = plane_.kube();
  Duration time = kube.cycle + kube.node_visit * visited / kube.parallelism;
  if (plane_.cluster().disks == Disks::ebs || pod.volumes.empty()) return time;
  if (plane_.cluster().policy == Policy::extended_resource && pod.must_local.count() > 0)
    time += kube.cycle_extended_resource;
  return time + kube.cycle_volumes;
}

// Whether it would fit on a node of an idle cluster, and the largest of its volumes into a pool of
// it.
bool KubeScheduler::is_possible(const PodRecord& pod) {
  const Cluster& cluster = plane_.cluster();
  const bool is_pooled = cluster.disks != Disks::ebs;
  Bytes largest{};
  for (const VolumeId id : pod.volumes)
    largest = std::max(largest, cluster.volumes[id].booking.total);
  bool runs_somewhere = false;
  bool lies_somewhere = !is_pooled || pod.volumes.empty();
  const NodeQuestion question = question_of(pod);
  idle_chain_.ask(question);
  for (NodeId node = 0; node < cluster.nodes.size(); ++node) {
    lies_somewhere |= cluster.pools.capacity[node] >= largest.count();
    runs_somewhere |= idle_chain_.refusing(node) == NodeChain::kPassed;
    if (runs_somewhere && lies_somewhere) return true;
  }
  return false;
}

// What a pod takes in the cache; on and off.
void KubeScheduler::book(PodId id, NodeId node, int sign) {
  const PodRecord& pod = plane_.cluster().pods[id];
  const NodeQuestion q = question_of(pod);
  if (sign < 0) ++improvements_;
  cache_.cpu_requested[node] += sign * q.cpu;
  cache_.memory_requested[node] += sign * q.memory;
  cache_.local_requested[node] += sign * q.local;
  cache_.cpu_scored[node] += sign * q.cpu_scored;
  cache_.memory_scored[node] += sign * q.memory_scored;
  cache_.attached[node] += sign * q.volumes;
  cache_.pods[node] += sign;
  for (const ResourceAmount& each : q.resources)
    cache_.resources_requested[each.resource][node] += sign * each.amount;
  if (pod.spec->max_per_node == 0) return;
  auto& apps = cache_.apps[node];
  const auto found =
      std::find_if(apps.begin(), apps.end(), [&](const auto& app) { return app.first == pod.app; });
  if (found == apps.end()) {
    apps.emplace_back(pod.app, 1);
  } else if ((found->second += sign) == 0) {
    *found = apps.back();
    apps.pop_back();
  }
}

// Reserve: silent where there is no room, as LiteIO's is. False then.
bool KubeScheduler::reserve(PodId id, NodeId node) {
  Cluster& cluster = plane_.cluster();
  bool is_whole = true;
  for (const VolumeId volume_id : cluster.pods[id].volumes) {
    const VolumeRecord& volume = cluster.volumes[volume_id];
    if (volume.class_position != PositionAdvice::must_local || volume.exists) continue;
    const std::int64_t size = volume.booking.total.count();
    if (cluster.pools.free[node] < size) is_whole = false;
    else cluster.pools.reserve(node, plane_.claim_name(volume_id), volume.booking.total);
  }
  return is_whole;
}

void KubeScheduler::unreserve(PodId id, NodeId node) {
  Cluster& cluster = plane_.cluster();
  for (const VolumeId volume : cluster.pods[id].volumes)
    cluster.pools.unreserve(node, plane_.claim_name(volume));
}

void KubeScheduler::fit_nowhere(PodId id) {
  PodRecord& pod = plane_.cluster().pods[id];
  ++plane_.books().failed_attempts;
  const Backlog::Kind kind = backlog_.kind_of(description_of(id));
  if (alike_.size() <= kind) alike_.resize(kind + 1);
  Alike& alike = alike_[kind];
  if (!std::exchange(alike.is_tested, true)) alike.is_possible = is_possible(pod);
  if (pod.attempts == 1 && !alike.is_possible) {
    pod.impossible = true;
    ++plane_.books().impossible;
    return;
  }
  backlog_.add(kind, turn_of(id), id);
  in_queue_[id] = 1;
  // What changed during its cycle, it has not seen.
  for (const NodeId node : std::exchange(news_, {})) node_has_room(node, kind);
}

// Policy ideal: pools for what may be remote are the same from every node, so another one than the
// best helps only with a pool of its own that takes what they do not.
bool KubeScheduler::places_volumes(PodId id, const Attempt& made, NodeId* node) {
  VolumeController& volumes = plane_.volumes();
  if (volumes.place_all(id, made.node)) return true;
  const PodRecord& pod = plane_.cluster().pods[id];
  const VolumeId without_pool = pod.without_pool;
  for (std::size_t i = 0; i < cache_.size(); ++i) {
    const auto other = static_cast<NodeId>((next_start_ + i) % cache_.size());
    if (other == made.node || !volumes.would_take(other, without_pool, other)) continue;
    if (!fits(pod, other) || !volumes.place_all(id, other)) continue;
    *node = other;
    return true;
  }
  return false;
}

// The end of a scheduling cycle.
void KubeScheduler::conclude(PodId id, const Attempt& made) {
  Cluster& cluster = plane_.cluster();
  PodRecord& pod = cluster.pods[id];
  const bool was_woken = backlog_.knows(id);
  const Backlog::Kind kind = was_woken ? backlog_.kind_of_known(id) : 0;
  const auto end_of_try = [&] {
    if (was_woken) has_tried(kind);
  };
  backlog_.erase(id);
  if (pod.phase != PodPhase::pending) return end_of_try();
  NodeId node = made.node;
  const bool must_place = cluster.policy == Policy::ideal && cluster.disks != Disks::ebs;
  if (node == kNoNode || (must_place && !places_volumes(id, made, &node))) {
    fit_nowhere(id);
    return end_of_try();
  }
  pod.without_pool = kNoVolume;
  pod.phase = PodPhase::binding;
  pod.node = node;
  book(id, node, +1);
  if (cluster.policy == Policy::plugin && cluster.disks != Disks::ebs && !reserve(id, node))
    ++plane_.books().silent_reserves;
  end_of_try();
  plane_.simulation().at_calendar([this, id] {
    const PodRecord& assumed = plane_.cluster().pods[id];
    if (assumed.phase == PodPhase::binding) assumed.life->spawn(binding_cycle(id, assumed.node));
  });
}

Task<> KubeScheduler::binding_cycle(PodId id, NodeId node) {
  Cluster& cluster = plane_.cluster();
  PodRecord& pod = cluster.pods[id];
  const bool is_pooled = cluster.disks != Disks::ebs;
  // PreBind, AntstorPlugin: the claims that must be local learn their node and their reservation.
  if (cluster.policy == Policy::plugin && is_pooled)
    for (const VolumeId volume_id : pod.volumes) {
      VolumeRecord& volume = cluster.volumes[volume_id];
      if (volume.class_position != PositionAdvice::must_local || volume.exists) continue;
      co_await client_.commit();
      volume.selected = node;
      volume.reservation = plane_.claim_name(volume_id);
      co_await client_.answer();
    }
  // PreBind, VolumeBinding: the claims learn their node, CSI makes their volumes.
  for (const VolumeId volume_id : pod.volumes) {
    co_await client_.commit();
    co_await client_.answer();
    co_await plane_.volumes().provision(volume_id, node);
  }
  // Bind.
  co_await client_.commit();
  plane_.bound(id);
  co_await client_.answer();
}

void KubeScheduler::enqueue(PodId id) {
  if (in_queue_.size() <= id) in_queue_.resize(id + 1);
  if (in_queue_[id] != 0) return;
  in_queue_[id] = 1;
  active_.push(id);
  wake_up_.notify();
}

void KubeScheduler::forget(PodId id) {
  PodRecord& pod = plane_.cluster().pods[id];
  if (backlog_.knows(id)) {
    const Backlog::Kind kind = backlog_.kind_of_known(id);
    if (backlog_.waits(id)) in_queue_[id] = 0;
    backlog_.erase(id);
    has_tried(kind);
  }
  if (pod.phase == PodPhase::binding && pod.node != kNoNode) {
    unreserve(id, pod.node);
    pod_gone(pod.node, id);
    plane_.volumes().pool_has_room(pod.node);
  }
}

TimePoint KubeScheduler::turn_of(PodId id) const {
  const PodRecord& pod = plane_.cluster().pods[id];
  const Duration wait =
      doubled(plane_.kube().backoff_initial, pod.attempts, plane_.kube().backoff_max);
  return after(pod.tried, wait);
}

void KubeScheduler::back_off(PodId id) {
  backoff_.push_back({turn_of(id), id});
  std::push_heap(backoff_.begin(), backoff_.end(), std::greater<>{});
  wake_up_.notify();
}

bool KubeScheduler::may_fit(PodId id, NodeId node) {
  const PodRecord& pod = plane_.cluster().pods[id];
  const bool is_fit = fits(pod, node);
  if (pod.without_pool == kNoVolume) return is_fit;
  const VolumeController& volumes = plane_.volumes();
  return (is_fit && volumes.would_take(node, pod.without_pool, node)) ||
         volumes.would_take(node, pod.without_pool, kNoNode);
}

void KubeScheduler::node_has_room(NodeId node) {
  if (is_cycling_) news_.push_back(node);
  for (const Backlog::Kind kind : backlog_.waiting_kinds()) node_has_room(node, kind);
}

void KubeScheduler::node_has_room(NodeId node, Backlog::Kind kind) {
  if (backlog_.waiting(kind) == 0 || !may_fit(backlog_.first(kind), node)) return;
  backlog_.wake(kind, node, [this](PodId id) {
    back_off(id);
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
  if (has_antstor(plane_.cluster())) node_has_room(node);
}

std::size_t KubeScheduler::waiting() const {
  return active_.size() + backoff_.size() + backlog_.waiting();
}

}  // namespace orrery::control
