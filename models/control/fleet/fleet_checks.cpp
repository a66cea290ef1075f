// The books of pools and nodes, added up anew from volumes and pods.
#include "models/control/fleet/fleet_checks.hpp"

#include <cstdint>

namespace orrery::control {

namespace {

// What volumes and migrations take of every pool, by their own records.
struct TakenSpace {
  explicit TakenSpace(std::size_t nodes) : booked(nodes), lv(nodes), remote(nodes) {}

  void add(const PoolTable& pools, const PoolTable::Booking& booking, bool has_lv) {
    const std::int64_t bytes = pools.taken(booking.pool, booking.total);
    booked[booking.pool] += bytes;
    if (has_lv) lv[booking.pool] += bytes;
    if (booking.pool != booking.host) ++remote[booking.pool];
  }

  std::vector<std::int64_t> booked, lv;
  std::vector<std::int32_t> remote;
};

}  // namespace

std::vector<FleetCheck> checks_of(const FleetContext& context, const VolumeMigrations& migrations) {
  const Cluster& cluster = context.cluster;
  const PoolTable& pools = cluster.pools;
  FleetCheck space{
      "space_conserved", "what volumes and reservations take is what pools have lost", {}};
  FleetCheck fit{"volumes_fit", "logical volumes fit into their nodes' disks", {}};
  FleetCheck cpu{"cpu_fits", "pods on a node ask for no more CPU than it has", {}};
  FleetCheck pods{"pods_conserved", "pods = those of the demand + those that were recreated", {}};
  TakenSpace taken(cluster.nodes.size());
  for (const VolumeRecord& volume : cluster.volumes)
    if (volume.booking.pool != kNoNode) taken.add(pools, volume.booking, volume.has_lv);
  for (const MigrationRecord& migration : migrations.all())
    if (migration.held.pool != kNoNode) taken.add(pools, migration.held, true);
  // Nodes that were overfull from the start are none of the scheduler's.
  std::vector<std::int64_t> given(cluster.nodes.size());
  for (const PodSpec& pod : context.demand.pods)
    if (const NodeId id = cluster.node_named(pod.node); id != kNoNode) given[id] += pod.cpu_millis;
  for (NodeId id = 0; id < cluster.nodes.size(); ++id) {
    const NodeRecord& node = cluster.nodes[id];
    std::int64_t reserved = 0;
    for (const Reservation& r : pools.reservations[id]) reserved += r.size.count();
    if (pools.capacity[id] - pools.free[id] != taken.booked[id] + reserved ||
        pools.remote_volumes[id] != taken.remote[id])
      space.broken.push_back(cluster.name_of(id));
    if (node.lv_free != pools.capacity[id] - taken.lv[id] || node.lv_free < 0)
      fit.broken.push_back(cluster.name_of(id));
    std::int64_t used = 0;
    for (const PodId pod : node.pods) used += cluster.pods[pod].spec->cpu_millis;
    if (used > node.spec->cpu_millis && given[id] <= node.spec->cpu_millis)
      cpu.broken.push_back(cluster.name_of(id));
  }
  std::int64_t first = 0;
  for (const PodRecord& pod : cluster.pods) first += pod.generation == 0 ? 1 : 0;
  if (std::ssize(cluster.pods) != first + context.books.recreated) pods.broken.emplace_back("pods");
  if (!context.disks.is_pooled) return {std::move(cpu), std::move(pods)};
  return {std::move(space), std::move(fit), std::move(cpu), std::move(pods)};
}

}  // namespace orrery::control
