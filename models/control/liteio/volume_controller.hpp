// LiteIO's controller of volumes.
//
//   CSI CreateVolume     AntstorVolume made, claim bound                            provision
//   reconcile 1          scheduled, bound in memory, target node written   the actor, one worker
//   reconcile 2          finalizer in-state   the actor
//   agent                logical volume, target, finalizers, status ready   volume_agents.hpp
//
// The controller has one worker and one lock: volumes are scheduled strictly one after the other,
// API requests included. A volume that fits nowhere tries again every 20 s (unplaced_volumes.hpp).
// With extended resources, every change of what remote volumes take of a pool is written to its
// node (local_storage.hpp).
#pragma once

#include <cstdint>
#include <string>

#include "models/control/fleet/cluster_events.hpp"
#include "models/control/fleet/cluster_news.hpp"
#include "models/control/fleet/fleet_context.hpp"
#include "models/control/fleet/volume_source.hpp"
#include "models/control/liteio/unplaced_volumes.hpp"
#include "models/control/liteio/volume_agents.hpp"
#include "models/control/liteio/volume_bookings.hpp"
#include "models/control/liteio/volume_scheduler.hpp"
#include "sim/actor.hpp"
#include "sim/ring.hpp"

namespace orrery::control {

class VolumeController final : public VolumeSource {
 public:
  VolumeController(FleetContext& context, ClusterNews& news, ClusterEvents& events,
                   VolumeScheduler& scheduler, VolumeAgents& agents);
  void start(Duration preload);

  Task<> provision(VolumeId volume, NodeId node) override;
  // Ends when controller and agent have forgotten the volume.
  Task<> remove(VolumeId volume) override;
  // In the pool that is known, else its pod's, else the one with most room that its pod selects.
  bool begin_with(VolumeId volume, NodeId node) override;

  // All volumes of a pod are placed in one decision, or none is.
  bool place_all(PodId pod, NodeId node);
  // Whether a pool would take a volume that lies nowhere yet, for a pod on that host; kNoNode:
  // elsewhere.
  bool would_take(NodeId pool, VolumeId volume, NodeId host) const;
  // Where a migration may go and leave so much free; kNoNode: nowhere. Books nothing.
  NodeId destination_for(VolumeId volume, NodeId not_on, Bytes left_free);

  VolumeBookings& bookings() { return bookings_; }
  UnplacedVolumes& unplaced() { return unplaced_; }

  // The next try for a volume of that pod is told in detail.
  void explain(const std::string& pod, Explanation* into);

 private:
  enum class Step : std::uint8_t { schedule, finalizer };
  struct Job {
    VolumeId volume = 0;
    Step step = Step::schedule;
  };

  void work(ActorContext& actor);
  void enqueue(Job job);
  Task<> enqueue_after(Duration wait, Job job);
  bool schedule(VolumeId volume);
  bool conclude(VolumeId volume, const Decision& decision);
  Task<> patch(Job job);
  void unbook(VolumeId volume);
  NodeId pool_before(const VolumeRecord& volume, NodeId host) const;

  FleetContext& context_;
  Cluster& cluster_;
  ClusterNews& news_;
  ClusterEvents& events_;
  VolumeScheduler& scheduler_;
  VolumeAgents& agents_;
  Notification wake_up_;
  ApiClient client_;  // the controller's
  ApiClient csi_;
  LocalStorage local_storage_;
  VolumeBookings bookings_;
  UnplacedVolumes unplaced_;
  Ring<Job> queue_;
  bool is_patching_ = false;
  std::string explained_;
  Explanation* explanation_ = nullptr;
};

}  // namespace orrery::control
