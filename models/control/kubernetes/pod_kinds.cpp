// Descriptions of pods, and the idle cluster on which they are tried.
#include "models/control/kubernetes/pod_kinds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace orrery::control {

PodKinds::PodKinds(const FleetContext& context, const SchedulerPlugins& plugins,
                   VolumeScheduler& volume_scheduler)
    : context_(context),
      cluster_(context.cluster),
      idle_chain_(plugins,
                  {&idle_, &idle_pools_, &volume_scheduler, context.liteio.max_volumes_per_node},
                  context.policy.has_plugins) {
  idle_.fill(cluster_, context.demand.resources);
  std::fill(idle_.unschedulable.begin(), idle_.unschedulable.end(), 0);
  std::fill(idle_.lost.begin(), idle_.lost.end(), 0);
  for (NodeId id = 0; id < cluster_.nodes.size(); ++id) {
    const NodeSpec& spec = *cluster_.nodes[id].spec;
    idle_.local[id] = cluster_.pools.capacity[id];
    idle_pools_.add(spec, cluster_.pools.unit[id]);
    if (spec.disk.count() > 0) idle_pools_.status[id] = PoolStatus::ready;
  }
}

std::string PodKinds::description_of(PodId id) const {
  const PodRecord& pod = cluster_.pods[id];
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
    largest = std::max(largest, cluster_.volumes[volume].booking.total);
  text += fmt::format("\n{} {} {}", largest.count(), pod.lies_local.count(), pod.tied_to);
  if (pod.without_pool == kNoVolume) return text;
  const VolumeRecord& volume = cluster_.volumes[pod.without_pool];
  return text + fmt::format("\nwithout {} {} {}", volume.claim->size.count(),
                            volume.booking.total.count(), static_cast<int>(volume.position));
}

PodKinds::Alike& PodKinds::alike(Kind kind) {
  if (alike_.size() <= kind) alike_.resize(kind + 1);
  return alike_[kind];
}

bool PodKinds::is_hopeless_since(Kind kind, std::int64_t improvements) {
  return alike(kind).hopeless_since == improvements;
}

void PodKinds::note_hopeless(Kind kind, std::int64_t improvements) {
  alike(kind).hopeless_since = improvements;
}

bool PodKinds::is_possible(Kind kind, PodId pod) {
  Alike& known = alike(kind);
  if (!std::exchange(known.is_tested, true)) known.is_possible = finds_a_place(cluster_.pods[pod]);
  return known.is_possible;
}

bool PodKinds::finds_a_place(const PodRecord& pod) {
  Bytes largest{};
  for (const VolumeId id : pod.volumes)
    largest = std::max(largest, cluster_.volumes[id].booking.total);
  bool runs_somewhere = false;
  bool lies_somewhere = !context_.disks.is_pooled || pod.volumes.empty();
  const NodeQuestion question = question_of(context_, pod);
  idle_chain_.ask(question);
  for (NodeId node = 0; node < cluster_.nodes.size(); ++node) {
    lies_somewhere |= cluster_.pools.capacity[node] >= largest.count();
    runs_somewhere |= idle_chain_.refusing(node) == NodeChain::kPassed;
    if (runs_somewhere && lies_somewhere) return true;
  }
  return false;
}

}  // namespace orrery::control
