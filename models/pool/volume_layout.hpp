// How a volume is laid out in the stores of a node: the same when a scenario is checked and when it
// is built.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/pool/volume_store.hpp"

namespace orrery {

// What is asked of a node's stores.
struct VolumeShape {
  std::string name;
  Bytes size;
  Layout layout = Layout::linear;
  bool is_mirrored = false;  // on different SSDs of the node
  bool is_thin = false;
  std::int64_t snapshots = 0;  // in its chain from the beginning
  std::optional<Bytes> cache;  // of this size, in the fast tier
};

// The volumes in one node's store that it is made of: one; two on different SSDs for a mirror; with
// a cache that as well. Empty if there is no room.
struct PlacedVolume {
  std::vector<LogicalVolume*> parts;
  LogicalVolume* cache = nullptr;
  bool is_placed() const { return !parts.empty(); }
};

// `origin`: of a clone; null: of none. `fast` is null on a node without SSDs of the fast tier,
// `store` is the one of the volume's tier.
PlacedVolume place_volume(VolumeStore& store, VolumeStore* fast, const VolumeShape& shape,
                          LogicalVolume* origin);

}  // namespace orrery
