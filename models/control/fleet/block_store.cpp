#include "models/control/fleet/block_store.hpp"

#include <utility>

#include "models/control/fleet/control_plane.hpp"
#include "models/control/kubernetes/kubelets.hpp"

namespace orrery::control {

BlockStore::BlockStore(ControlPlane& plane) : plane_(plane) {
  for (const NodeRecord& node : plane.cluster().nodes)
    room_ += static_cast<double>(node.spec->disk.count());
  room_ *= plane.liteio().ebs_full / static_cast<double>(plane.liteio().ebs_replicas);
}

bool BlockStore::take(VolumeId id) {
  VolumeRecord& volume = plane_.cluster().volumes[id];
  const auto bytes = static_cast<double>(volume.booking.total.count());
  if (used_ + bytes > room_) return false;
  used_ += bytes;
  volume.has_lv = true;
  volume.status = VolumeStatus::ready;
  plane_.kubelets().volume_is_ready(id);
  return true;
}

void BlockStore::provision(VolumeId id) {
  if (take(id)) return;
  ++plane_.books().hung_volumes;
  places_[id] = next_place_;
  waiting_[plane_.cluster().volumes[id].booking.total.count()][next_place_++] = id;
}

void BlockStore::forget(VolumeId id) {
  const auto place = places_.find(id);
  if (place == places_.end()) return;
  const auto alike = waiting_.find(plane_.cluster().volumes[id].booking.total.count());
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
  VolumeRecord& volume = plane_.cluster().volumes[id];
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
  return used_ * static_cast<double>(plane_.liteio().ebs_replicas);
}

}  // namespace orrery::control
