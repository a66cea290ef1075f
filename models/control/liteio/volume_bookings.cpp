// Volumes on pools and off them.
#include "models/control/liteio/volume_bookings.hpp"

#include <vector>

namespace orrery::control {

VolumeBookings::VolumeBookings(Cluster& cluster, VolumeAgents& agents, LocalStorage& local_storage)
    : cluster_(cluster), agents_(agents), local_storage_(local_storage) {}

void VolumeBookings::book(VolumeId id, NodeId pool, NodeId host) {
  VolumeRecord& volume = cluster_.volumes[id];
  volume.booking.pool = pool;
  volume.booking.host = host;
  cluster_.pools.bind(volume.booking, volume.reservation);
  volume.reservation.clear();
  cluster_.nodes[pool].volumes.push_back(id);
  if (volume.is_remote()) local_storage_.has_changed(pool);
}

void VolumeBookings::take_off(VolumeId id) {
  VolumeRecord& volume = cluster_.volumes[id];
  const NodeId pool = volume.booking.pool;
  const bool was_remote = volume.is_remote();
  cluster_.pools.release(volume.booking);
  std::erase(cluster_.nodes[pool].volumes, id);
  volume.booking.pool = kNoNode;
  if (was_remote) local_storage_.has_changed(pool);
}

void VolumeBookings::change_host(VolumeId id, NodeId host) {
  VolumeRecord& volume = cluster_.volumes[id];
  cluster_.pools.release(volume.booking);
  volume.booking.host = host;
  cluster_.pools.bind(volume.booking, {});
  local_storage_.has_changed(volume.booking.pool);
}

void VolumeBookings::take_room(const PoolTable::Booking& booking) {
  cluster_.pools.bind(booking, {});
  agents_.change_lv_free(booking.pool, -cluster_.pools.taken(booking.pool, booking.total));
  local_storage_.has_changed(booking.pool);
}

void VolumeBookings::give_room(const PoolTable::Booking& booking) {
  cluster_.pools.release(booking);
  agents_.change_lv_free(booking.pool, cluster_.pools.taken(booking.pool, booking.total));
  local_storage_.has_changed(booking.pool);
}

void VolumeBookings::change_pool(VolumeId id, NodeId to) {
  VolumeRecord& volume = cluster_.volumes[id];
  std::erase(cluster_.nodes[volume.booking.pool].volumes, id);
  volume.booking.pool = to;
  cluster_.nodes[to].volumes.push_back(id);
}

}  // namespace orrery::control
