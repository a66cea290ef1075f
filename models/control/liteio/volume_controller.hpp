// LiteIO's controller of volumes.
//
//   CSI CreateVolume     AntstorVolume made, claim bound                            provision
//   reconcile 1          scheduled, bound in memory, target node written   the actor, one worker
//   reconcile 2          finalizer in-state   the actor
//   agent                logical volume, target, finalizers, status ready   volume_agents.hpp
//
// The controller has one worker and one lock: volumes are scheduled strictly one after the other,
// API requests included. A volume that fits nowhere tries again every 20 s; tries that cannot end
// differently are not made: room in a pool that might take it is noticed, and it is scheduled at
// the next of its instants. With extended resources, every change of what remote volumes take of a
// pool is written to its node: label, read, status.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/control/fleet/backlog.hpp"
#include "models/control/fleet/cluster.hpp"
#include "models/control/kubernetes/api_server.hpp"
#include "models/control/liteio/volume_scheduler.hpp"
#include "sim/ring.hpp"

namespace orrery::control {

class ControlPlane;

class VolumeController {
 public:
  explicit VolumeController(ControlPlane& plane);
  void start(Duration preload);

  // CSI, for a pod that goes to a node: the volume is made, or attached to its new host if there is
  // one.
  Task<> provision(VolumeId volume, NodeId node);
  // Policy ideal: all volumes of a pod are placed in one decision, or none is.
  bool place_all(PodId pod, NodeId node);
  // Whether a pool would take a volume that lies nowhere yet, for a pod on that host; kNoNode:
  // elsewhere.
  bool would_take(NodeId pool, VolumeId volume, NodeId host) const;
  // The claim is gone. Ends when controller and agent have forgotten the volume.
  Task<> remove(VolumeId volume);

  // Where a migration may go and leave so much free; kNoNode: nowhere. Books nothing.
  NodeId destination_for(VolumeId volume, NodeId not_on, Bytes left_free);
  // Room that a migration takes besides its volume's, and gives back.
  void take_room(const PoolTable::Booking& booking);
  void give_room(const PoolTable::Booking& booking);
  // A volume lies at its destination from now on, in the room that was taken there; what it had
  // before is the migration's to give back.
  void change_pool(VolumeId volume, NodeId to);
  // Books a volume on a pool and off it again; tells whom it concerns.
  void book(VolumeId volume, NodeId pool, NodeId host);
  void unbook(VolumeId volume);

  // A pool may take what it could not take before.
  void pool_has_room(NodeId pool);

  // Volumes that find no pool, with the reasons of their last try.
  struct Unplaced {
    TimePoint first_try;
    ReasonCounts refused;
    bool is_due = false;  // a try is on its way
  };
  const std::map<VolumeId, Unplaced>& unplaced() const { return unplaced_; }

  // The reason by which most pools refused a volume in its last try that might have taken it
  // otherwise.
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
  Task<> publish_local_storage(NodeId node);
  void local_storage_changed(NodeId node);
  void take_off(VolumeId volume);
  bool try_again_if_it_fits(VolumeId volume, NodeId pool);
  // Volumes without a pool that may be woken, by their kind and, beside that, by their host.
  void waits(VolumeId volume);
  void waits_no_more(VolumeId volume);
  void wake(Backlog::Kind kind, NodeId pool);
  std::string description_of(VolumeId volume) const;

  ControlPlane& plane_;
  Cluster& cluster_;
  Notification wake_up_;
  ApiClient client_;  // the controller's
  ApiClient csi_;
  Ring<Job> queue_;
  bool is_patching_ = false;
  std::map<VolumeId, Unplaced> unplaced_;
  Backlog backlog_;
  std::map<std::pair<Backlog::Kind, NodeId>, std::set<VolumeId>> by_host_;
  std::unordered_map<VolumeId, NodeId> host_of_;  // under which it stands in `by_host_`
  std::vector<std::uint8_t> publishing_;          // of node i: 1 under way, 2 and out of date
  TaskScope tasks_;
  std::string explained_;
  Explanation* explanation_ = nullptr;
};

}  // namespace orrery::control
