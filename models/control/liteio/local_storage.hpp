// What nodes say of their local storage (policy extended_resource): whenever what remote volumes
// take of a pool has changed, its label is written, the node read and its status written; then
// those who watch it know. Of changes meanwhile the last one is written after that.
#pragma once

#include <cstdint>
#include <vector>

#include "models/control/fleet/cluster_events.hpp"
#include "models/control/fleet/fleet_context.hpp"

namespace orrery::control {

class LocalStorage {
 public:
  // `client`: of the controller, whose limit is one for all that it writes.
  LocalStorage(FleetContext& context, ClusterEvents& events, ApiClient& client);

  void has_changed(NodeId node);

 private:
  Task<> publish(NodeId node);

  FleetContext& context_;
  ClusterEvents& events_;
  ApiClient& client_;
  std::vector<std::uint8_t> publishing_;  // of node i: 1 under way, 2 and out of date
};

}  // namespace orrery::control
