// Shares in use, counts of pods and volumes.
#include "models/control/fleet/sampling.hpp"

namespace orrery::control {

Sampling::Sampling(FleetContext& context, const UnplacedVolumes& unplaced,
                   const BlockStore& block_store, const SamplingPlan& plan)
    : context_(context),
      cluster_(context.cluster),
      unplaced_(unplaced),
      block_store_(block_store),
      plan_(plan) {}

FleetSample Sampling::now() const {
  FleetSample sample;
  const TimePoint now = context_.now();
  sample.at = now;
  double cpu = 0, memory = 0, disk = 0, cpu_used = 0, memory_used = 0, disk_used = 0;
  for (NodeId id = 0; id < cluster_.nodes.size(); ++id) {
    const NodeRecord& node = cluster_.nodes[id];
    // A block store is none of one node's disks.
    if (!node.alive && !context_.disks.is_pooled)
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
  sample.unplaced = static_cast<std::int64_t>(unplaced_.all().size() + block_store_.waiting());
  if (!context_.disks.is_pooled) disk_used = block_store_.used_of_disks();
  sample.cpu_used = cpu > 0 ? cpu_used / cpu : 0;
  sample.memory_used = memory > 0 ? memory_used / memory : 0;
  sample.disk_used = disk > 0 ? disk_used / disk : 0;
  return sample;
}

Task<> Sampling::run() {
  for (;;) {
    samples_.push_back(now());
    const FleetSample& last = samples_.back();
    if (plan_.full_when_pending > 0 && last.pods > 0 &&
        static_cast<double>(last.waiting) >
            plan_.full_when_pending * static_cast<double>(last.pods)) {
      is_full_ = true;
      context_.simulation.end_early();
      co_return;
    }
    co_await Delay(context_.calendar, plan_.every);
  }
}

}  // namespace orrery::control
