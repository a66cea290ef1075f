// A volume of a pool, and where it lies.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "models/pool/volume_spec.hpp"

namespace orrery {

struct PlannedVolume {
  std::string name;  // host/volume
  std::string host;
  std::vector<std::string> on;    // the nodes of its members, at least one
  std::vector<std::string> path;  // of each
  Bytes size;
  Bytes member_size;
  std::string origin;  // of a clone: the volume's name
  LogicalVolumeSpec spec;

  std::size_t members() const { return std::max<std::size_t>(spec.on.size(), 1); }
  // What one of them is called in its node's store, and its attachment.
  std::string member_name(std::size_t member) const {
    return members() == 1 ? name : name + "/" + std::to_string(member);
  }
};

}  // namespace orrery
