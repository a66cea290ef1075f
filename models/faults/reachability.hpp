// Whether faults leave every server a way, from the topology alone.
#pragma once

#include <cstdint>
#include <vector>

#include "models/faults/fault.hpp"

namespace orrery {

// A server that nothing on a network can reach, from the start and for good.
struct CutOff {
  const Node* node = nullptr;  // none: all have a way
  const Fabric* fabric = nullptr;
  std::size_t fault = 0;  // the first that lasts from the start on
};
// Breaks in `domain`, which is of no further use, what is broken from the start and for good, as
// routing sees it in the end.
CutOff cut_off_by(FaultDomain& domain, const std::vector<FaultSpec>& faults, std::uint64_t seed);

}  // namespace orrery
