// Volumes in a block store (disks: ebs) made of the same disks: every byte is there so many times, and only a share of the disks may be
// used. What finds no room waits for it, first come first served as far as it fits.
//
//   room = sum of disks * ebs_full / ebs_replicas
#pragma once

#include <vector>

#include "models/control/fleet/cluster.hpp"
#include "models/control/profile.hpp"

namespace orrery::control {

class ControlPlane;

class BlockStore {
 public:
  explicit BlockStore(ControlPlane& plane);

  // The volume is ready now, or when there is room.
  void provision(VolumeId volume);
  void release(VolumeId volume);

  // Bytes of volumes, and of the disks under them.
  double used() const { return used_; }
  double used_of_disks() const;
  std::size_t waiting() const { return waiting_.size(); }

 private:
  bool take(VolumeId volume);

  ControlPlane& plane_;
  double room_ = 0;
  double used_ = 0;
  std::vector<VolumeId> waiting_;
};

}  // namespace orrery::control
