// LiteIO's volume migrations as its controller sees them: a state machine whose steps are known by
// polling.
//
//   Pending          recorded
//   CreatingVolume   destination by the normal scheduler, not on the source; both take room from
//                    now on; poll after 10 s, then 30 s
//   SetupPipe        source agent and host connect to the destination; 30 s
//   Syncing          the copy, over the nodes' network; at its end the path switches and the volume
//                    is at the destination. The agent looks every 15 s, the host every 30 s
//   Cleaning         host disconnects the source; 20 s, 30 s
//   Finished         the source volume is gone
//
// Only volumes of an lvstore that need not be local can move. One that cannot, finds no destination
// or loses one of its nodes before the path has switched ends in an error; the destination is
// released then. After that only the source's room waits for its agent. The volume's I/O during a
// migration is models/pool/hot_migration.hpp. The controller also rebalances, where that is wanted:
// from pools that are fuller than a threshold, the largest volume that may move. Source: LiteIO
// (2a31a1b), migration_reconciler.go, sync_migration.go.
#pragma once

#include <vector>

#include "models/control/fleet/cluster_events.hpp"
#include "models/control/fleet/cluster_news.hpp"
#include "models/control/fleet/fleet_context.hpp"
#include "models/control/fleet/node_links.hpp"
#include "models/control/liteio/volume_controller.hpp"
#include "sim/ring.hpp"

namespace orrery::control {

struct MigrationRecord {
  VolumeId volume = 0;
  NodeId from = kNoNode;
  NodeId to = kNoNode;
  PoolTable::Booking
      // Room besides the volume's own: at the destination, then at the source; pool kNoNode: none.
      held;
  Bytes left_free;
  MigrationPhase phase = MigrationPhase::pending;
  MigrationStatus status = MigrationStatus::working;
};

class VolumeMigrations {
 public:
  VolumeMigrations(FleetContext& context, ClusterNews& news, ClusterEvents& events,
                   NodeLinks& links, VolumeController& volumes);
  void start();

  // Asks for a volume to be moved away from where it lies, to a pool that keeps so much free. One
  // that is moving already is left alone.
  void request(VolumeId volume, Bytes left_free = {});
  const std::vector<MigrationRecord>& all() const { return all_; }

 private:
  Task<> run(std::size_t migration);
  Task<bool> move(std::size_t migration);
  void hold(std::size_t migration, NodeId pool);
  void let_go(std::size_t migration);
  void switch_over(std::size_t migration);
  bool is_well(const MigrationRecord& migration) const;
  void enter(MigrationRecord& migration, MigrationPhase phase);
  void rebalance();

  FleetContext& context_;
  Cluster& cluster_;
  ClusterNews& news_;
  ClusterEvents& events_;
  NodeLinks& links_;
  VolumeController& volumes_;
  Notification wake_up_;
  ApiClient client_;
  struct Request {
    VolumeId volume = 0;
    Bytes left_free;
  };
  Ring<Request> requests_;
  std::vector<MigrationRecord> all_;
};

}  // namespace orrery::control
