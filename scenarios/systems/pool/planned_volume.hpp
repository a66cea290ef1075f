// A volume of a pool, and where it lies.
#pragma once

#include <string>
#include <vector>

#include "scenarios/systems/pool/pool_spec.hpp"

namespace orrery {

struct PlannedVolume {
  std::string name;  // host/volume
  std::string host;
  std::vector<std::string> on;    // the nodes of its members, at least one
  std::vector<std::string> path;  // of each
  Bytes size;
  std::string origin;  // of a clone: the volume's name
  LogicalVolumeSpec spec;
};

}  // namespace orrery
