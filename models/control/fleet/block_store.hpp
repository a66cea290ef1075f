// Volumes in a block store (disks: ebs) made of the same disks: every byte is there so many times,
// and only a share of the disks may be used. What finds no room waits for it, first come first
// served as far as it fits.
//
//   room = sum of disks * ebs_full / ebs_replicas
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>

#include "models/control/fleet/cluster_events.hpp"
#include "models/control/fleet/fleet_context.hpp"
#include "models/control/fleet/volume_source.hpp"

namespace orrery::control {

class BlockStore final : public VolumeSource {
 public:
  BlockStore(FleetContext& context, ClusterEvents& events);

  // The volume is ready when it is made, or when there is room.
  Task<> provision(VolumeId volume, NodeId node) override;
  Task<> remove(VolumeId volume) override;
  bool begin_with(VolumeId volume, NodeId node) override;

  // Bytes of volumes, and of the disks under them.
  double used() const { return used_; }
  double used_of_disks() const;
  std::size_t waiting() const { return places_.size(); }

 private:
  void place(VolumeId volume);
  void release(VolumeId volume);
  bool take(VolumeId volume);
  void forget(VolumeId volume);
  // The first one for which there is room; kNoVolume: none.
  VolumeId next() const;

  FleetContext& context_;
  Cluster& cluster_;
  ClusterEvents& events_;
  ApiClient csi_;
  double room_ = 0;
  double used_ = 0;
  // Those that wait by their size, each with its place in the order of arrival.
  std::map<std::int64_t, std::map<std::uint64_t, VolumeId>> waiting_;
  std::unordered_map<VolumeId, std::uint64_t> places_;
  std::uint64_t next_place_ = 0;
};

}  // namespace orrery::control
