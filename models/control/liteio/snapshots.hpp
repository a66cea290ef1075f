// AntstorSnapshots: one per volume, on its node, out of the room that the volume has reserved for
// them.
//
//   creating -> ready                 by the agent; tried again every minute while the volume is
//                                     not ready or its agent is down
//   -> deleted                        with its volume
//   ready -> deleted                  after its time
//   ready -> merging -> merged        instead, on an LVM pool and with the volume's pod stopped
//   -> error                          merging on an lvstore, which cannot
//
// Refused: a second one of a volume (one whose merging failed is still there), and one larger than
// the reserve; sizes are cut to multiples of 4 MiB. Tries that cannot succeed are not made. Source:
// LiteIO (2a31a1b), snapshot_reconciler.go, volume_types.go.
#pragma once

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "models/control/fleet/cluster_news.hpp"
#include "models/control/fleet/fleet_context.hpp"

namespace orrery::control {

struct SnapshotSpec {
  std::unordered_set<std::size_t> pods;  // whose volumes; indices into the demand
  Bytes size;
  Duration at{};
  std::optional<Duration> lasts;
  bool merges = false;  // at its end, instead of being deleted
};

struct SnapshotRecord {
  VolumeId origin = 0;
  Bytes size;
  SnapshotStatus status = SnapshotStatus::creating;
};

class Snapshots {
 public:
  // `specs` outlive it.
  Snapshots(FleetContext& context, ClusterNews& news, const std::vector<SnapshotSpec>& specs);
  void start();
  // A volume goes, and its snapshot with it.
  void volume_goes(VolumeId volume);
  const std::vector<SnapshotRecord>& all() const { return all_; }

 private:
  Task<> take(const SnapshotSpec* spec);
  Task<> live(std::size_t snapshot, const SnapshotSpec* spec);
  // By the agent; false: the volume went before.
  Task<bool> work(std::size_t snapshot);
  bool is_over(std::size_t snapshot) const;
  void change(std::size_t snapshot, SnapshotStatus status);

  FleetContext& context_;
  Cluster& cluster_;
  ClusterNews& news_;
  const std::vector<SnapshotSpec>& specs_;
  std::vector<SnapshotRecord> all_;
  std::unordered_map<VolumeId, std::size_t> newest_;  // of a volume
};

}  // namespace orrery::control
