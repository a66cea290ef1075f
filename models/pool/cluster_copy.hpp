// A cluster of a logical volume that is shared, on its way to a place of the volume's own.
#pragma once

#include <cstddef>

#include "models/pool/cluster_space.hpp"
#include "sim/gate.hpp"

namespace orrery {

struct ClusterCopy {
  ClusterCopy(Calendar& calendar, std::size_t slot_, ClusterPlace from_, ClusterPlace to_)
      : done(calendar, false), slot(slot_), from(from_), to(to_) {}
  Gate done;
  std::size_t slot;
  ClusterPlace from, to;
  bool failed = false;
};

}  // namespace orrery
