// Something that happens to a node at a time of a run.
#pragma once

#include <cstdint>
#include <optional>

#include "models/control/objects.hpp"
#include "sim/units.hpp"

namespace orrery::control {

struct NodeEvent {
  enum class Kind : std::uint8_t { dead, agent_dead, drain, lock };
  Kind kind = Kind::dead;
  NodeId node = kNoNode;
  Duration at{};
  std::optional<Duration> lasts;
  bool loses_data = true;  // dead: its disks are lost
};

}  // namespace orrery::control
