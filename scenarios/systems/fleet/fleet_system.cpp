#include "scenarios/systems/fleet/fleet_system.hpp"

#include "scenarios/scenario.hpp"
#include "scenarios/systems/fleet/demand_spec.hpp"
#include "scenarios/systems/fleet/fleet_spec.hpp"

namespace orrery {

namespace {

void write_fleet(const Scenario& s, TextNode& root) {
  for (const TextNode::Entry& entry : s.fleet->resolved.entries) root.entries.push_back(entry);
}

}  // namespace

const SystemKind& fleet_system() {
  static const SystemKind kind = {
      .name = "fleet",
      .help = "the control plane of a pool, without its I/O",
      .sections = {{"fleet", &FleetSection::declarations()},
                   {"nodes", &NodeShapeSpec::declarations(), true},
                   {"storage_classes", &StorageClassEntry::declarations(), true},
                   {"demand", &DemandSource::declarations(), true},
                   {"events", &FleetEventSpec::declarations(), true},
                   {"volume_groups", &VolumeGroupEntry::declarations(), true},
                   {"snapshots", &SnapshotEntry::declarations(), true}},
      .subject = Subject::control_plane,
      .load_whole = load_fleet,
      .write = write_fleet,
  };
  return kind;
}

}  // namespace orrery
