#include "analysis/fleet/fleet_state.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "models/control/liteio/volume_controller.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;
using namespace control;

namespace {

std::int64_t median(std::vector<std::int64_t> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct MedianPod {
  std::int64_t cpu = 0, memory = 0, disk = 0;
};

MedianPod median_pod(const Cluster& cluster) {
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

// Why a pod's volume of median size finds no room in a pool, seen from elsewhere; empty: it does.
const char* remote_obstacle(const ControlPlane& plane, const PoolTable& pools, NodeId pool,
                            std::int64_t size) {
  const LiteioProfile& liteio = plane.liteio();
  const auto capacity = static_cast<double>(pools.capacity[pool]);
  if (pools.status[pool] != PoolStatus::ready || pools.locked[pool] != 0) return "node";
  if (pools.free[pool] < size) return "too little";
  if (pools.remote_volumes[pool] >= liteio.max_remote_volumes) return "remote volumes";
  if (pools.sharing_nodes[pool] >= liteio.max_sharing_nodes) return "sharing nodes";
  const auto left = static_cast<double>(pools.remote_allocated[pool] + size);
  if (capacity - left < liteio.min_local_storage * capacity) return "kept local";
  return "";
}

}  // namespace

Json stranded_of(ControlPlane& plane) {
  const Cluster& cluster = plane.cluster();
  const SchedulerCache& cache = plane.scheduler().cache();
  const MedianPod pod = median_pod(cluster);
  bool has_remote_room = cluster.disks == Disks::ebs;
  if (cluster.disks == Disks::lightpool)
    for (const NodeId pool : cluster.pools.pools)
      has_remote_room |= *remote_obstacle(plane, cluster.pools, pool, pod.disk) == '\0';
  std::map<std::string, double> cpu, memory, disk;
  double all_cpu = 0, all_memory = 0, all_disk = 0;
  for (NodeId id = 0; id < cluster.nodes.size(); ++id) {
    const NodeRecord& node = cluster.nodes[id];
    if (!node.alive) continue;  // it has nothing to give
    const std::int64_t free_cpu = cache.cpu[id] - cache.cpu_requested[id];
    const std::int64_t free_memory = cache.memory[id] - cache.memory_requested[id];
    const std::int64_t free_disk = std::max<std::int64_t>(cluster.pools.free[id], 0);
    all_cpu += static_cast<double>(cache.cpu[id]);
    all_memory += static_cast<double>(cache.memory[id]);
    all_disk += static_cast<double>(cluster.pools.capacity[id]);
    const bool is_usable = node.ready && node.alive && !node.is_cordoned();
    const bool has_disk = free_disk >= pod.disk || has_remote_room;
    const bool is_full = cache.pods[id] >= cache.max_pods[id];
    const char* const of_cpu = !is_usable                 ? "node"
                               : is_full                  ? "number of pods"
                               : free_cpu < pod.cpu       ? "too little"
                               : free_memory < pod.memory ? "memory"
                               : !has_disk                ? "disk"
                                                          : "usable";
    const char* const of_memory = !is_usable                 ? "node"
                                  : is_full                  ? "number of pods"
                                  : free_memory < pod.memory ? "too little"
                                  : free_cpu < pod.cpu       ? "cpu"
                                  : !has_disk                ? "disk"
                                                             : "usable";
    cpu[of_cpu] += static_cast<double>(free_cpu);
    memory[of_memory] += static_cast<double>(free_memory);
    if (free_disk == 0) continue;
    const char* of_disk = "usable";
    if (free_disk < pod.disk) of_disk = "too little";
    else if (!is_usable) of_disk = "node";
    else if (is_full) of_disk = "number of pods";
    else if (free_cpu < pod.cpu) of_disk = "cpu";
    else if (free_memory < pod.memory) of_disk = "memory";
    if (cluster.disks == Disks::lightpool && *of_disk != 'u' && *of_disk != 't') {
      const char* const obstacle = remote_obstacle(plane, cluster.pools, id, pod.disk);
      of_disk = *obstacle == '\0' ? "usable" : obstacle;
    }
    if (cluster.disks == Disks::ebs) of_disk = "usable";
    disk[of_disk] += static_cast<double>(free_disk);
  }
  const auto shares = [](const std::map<std::string, double>& by_cause, double all) {
    Json out = Json::object();
    for (const auto& [cause, amount] : by_cause) out[cause] = all > 0 ? amount / all : 0;
    return out;
  };
  Json out{{"median_pod",
            {{"cpu", static_cast<double>(pod.cpu) / 1000},
             {"memory_bytes", pod.memory},
             {"disk_bytes", pod.disk}}},
           {"cpu", shares(cpu, all_cpu)},
           {"memory", shares(memory, all_memory)}};
  if (cluster.disks != Disks::ebs) out["disk"] = shares(disk, all_disk);
  return out;
}

Json blast_radius_of(ControlPlane& plane) {
  const Cluster& cluster = plane.cluster();
  std::vector<std::set<NodeId>> hosts(cluster.nodes.size());
  std::vector<std::int64_t> pods(cluster.nodes.size());
  for (NodeId id = 0; id < cluster.nodes.size(); ++id) {
    std::set<PodId> felt(cluster.nodes[id].pods.begin(), cluster.nodes[id].pods.end());
    for (const VolumeId volume : cluster.nodes[id].volumes) {
      const VolumeRecord& record = cluster.volumes[volume];
      if (record.is_remote() && record.booking.host != kNoNode)
        hosts[id].insert(record.booking.host);
      felt.insert(record.pod);
    }
    pods[id] = static_cast<std::int64_t>(felt.size());
  }
  std::vector<std::int64_t> nodes;
  for (const auto& others : hosts) nodes.push_back(1 + static_cast<std::int64_t>(others.size()));
  const auto told = [](std::vector<std::int64_t> values) {
    std::sort(values.begin(), values.end());
    double sum = 0;
    for (const std::int64_t value : values) sum += static_cast<double>(value);
    return Json{{"mean", sum / static_cast<double>(values.size())},
                {"p99", values[(values.size() - 1) * 99 / 100]},
                {"max", values.back()}};
  };
  return {{"nodes", told(std::move(nodes))}, {"pods", told(std::move(pods))}};
}

Json limits_of_waiting(ControlPlane& plane) {
  std::map<std::string, std::int64_t> limits = plane.scheduler().limits();
  for (const auto& [volume, unplaced] : plane.volumes().unplaced())
    ++limits[plane.volumes().sole_limit(volume)];
  if (const std::size_t waiting = plane.block_store().waiting(); waiting > 0)
    limits["block store full"] = static_cast<std::int64_t>(waiting);
  std::vector<std::pair<std::string, std::int64_t>> sorted(limits.begin(), limits.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  Json out = Json::object();
  for (const auto& [limit, count] : sorted) out[limit] = count;
  return out;
}

}  // namespace orrery
