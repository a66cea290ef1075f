#include "models/control/kube_scheduler.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <unordered_map>

#include "models/control/agenda.hpp"
#include "models/control/control_plane.hpp"
#include "models/control/kubelets.hpp"
#include "models/control/node_scores.hpp"
#include "models/control/volume_controller.hpp"
#include "models/control/volume_scheduler.hpp"
#include "sim/assert.hpp"

namespace orrery::control {

namespace {

constexpr std::size_t kPassed = SIZE_MAX;
constexpr std::size_t kMostExplained = 20;

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
      ties_(seed, "control/kube-scheduler"),
      bell_(plane.simulation()),
      client_(
          plane.simulation(), plane.api(),
          has_antstor(plane.cluster()) ? plane.liteio().client_qps : plane.kube().client_qps,
          has_antstor(plane.cluster()) ? plane.liteio().client_burst : plane.kube().client_burst) {
  context_ = {&cache_, &plane.cluster().pools, &plane.volume_scheduler(),
              plane.liteio().max_volumes_per_node};
  cache_.cluster = &plane.cluster();
  for (const std::string& name : plugins.filters) {
    const NodeFilterEntry* const entry = find_node_filter(name);
    ORRERY_INVARIANT(entry != nullptr, name.c_str(), "no such filter of nodes");
    if (name == "antstor" && !has_antstor(plane.cluster())) continue;
    filter_names_.push_back(name);
    filters_.push_back(entry->make(context_));
  }
  for (const std::string& text : plugins.scores) {
    const auto equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const NodeScoreEntry* const entry = find_node_score(name);
    ORRERY_INVARIANT(entry != nullptr, name.c_str(), "no such score of nodes");
    if (name == "antstor" && !has_antstor(plane.cluster())) continue;
    score_names_.push_back(name);
    scores_.push_back(entry->make(context_));
    weights_.push_back(equals == std::string::npos ? 1 : std::stoll(text.substr(equals + 1)));
  }
  filter_names_.emplace_back("volumes");  // of policy ideal: no pool for what may be remote
  refused_.resize(filter_names_.size());
}

KubeScheduler::~KubeScheduler() = default;

void KubeScheduler::start(Duration preload) {
  const Cluster& cluster = plane_.cluster();
  for (NodeId id = 0; id < cluster.nodes.size(); ++id) {
    const NodeRecord& node = cluster.nodes[id];
    cache_.cpu.push_back(node.spec->cpu_millis);
    cache_.memory.push_back(node.spec->memory.count());
    cache_.local.push_back(cluster.pools.local_storage(id));
    cache_.unschedulable.push_back(node.cordoned ? 1 : 0);
    cache_.tainted.push_back(node.spec->taints.empty() ? 0 : 1);
    cache_.lost.push_back(0);
  }
  const std::size_t n = cluster.nodes.size();
  for (auto* column : {&cache_.cpu_requested, &cache_.memory_requested, &cache_.local_requested,
                       &cache_.cpu_scored, &cache_.memory_scored})
    column->resize(n);
  cache_.attached.resize(n);
  cache_.apps.resize(n);
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
            if (backoff_.empty()) actor.wait(bell_);
            else actor.wait_for(bell_, backoff_.front().until - actor.now());
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
  if (cluster.disks == Disks::ebs) return question;
  question.volumes = static_cast<std::int32_t>(pod.volumes.size());
  if (cluster.policy == Policy::extended_resource) question.local = pod.must_local.count();
  return question;
}

std::size_t KubeScheduler::refusing_filter(const NodeQuestion& question, NodeId node) const {
  for (std::size_t f = 0; f < filters_.size(); ++f)
    if (filters_[f]->concerns(question) && !filters_[f]->passes(question, node)) return f;
  return kPassed;
}

KubeScheduler::Attempt KubeScheduler::attempt(PodId id) {
  PodRecord& pod = plane_.cluster().pods[id];
  const NodeQuestion question = question_of(pod);
  const std::size_t n = cache_.size();
  const auto wanted = static_cast<std::size_t>(
      nodes_to_find(static_cast<std::int64_t>(n), plane_.kube().percentage_of_nodes));
  ++pod.attempts;
  pod.tried = plane_.simulation().now();
  ++plane_.books().attempts;
  Attempt made;
  feasible_.clear();
  std::fill(refused_.begin(), refused_.end(), 0);
  for (std::size_t i = 0; i < n && feasible_.size() < wanted; ++i) {
    const auto node = static_cast<NodeId>((next_start_ + i) % n);
    ++made.visited;
    const std::size_t refusing = refusing_filter(question, node);
    if (refusing == kPassed) feasible_.push_back(node);
    else ++refused_[refusing];
  }
  plane_.books().nodes_visited += made.visited;
  if (n > 0) next_start_ = (next_start_ + static_cast<std::size_t>(made.visited)) % n;
  made.blocking = static_cast<std::size_t>(std::max_element(refused_.begin(), refused_.end()) -
                                           refused_.begin());

  if (feasible_.size() == 1) made.node = feasible_.front();
  if (feasible_.size() > 1) {
    totals_.assign(feasible_.size(), 0);
    points_.resize(feasible_.size());
    for (std::size_t s = 0; s < scores_.size(); ++s) {
      if (!scores_[s]->concerns(question)) continue;
      for (std::size_t i = 0; i < feasible_.size(); ++i)
        points_[i] = scores_[s]->score(question, feasible_[i]);
      if (scores_[s]->is_normalised()) normalize_scores(points_, false);
      for (std::size_t i = 0; i < feasible_.size(); ++i) totals_[i] += weights_[s] * points_[i];
    }
    std::uint64_t ties = 0;
    std::size_t best = 0;
    for (std::size_t i = 0; i < feasible_.size(); ++i) {
      if (ties > 0 && totals_[i] < totals_[best]) continue;
      if (ties == 0 || totals_[i] > totals_[best]) {
        best = i;
        ties = 1;
      } else if (ties_.below(++ties) == 0) {
        best = i;
      }
    }
    made.node = feasible_[best];
  }
  if (explanation_ != nullptr && pod.spec->name == explained_) tell(question, made);
  return made;
}

void KubeScheduler::explain(const std::string& pod, PodExplanation* into) {
  explained_ = pod;
  explanation_ = into;
}

void KubeScheduler::tell(const NodeQuestion& question, const Attempt& made) {
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
    const std::size_t refusing = refusing_filter(question, node);
    const std::string& shape = cluster.nodes[node].spec->shape;
    const auto [at, is_new] = places.try_emplace({shape, refusing}, told.verdicts.size());
    if (is_new) {
      const bool passed = refusing == kPassed;
      told.verdicts.push_back({shape, passed ? std::string{} : filter_names_[refusing],
                               passed ? std::string{} : filters_[refusing]->reason(question, node),
                               0});
    }
    ++told.verdicts[at->second].nodes;
  }
  std::vector<PodExplanation::Scored> all;
  for (const NodeId node : feasible_) {
    PodExplanation::Scored scored{cluster.name_of(node), {}, 0, node == made.node};
    all.push_back(std::move(scored));
  }
  for (std::size_t s = 0; s < scores_.size(); ++s) {
    if (!scores_[s]->concerns(question)) continue;
    points_.resize(feasible_.size());
    for (std::size_t i = 0; i < feasible_.size(); ++i)
      points_[i] = scores_[s]->score(question, feasible_[i]);
    if (scores_[s]->is_normalised()) normalize_scores(points_, false);
    for (std::size_t i = 0; i < feasible_.size(); ++i) {
      all[i].scores.emplace_back(score_names_[s], weights_[s] * points_[i]);
      all[i].total += weights_[s] * points_[i];
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.total != b.total ? a.total > b.total : a.chosen > b.chosen;
  });
  if (all.size() > kMostExplained) all.resize(kMostExplained);
  told.best = std::move(all);
}

std::string KubeScheduler::sole_limit(PodId id) const {
  const NodeQuestion question = question_of(plane_.cluster().pods[id]);
  std::map<std::string, std::int64_t> alone;
  bool fits_somewhere = false;
  for (NodeId node = 0; node < cache_.size(); ++node) {
    std::size_t refusing = kPassed, count = 0;
    for (std::size_t f = 0; f < filters_.size() && count < 2; ++f) {
      if (!filters_[f]->concerns(question) || filters_[f]->passes(question, node)) continue;
      refusing = f;
      ++count;
    }
    fits_somewhere |= count == 0;
    if (count != 1) continue;
    const std::string reason = filters_[refusing]->reason(question, node);
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

bool KubeScheduler::is_possible(const PodRecord& pod) const {
  const Cluster& cluster = plane_.cluster();
  const PodSpec& spec = *pod.spec;
  const bool is_pooled = cluster.disks != Disks::ebs;
  const Bytes largest = [&] {
    Bytes most{};
    for (const VolumeId id : pod.volumes) most = std::max(most, cluster.volumes[id].booking.total);
    return most;
  }();
  bool runs_somewhere = false;
  bool lies_somewhere = !is_pooled || pod.volumes.empty();
  if (is_pooled && std::ssize(pod.volumes) > context_.max_volumes_per_node) return false;
  for (const NodeRecord& node : cluster.nodes) {
    if (is_pooled && node.spec->disk >= largest) lies_somewhere = true;
    if (node.spec->cpu_millis < spec.cpu_millis || node.spec->memory < spec.memory) continue;
    if (is_pooled && node.spec->disk < pod.must_local) continue;
    // AntstorPlugin lets no pod with volumes on a node without a pool.
    if (has_antstor(cluster) && !pod.volumes.empty() && node.spec->disk == Bytes{}) continue;
    bool matches = std::all_of(
        node.spec->taints.begin(), node.spec->taints.end(), [&](const std::string& taint) {
          return std::find(spec.tolerations.begin(), spec.tolerations.end(), taint) !=
                 spec.tolerations.end();
        });
    for (const auto& [key, value] : spec.node_selector) {
      const std::string* const label = find_label(node.spec->labels, key);
      matches &= label != nullptr && *label == value;
    }
    runs_somewhere |= matches;
    if (runs_somewhere && lies_somewhere) return true;
  }
  return false;
}

// What a pod takes in the cache; on and off.
void KubeScheduler::book(PodId id, NodeId node, int sign) {
  const PodRecord& pod = plane_.cluster().pods[id];
  const NodeQuestion q = question_of(pod);
  cache_.cpu_requested[node] += sign * q.cpu;
  cache_.memory_requested[node] += sign * q.memory;
  cache_.local_requested[node] += sign * q.local;
  cache_.cpu_scored[node] += sign * q.cpu_scored;
  cache_.memory_scored[node] += sign * q.memory_scored;
  cache_.attached[node] += sign * q.volumes;
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

void KubeScheduler::fit_nowhere(PodId id, const Attempt& made) {
  PodRecord& pod = plane_.cluster().pods[id];
  ++plane_.books().failed_attempts;
  if (pod.attempts == 1 && !is_possible(pod)) {
    pod.impossible = true;
    ++plane_.books().impossible;
    return;
  }
  unschedulable_[id] = made.blocking;
  in_queue_[id] = 1;
  // What changed during its cycle, it has not seen.
  for (const NodeId node : std::exchange(news_, {})) node_has_room(node);
}

// Policy ideal: pools for what may be remote are the same from every node, so another one than the best helps only with a pool of its
// own that takes some of the volumes.
bool KubeScheduler::places_volumes(PodId id, const Attempt& made, NodeId* node) {
  VolumeController& volumes = plane_.volumes();
  if (volumes.place_all(id, made.node)) return true;
  const NodeQuestion question = question_of(plane_.cluster().pods[id]);
  for (std::size_t i = 0; i < cache_.size(); ++i) {
    const auto other = static_cast<NodeId>((next_start_ + i) % cache_.size());
    if (other == made.node || !volumes.may_take_some(id, other)) continue;
    if (refusing_filter(question, other) != kPassed || !volumes.place_all(id, other)) continue;
    *node = other;
    return true;
  }
  return false;
}

// The end of a scheduling cycle.
void KubeScheduler::conclude(PodId id, const Attempt& made) {
  Cluster& cluster = plane_.cluster();
  PodRecord& pod = cluster.pods[id];
  if (pod.phase != PodPhase::pending) return;
  if (made.node == kNoNode) return fit_nowhere(id, made);
  NodeId node = made.node;
  if (cluster.policy == Policy::ideal && cluster.disks != Disks::ebs &&
      !places_volumes(id, made, &node)) {
    Attempt without_pool = made;
    without_pool.blocking = filter_names_.size() - 1;
    return fit_nowhere(id, without_pool);
  }
  pod.phase = PodPhase::binding;
  pod.node = node;
  book(id, node, +1);
  if (cluster.policy == Policy::plugin && cluster.disks != Disks::ebs && !reserve(id, node))
    ++plane_.books().silent_reserves;
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
  bell_.ring();
}

void KubeScheduler::forget(PodId id) {
  PodRecord& pod = plane_.cluster().pods[id];
  if (unschedulable_.erase(id) > 0) in_queue_[id] = 0;
  if (pod.phase == PodPhase::binding && pod.node != kNoNode) {
    unreserve(id, pod.node);
    pod_gone(pod.node, id);
    plane_.volumes().pool_has_room(pod.node);
  }
}

void KubeScheduler::back_off(PodId id) {
  const PodRecord& pod = plane_.cluster().pods[id];
  const Duration wait =
      doubled(plane_.kube().backoff_initial, pod.attempts, plane_.kube().backoff_max);
  backoff_.push_back({after(pod.tried, wait), id});
  std::push_heap(backoff_.begin(), backoff_.end(), std::greater<>{});
  bell_.ring();
}

void KubeScheduler::node_has_room(NodeId node) {
  if (is_cycling_) news_.push_back(node);
  for (auto at = unschedulable_.begin(); at != unschedulable_.end();) {
    const PodRecord& pod = plane_.cluster().pods[at->first];
    const bool lacked_pools = at->second == filter_names_.size() - 1;
    if (refusing_filter(question_of(pod), node) == kPassed ||
        (lacked_pools && plane_.volumes().may_take_some(at->first, node))) {
      back_off(at->first);
      at = unschedulable_.erase(at);
    } else {
      ++at;
    }
  }
}

void KubeScheduler::pod_gone(NodeId node, PodId pod) {
  book(pod, node, -1);
  node_has_room(node);
}

void KubeScheduler::local_storage_is(NodeId node, std::int64_t bytes) {
  const bool is_more = bytes > cache_.local[node];
  cache_.local[node] = bytes;
  if (is_more) node_has_room(node);
}

void KubeScheduler::node_is(NodeId node, bool lost, bool unschedulable) {
  cache_.lost[node] = lost ? 1 : 0;
  cache_.unschedulable[node] = unschedulable ? 1 : 0;
  if (!lost && !unschedulable) node_has_room(node);
}

void KubeScheduler::pool_has_room(NodeId node) {
  if (has_antstor(plane_.cluster())) node_has_room(node);
}

std::size_t KubeScheduler::waiting() const {
  return active_.size() + backoff_.size() + unschedulable_.size();
}

}  // namespace orrery::control
