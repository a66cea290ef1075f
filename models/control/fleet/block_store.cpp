// A block store by its bytes: room, and who waits for it.
#include "models/control/fleet/block_store.hpp"

#include <utility>

namespace orrery::control {

BlockStore::BlockStore(FleetContext& context, ClusterEvents& events)
    : context_(context),
      cluster_(context.cluster),
      events_(events),
      csi_(context.simulation, context.api, context.kube.client_qps, context.kube.client_burst) {
  for (const NodeRecord& node : cluster_.nodes)
    room_ += static_cast<double>(node.spec->disk.count());
  room_ *= context.liteio.ebs_full / static_cast<double>(context.liteio.ebs_replicas);
}

// One that is there stays: it is equally far from every host.
Task<> BlockStore::provision(VolumeId id, NodeId) {
  VolumeRecord& volume = cluster_.volumes[id];
  if (volume.exists) co_return;
  co_await csi_.commit();
  volume.exists = true;
  volume.made = context_.now();
  place(id);
  co_await csi_.answer();
}

Task<> BlockStore::remove(VolumeId id) {
  cluster_.volumes[id].is_deleting = true;
  events_.volume_goes(id);
  release(id);
  co_return;
}

bool BlockStore::begin_with(VolumeId id, NodeId node) {
  if (node == kNoNode) return false;
  VolumeRecord& volume = cluster_.volumes[id];
  volume.exists = volume.is_written = true;
  volume.status = VolumeStatus::ready;
  volume.booking.host = node;
  place(id);
  return true;
}

void BlockStore::place(VolumeId id) {
  if (take(id)) return;
  ++context_.books.hung_volumes;
  places_[id] = next_place_;
  waiting_[cluster_.volumes[id].booking.total.count()][next_place_++] = id;
}

bool BlockStore::take(VolumeId id) {
  VolumeRecord& volume = cluster_.volumes[id];
  const auto bytes = static_cast<double>(volume.booking.total.count());
  if (used_ + bytes > room_) return false;
  used_ += bytes;
  volume.has_lv = true;
  volume.status = VolumeStatus::ready;
  events_.volume_is_ready(id);
  return true;
}

void BlockStore::forget(VolumeId id) {
  const auto place = places_.find(id);
  if (place == places_.end()) return;
  const auto alike = waiting_.find(cluster_.volumes[id].booking.total.count());
  alike->second.erase(place->second);
  if (alike->second.empty()) waiting_.erase(alike);
  places_.erase(place);
}

VolumeId BlockStore::next() const {
  const std::pair<const std::uint64_t, VolumeId>* first = nullptr;
  for (const auto& [bytes, alike] : waiting_) {
    if (used_ + static_cast<double>(bytes) > room_) break;
    if (first == nullptr || alike.begin()->first < first->first) first = &*alike.begin();
  }
  return first == nullptr ? kNoVolume : first->second;
}

void BlockStore::release(VolumeId id) {
  VolumeRecord& volume = cluster_.volumes[id];
  forget(id);
  if (!std::exchange(volume.has_lv, false)) return;
  volume.status = VolumeStatus::deleted;
  used_ -= static_cast<double>(volume.booking.total.count());
  for (VolumeId first = next(); first != kNoVolume; first = next()) {
    forget(first);
    take(first);
  }
}

double BlockStore::used_of_disks() const {
  return used_ * static_cast<double>(context_.liteio.ebs_replicas);
}

}  // namespace orrery::control
