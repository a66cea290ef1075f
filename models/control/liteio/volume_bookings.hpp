// Where volumes are booked: in LiteIO's memory, on the node's list, and, of what remote volumes
// take of it, in what the node says of its local storage. Who is to know of the room is told by the
// caller.
#pragma once

#include "models/control/fleet/cluster.hpp"
#include "models/control/liteio/local_storage.hpp"
#include "models/control/liteio/volume_agents.hpp"

namespace orrery::control {

class VolumeBookings {
 public:
  VolumeBookings(Cluster& cluster, VolumeAgents& agents, LocalStorage& local_storage);

  // On a pool, for a host, and off it again.
  void book(VolumeId volume, NodeId pool, NodeId host);
  void take_off(VolumeId volume);
  // It stays where it is and has a new host.
  void change_host(VolumeId volume, NodeId host);
  // Room that a migration takes besides its volume's, and gives back.
  void take_room(const PoolTable::Booking& booking);
  void give_room(const PoolTable::Booking& booking);
  // A volume lies at its destination from now on, in the room that was taken there; what it had
  // before is the migration's to give back.
  void change_pool(VolumeId volume, NodeId to);

 private:
  Cluster& cluster_;
  VolumeAgents& agents_;
  LocalStorage& local_storage_;
};

}  // namespace orrery::control
