// Nodes' turns, and the pods of one.
#include "models/control/kubernetes/evictions.hpp"

#include <utility>
#include <vector>

namespace orrery::control {

namespace {
// So few lost nodes make no zone unhealthy (Kubernetes, ComputeZoneState).
constexpr std::int64_t kFewNodes = 2;
}  // namespace

Evictions::Evictions(FleetContext& context, Kubelets& kubelets, PodController& pods,
                     ApiClient& client)
    : context_(context),
      cluster_(context.cluster),
      kubelets_(kubelets),
      pods_(pods),
      client_(client) {}

// How long the node controller waits between two nodes.
Duration Evictions::gap() const {
  const KubernetesProfile& kube = context_.kube;
  const std::int64_t all = std::ssize(cluster_.nodes);
  if (lost_ == all) return Duration::max();  // rather the controller's own network
  const double share = static_cast<double>(lost_) / static_cast<double>(all);
  if (lost_ <= kFewNodes || share < kube.unhealthy_zone) return seconds(1 / kube.eviction_rate);
  if (all <= kube.large_zone) return Duration::max();
  return seconds(1 / kube.secondary_eviction_rate);
}

bool Evictions::is_current(const Entry& entry) const {
  return cluster_.nodes[entry.node].epoch == entry.epoch;
}

std::optional<TimePoint> Evictions::add(NodeId node, TimePoint now) {
  queue_.push_back({node, cluster_.nodes[node].epoch});
  if (is_evicting_) return std::nullopt;
  return next(now);
}

// One node at a time, at the rate that its zone allows; the actor goes on with other things
// meanwhile.
std::optional<TimePoint> Evictions::next(TimePoint now) {
  while (!queue_.empty() && !is_current(queue_.front())) queue_.pop_front();
  is_evicting_ = false;
  if (queue_.empty()) return std::nullopt;
  Duration wait = gap();
  if (wait != Duration::max()) {
    const NodeId node = queue_.front().node;
    queue_.pop_front();
    context_.simulation.at_calendar([this, node] { context_.spawn(evict(node)); });
  } else {  // a small zone that is unhealthy
    wait = context_.kube.monitor_period;
  }
  is_evicting_ = true;
  return after(now, wait);
}

Task<> Evictions::evict(NodeId id) {
  FleetStats& books = context_.books;
  books.to_evict.add(context_.now() - cluster_.nodes[id].died);
  const std::vector<PodId> pods = cluster_.nodes[id].pods;
  for (const PodId pod_id : pods) {
    PodRecord& pod = cluster_.pods[pod_id];
    if (std::exchange(pod.is_evicted, false)) context_.spawn(make_again(pod_id));
    if (!pod.is_bound() || pod.spec->outlasts_loss) continue;
    co_await client_.commit();
    if (cluster_.nodes[id].alive) co_return;
    if (!pod.is_bound()) continue;
    ++books.evicted;
    if (cluster_.has_data_on(pod, id)) {
      ++books.stuck_terminating;
      continue;
    }
    pod.phase = PodPhase::terminating;
    context_.spawn(kubelets_.stop(pod_id, false));
    context_.spawn(make_again(pod_id));
  }
}

Task<> Evictions::make_again(PodId id) {
  co_await Delay(context_.calendar, context_.kube.recreate);
  const std::vector<VolumeId> kept = cluster_.pods[id].volumes;
  pods_.recreate(id, kept);
}

}  // namespace orrery::control
