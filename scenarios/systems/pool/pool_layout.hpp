// How a planned volume is laid out in a store: the same when a scenario is checked and when it is built.
#pragma once

#include <string>
#include <vector>

#include "models/pool/volume_store.hpp"
#include "scenarios/systems/pool/pool_spec.hpp"

namespace orrery {

// The volumes in one node's store that a planned one is made of: one; two on different SSDs for a mirror within a node; for a cached
// one the cache as well, in `fast`. Empty if there is no room.
struct PlacedVolume {
  std::vector<LogicalVolume*> parts;
  LogicalVolume* cache = nullptr;
  bool is_placed() const { return !parts.empty(); }
};

// `origin`: of a clone; null: of none. `fast` is null on a node without SSDs of the fast tier, `store` is the one of the volume's tier.
PlacedVolume place_volume(VolumeStore& store, VolumeStore* fast, const LogicalVolumeSpec& spec,
                          Bytes size, const std::string& name, LogicalVolume* origin);

}  // namespace orrery
