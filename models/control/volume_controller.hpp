// LiteIO's controller of volumes, and the agents that make them.
//
//   CSI CreateVolume     AntstorVolume made, claim bound                            provision
//   reconcile 1          scheduled, bound in memory, target node written            the actor, one worker
//   reconcile 2          finalizer in-state                                         the actor
//   agent                logical volume, target, finalizers, status ready           a task
//
// The controller has one worker and one lock: volumes are scheduled strictly one after the other, API requests included. A volume that
// fits nowhere tries again every 20 s; tries that cannot end differently are not made: room in a pool that might take it is noticed,
// and it is scheduled at the next of its instants. With extended resources, every change of what remote volumes take of a pool is
// written to its node: label, read, status. An agent whose volume group has no room (over-committed) fails, tries again five times at
// once and then every 30 s.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "models/control/api_server.hpp"
#include "models/control/cluster.hpp"
#include "models/control/volume_scheduler.hpp"
#include "sim/ring.hpp"

namespace orrery::control {

class ControlPlane;

class VolumeController {
 public:
  explicit VolumeController(ControlPlane& plane);
  void start(Duration preload);

  // CSI, for a pod that goes to a node: the volume is made, or attached to its new host if there is one.
  Task<> provision(VolumeId volume, NodeId node);
  // Policy ideal: all volumes of a pod are placed in one decision, or none is.
  bool place_all(PodId pod, NodeId node);
  // Whether the pool of a node would take one of a pod's volumes that lie nowhere yet.
  bool may_take_some(PodId pod, NodeId node) const;
  // The claim is gone. Ends when controller and agent have forgotten the volume.
  Task<> remove(VolumeId volume);

  // Where a migration may go and leave so much free; kNoNode: nowhere. Books nothing.
  NodeId destination_for(VolumeId volume, NodeId not_on, Bytes left_free);
  // Room that a migration takes at its destination, and gives back.
  void take_room(const PoolTable::Booking& booking);
  void give_room(const PoolTable::Booking& booking);
  // Books a volume on a pool and off it again; tells whom it concerns.
  void book(VolumeId volume, NodeId pool, NodeId host);
  void unbook(VolumeId volume);
  // A logical volume appears or goes; false: there is no room.
  bool take_lv(VolumeId volume);
  void give_lv(VolumeId volume);

  // A pool may take what it could not take before.
  void pool_has_room(NodeId pool);

  // Volumes that find no pool, with the reasons of their last try.
  struct Unplaced {
    TimePoint first_try;
    ReasonCounts refused;
    bool is_due = false;  // a try is on its way
  };
  const std::map<VolumeId, Unplaced>& unplaced() const { return unplaced_; }

  // The reason by which most pools refused a volume in its last try that might have taken it otherwise.
  std::string sole_limit(VolumeId volume) const;

  // The next try for a volume of that pod is told in detail.
  void explain(const std::string& pod, Explanation* into);

 private:
  enum class Step : std::uint8_t { schedule, finalizer };
  struct Job {
    VolumeId volume = 0;
    Step step = Step::schedule;
  };

  VolumeRequest request_of(VolumeId volume) const;
  void enqueue(Job job);
  Task<> enqueue_after(Duration wait, Job job);
  bool schedule(VolumeId volume);
  bool conclude(VolumeId volume, const Decision& decision);
  Task<> patch(Job job);
  Task<> create(VolumeId volume);
  Task<> report(NodeId node);
  Task<> publish_local_storage(NodeId node);
  void local_storage_changed(NodeId node);
  void lv_changed(NodeId node);
  void take_off(VolumeId volume);
  void try_again_if_it_fits(VolumeId volume, Unplaced& unplaced, NodeId pool);

  ControlPlane& plane_;
  Cluster& cluster_;
  Bell bell_;
  ApiClient client_;  // the controller's
  ApiClient csi_;
  ApiClient agents_;  // each its own; none of them ever reaches its limit
  Ring<Job> queue_;
  bool is_patching_ = false;
  std::map<VolumeId, Unplaced> unplaced_;
  std::vector<std::uint8_t> publishing_;  // of node i: 1 under way, 2 and out of date
  TaskScope tasks_;
  std::string explained_;
  Explanation* explanation_ = nullptr;
};

}  // namespace orrery::control
