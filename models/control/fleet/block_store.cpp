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
  waiting_.push_back(id);
}

void BlockStore::release(VolumeId id) {
  VolumeRecord& volume = plane_.cluster().volumes[id];
  std::erase(waiting_, id);
  if (!std::exchange(volume.has_lv, false)) return;
  volume.status = VolumeStatus::deleted;
  used_ -= static_cast<double>(volume.booking.total.count());
  std::erase_if(waiting_, [this](VolumeId next) { return take(next); });
}

double BlockStore::used_of_disks() const {
  return used_ * static_cast<double>(plane_.liteio().ebs_replicas);
}

}  // namespace orrery::control
