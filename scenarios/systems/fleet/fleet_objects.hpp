// Volume groups and snapshots of a fleet.
//
//   volume_groups:
//     - {name: lake, size: 48TiB, min_part: 1TiB, max_part: 8TiB, max_count: 12, at: 1h}
//     - {name: copy, size: 48TiB, min_part: 1TiB, max_part: 8TiB, max_count: 12, after: lake}
//   snapshots:
//     - {pods: db/*, size: 100GiB, at: 6h, for: 1h}
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/control/liteio/snapshots.hpp"
#include "models/control/liteio/volume_groups.hpp"
#include "scenarios/text/text_node.hpp"
#include "sim/params.hpp"

namespace orrery {

struct VolumeGroupEntry {
  std::string name;
  Bytes size;
  Bytes min_part;
  Bytes max_part;
  std::int64_t min_count = 0;
  std::int64_t max_count = 0;
  bool may_use_empty = true;
  Duration at{};
  std::optional<Duration> lasts;
  std::string after;
  static const Declarations& declarations();
};

struct SnapshotEntry {
  std::string pods;
  Bytes size;
  Duration at{};
  std::optional<Duration> lasts;
  std::string then;
  static const Declarations& declarations();
};

struct FleetObjects {
  std::vector<VolumeGroupEntry> groups;
  std::vector<SnapshotEntry> snapshots;
  // The sections as they load again; none for empty ones.
  void resolve_into(TextNode& root) const;

  std::vector<control::GroupSpec> group_specs() const;
  std::vector<control::SnapshotSpec> snapshot_specs(const control::Demand& demand) const;
};

// Reads the sections `volume_groups` and `snapshots`; groups that wait for each other, for one that
// is not there, or whose parts cannot make their size are refused at their place. Throws
// InputError.
FleetObjects fleet_objects_in(const TextNode& root, const control::Demand& demand);

}  // namespace orrery
