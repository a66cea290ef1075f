// Free CPU, memory and disk by the first obstacle to the median pod.
#include "models/control/fleet/stranded.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace orrery::control {

namespace {

constexpr std::string_view kUsable = "usable";
constexpr std::string_view kTooLittle = "too little";

std::int64_t median(std::vector<std::int64_t> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Stranded::Pod median_pod(const Cluster& cluster) {
  std::vector<std::int64_t> cpu, memory, disk;
  for (const PodRecord& pod : cluster.pods) {
    if (pod.impossible || pod.generation > 0 || pod.is_group) continue;
    std::int64_t bytes = 0;
    for (const ClaimSpec& claim : pod.spec->claims) bytes += claim.size.count();
    cpu.push_back(pod.spec->cpu_millis);
    memory.push_back(pod.spec->memory.count());
    disk.push_back(bytes);
  }
  return {median(std::move(cpu)), median(std::move(memory)), median(std::move(disk))};
}

// Why a volume of that size finds no room in a pool, seen from elsewhere; kUsable: it does.
std::string_view remote_obstacle(const LiteioProfile& liteio, const PoolTable& pools, NodeId pool,
                                 std::int64_t size) {
  const auto capacity = static_cast<double>(pools.capacity[pool]);
  if (pools.status[pool] != PoolStatus::ready || pools.locked[pool] != 0) return "node";
  if (pools.free[pool] < size) return kTooLittle;
  if (pools.remote_volumes[pool] >= liteio.max_remote_volumes) return "remote volumes";
  if (pools.sharing_nodes[pool] >= liteio.max_sharing_nodes) return "sharing nodes";
  const auto left = static_cast<double>(pools.remote_allocated[pool] + size);
  if (capacity - left < liteio.min_local_storage * capacity) return "kept local";
  return kUsable;
}

// What keeps the median pod from a node, in the order in which it is looked at.
struct NodeRoom {
  bool is_usable, is_full, has_cpu, has_memory, has_disk;

  std::string_view of_cpu() const {
    if (!is_usable) return "node";
    if (is_full) return "number of pods";
    if (!has_cpu) return kTooLittle;
    if (!has_memory) return "memory";
    return has_disk ? kUsable : "disk";
  }
  std::string_view of_memory() const {
    if (!is_usable) return "node";
    if (is_full) return "number of pods";
    if (!has_memory) return kTooLittle;
    if (!has_cpu) return "cpu";
    return has_disk ? kUsable : "disk";
  }
  std::string_view of_disk() const {
    if (!is_usable) return "node";
    if (is_full) return "number of pods";
    if (!has_cpu) return "cpu";
    return has_memory ? kUsable : "memory";
  }
};

Stranded::Shares shares_of(const std::map<std::string_view, double>& amounts, double all) {
  Stranded::Shares shares;
  for (const auto& [cause, amount] : amounts) shares.emplace(cause, all > 0 ? amount / all : 0);
  return shares;
}

}  // namespace

Stranded stranded_in(const FleetContext& context, const SchedulerCache& cache) {
  const Cluster& cluster = context.cluster;
  const PoolTable& pools = cluster.pools;
  const Disks& disks = context.disks;
  const Stranded::Pod pod = median_pod(cluster);
  const auto obstacle = [&](NodeId pool) {
    return remote_obstacle(context.liteio, pools, pool, pod.disk);
  };
  const bool has_remote_room =
      !disks.is_pooled ||
      (disks.is_shared && std::any_of(pools.pools.begin(), pools.pools.end(),
                                      [&](NodeId pool) { return obstacle(pool) == kUsable; }));
  std::map<std::string_view, double> cpu, memory, disk;
  double all_cpu = 0, all_memory = 0, all_disk = 0;
  for (NodeId id = 0; id < cluster.nodes.size(); ++id) {
    const NodeRecord& node = cluster.nodes[id];
    if (!node.alive) continue;  // it has nothing to give
    const std::int64_t free_cpu = cache.cpu[id] - cache.cpu_requested[id];
    const std::int64_t free_memory = cache.memory[id] - cache.memory_requested[id];
    const std::int64_t free_disk = std::max<std::int64_t>(pools.free[id], 0);
    all_cpu += static_cast<double>(cache.cpu[id]);
    all_memory += static_cast<double>(cache.memory[id]);
    all_disk += static_cast<double>(pools.capacity[id]);
    const NodeRoom room{.is_usable = node.ready && !node.is_cordoned(),
                        .is_full = cache.pods[id] >= cache.max_pods[id],
                        .has_cpu = free_cpu >= pod.cpu_millis,
                        .has_memory = free_memory >= pod.memory,
                        .has_disk = free_disk >= pod.disk || has_remote_room};
    cpu[room.of_cpu()] += static_cast<double>(free_cpu);
    memory[room.of_memory()] += static_cast<double>(free_memory);
    if (free_disk == 0) continue;
    std::string_view of_disk = free_disk < pod.disk ? kTooLittle : room.of_disk();
    if (disks.is_shared && of_disk != kUsable && of_disk != kTooLittle) of_disk = obstacle(id);
    if (!disks.is_pooled) of_disk = kUsable;
    disk[of_disk] += static_cast<double>(free_disk);
  }
  return {pod, shares_of(cpu, all_cpu), shares_of(memory, all_memory), shares_of(disk, all_disk)};
}

}  // namespace orrery::control
