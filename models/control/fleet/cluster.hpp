// A cluster as it is: machines, what runs on them and what lies in their pools. Every part of the
// control plane reads and changes it; what a part believes instead (the scheduler's cache, an
// agent's report) is that part's own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/control/liteio/pool_table.hpp"
#include "models/control/objects.hpp"
#include "sim/gate.hpp"
#include "sim/task.hpp"
#include "sim/units.hpp"

namespace orrery::control {

struct NodeRecord {
  const NodeSpec* spec = nullptr;
  bool alive = true;         // the machine
  bool agent_alive = true;   // LiteIO's agent and engine on it
  bool ready = true;         // condition Ready, as the API server has it
  std::uint32_t epoch = 0;   // counts its deaths and returns
  std::int32_t cordons = 0;  // by its specification and by drains
  std::int32_t locks = 0;    // label lite.io/lock-node, by events and by drains
  TimePoint died{};
  TimePoint silent{};             // its agent's death
  Duration lease_phase{};         // of the kubelet's renewals
  Duration heartbeat_phase{};     // of the agent's
  Duration check_phase{};         // of its pool's reconciles
  std::int64_t lv_free = 0;       // what the volume group or lvstore really has
  std::vector<PodId> pods;        // bound to it, the terminating included
  std::vector<VolumeId> volumes;  // in its pool, or on their way there
  bool report_is_due = false;     // its agent will push its free size at its next turn
  bool is_cordoned() const { return cordons > 0; }
  bool is_locked() const { return locks > 0; }
};

enum class PodPhase : std::uint8_t { pending, binding, starting, running, terminating, gone };

struct PodRecord {
  const PodSpec* spec = nullptr;
  PodPhase phase = PodPhase::pending;
  bool impossible = false;  // no node is large enough
  bool is_group = false;    // no pod: a volume group that owns its parts
  bool has_run = false;
  bool is_evicted = false;  // by a drain, and not made again yet
  std::uint32_t app = 0;
  std::uint32_t holder_cluster = 0;  // 0: no data holder
  std::uint32_t holder_zone = 0;
  std::uint32_t generation = 0;  // times it was made again
  NodeId node = kNoNode;
  std::int32_t attempts = 0;
  TimePoint created{};
  TimePoint tried{};  // last attempt of the scheduler
  TimePoint bound{};
  TimePoint running{};
  std::optional<TimePoint> ends;
  std::vector<VolumeId> volumes;
  VolumeId without_pool = kNoVolume;  // the one that no pool took when it was to be placed
  Bytes must_local;                   // of volumes that have to be where it runs
  Bytes lies_local;                   // of these, what was there before the pod
  NodeId tied_to = kNoNode;           // where that is
  std::unique_ptr<Gate> volumes_ready;
  std::unique_ptr<TaskScope> life;  // its kubelet's and scheduler's tasks
  bool is_bound() const { return phase == PodPhase::starting || phase == PodPhase::running; }
};

struct VolumeRecord {
  PodId pod = kNoPod;
  const ClaimSpec* claim = nullptr;
  PositionAdvice class_position = PositionAdvice::none;  // what the scheduler plug-in looks at
  PositionAdvice position = PositionAdvice::none;        // what CSI makes of it
  VolumeStatus status = VolumeStatus::creating;
  bool exists = false;      // its AntstorVolume was made
  bool is_written = false;  // the controller has written where it lies
  bool has_lv = false;      // takes room on its node
  bool is_moving = false;
  bool is_deleting = false;
  NodeId selected = kNoNode;   // annotation selected-tgt-node
  std::string reservation;     // annotation reservation-id
  PoolTable::Booking booking;  // pool kNoNode: not scheduled
  TimePoint made{};
  bool is_remote() const { return booking.pool != kNoNode && booking.pool != booking.host; }
};

struct Cluster {
  std::vector<NodeRecord> nodes;
  std::deque<PodRecord> pods;
  std::deque<VolumeRecord> volumes;
  PoolTable pools;                                                 // pool i belongs to node i
  std::unordered_map<std::uint32_t, std::vector<PodId>> replicas;  // by the data's cluster
  std::unordered_map<std::string, NodeId> by_name;                 // of nodes
  std::vector<StorageClassSpec> classes;

  const std::string& name_of(NodeId node) const { return nodes[node].spec->name; }
  // kNoNode if there is none of that name.
  NodeId node_named(const std::string& name) const {
    const auto found = by_name.find(name);
    return found == by_name.end() ? kNoNode : found->second;
  }
  // The name of its claim, by which reservations know a volume.
  std::string claim_name(VolumeId volume) const {
    return pods[volumes[volume].pod].spec->name + "-" + volumes[volume].claim->name;
  }
  // Whether a pod has data in a node's pool, or could have it nowhere else.
  bool has_data_on(const PodRecord& pod, NodeId node) const {
    return std::any_of(pod.volumes.begin(), pod.volumes.end(), [&](VolumeId id) {
      const VolumeRecord& volume = volumes[id];
      return volume.booking.pool == node || volume.position == PositionAdvice::must_local;
    });
  }
  // What runs on a machine stops with it, whatever its phase is called until somebody notices.
  bool runs(const PodRecord& pod) const {
    return pod.phase == PodPhase::running && nodes[pod.node].alive;
  }
};

}  // namespace orrery::control
