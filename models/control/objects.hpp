// What a cluster's control plane deals in, under the names that Kubernetes and LiteIO give it:
// nodes, pods, claims (PVC), storage classes, and of LiteIO's own kinds the states of a
// StoragePool, an AntstorVolume, a volume group, a snapshot and a migration.
//
// `...Spec` is what is asked for and never changes during a run; who asks (a generator, a trace, a
// YAML file) is not known here. What becomes of it is the state of
// models/control/fleet/cluster.hpp. CPU is counted in millicores, as Kubernetes does.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/control/kubernetes/labels.hpp"
#include "models/control/kubernetes/taints.hpp"
#include "sim/units.hpp"

namespace orrery::control {

// Places in the columns and lists of a cluster.
using NodeId = std::uint32_t;
using PodId = std::uint32_t;
using VolumeId = std::uint32_t;
inline constexpr NodeId kNoNode = UINT32_MAX;
inline constexpr PodId kNoPod = UINT32_MAX;
inline constexpr VolumeId kNoVolume = UINT32_MAX;

// Where a volume wants to be, seen from its pod. Must-advices are filters, prefer-advices are
// scores.
enum class PositionAdvice : std::uint8_t {
  none,
  must_local,
  prefer_local,
  prefer_remote,
  must_remote
};

enum class PoolMode : std::uint8_t { kernel_lvm, spdk_lvstore };

// So much of one of the demand's `resources`.
struct ResourceAmount {
  std::uint32_t resource = 0;
  std::int64_t amount = 0;
};

struct NodeSpec {
  std::string name;
  std::string shape;  // nodes of one shape are alike; the class under which they are reported
  std::int64_t cpu_millis = 0;
  Bytes memory;
  Bytes disk;  // of its StoragePool; none: a node without one
  PoolMode pool_mode = PoolMode::spdk_lvstore;
  Labels labels;
  std::vector<Taint> taints;
  bool unschedulable = false;             // cordoned
  std::int64_t max_pods = INT64_MAX;      // that its kubelet takes
  std::vector<ResourceAmount> resources;  // besides CPU, memory and disk; none of those not listed
  bool is_lost = false;                   // dead when the run begins
};

struct StorageClassSpec {
  std::string name;
  PositionAdvice position = PositionAdvice::none;
};

// A PersistentVolumeClaim of one pod.
struct ClaimSpec {
  std::string name;
  Bytes size;
  Bytes snapshot_reserved;          // counts towards the volume's total size
  std::uint32_t storage_class = 0;  // index into the demand's classes
  std::optional<PositionAdvice>
      position;         // its own annotation, which CSI obeys and the scheduler plug-in overlooks
  std::string lies_on;  // node whose pool has its volume when the run begins; empty: not known
};

// What few pods ask of their node; shared by those that are alike.
struct PodRules {
  std::vector<NodeTerm> affinity;         // required; none: anywhere
  std::vector<ResourceAmount> resources;  // requested besides CPU, memory and claims
};

struct PodSpec {
  std::string name;  // namespace/name
  std::string app;   // who belongs together; the unit of `max_per_node`
  std::int64_t cpu_millis = 0;
  Bytes memory;
  std::vector<ClaimSpec> claims;
  Duration created{};                // after the start of the run; earlier ones have 0
  std::optional<Duration> lifetime;  // from its creation; none: it outlives the run
  std::int64_t max_per_node = 0;     // of its app on one node; 0: any number
  Selector node_selector;            // of the pod: nodes that it may run on
  Selector pool_selector;            // of its volumes: pools that they may lie in
  std::string data_holder;  // "ob.cluster.zone": replicas of one cluster keep apart; empty: none
  std::vector<Toleration> tolerations;
  bool outlasts_loss = false;             // nobody evicts it from a node that is lost
  std::shared_ptr<const PodRules> rules;  // null: none
  std::string node;  // already running there when the run begins; empty: to be scheduled
};

// What a run is fed with. Pods in order of creation.
struct Demand {
  std::vector<NodeSpec> nodes;
  std::vector<StorageClassSpec> classes;
  std::vector<PodSpec> pods;
  std::vector<std::string> resources;  // names of those besides CPU, memory and claims
};

enum class PoolStatus : std::uint8_t { unknown, ready, locked, offline, deleted };
enum class VolumeStatus : std::uint8_t { creating, ready, deleted };
enum class SnapshotStatus : std::uint8_t { creating, ready, merging, merged, error, deleted };
enum class MigrationPhase : std::uint8_t {
  pending,
  creating_volume,
  setup_pipe,
  syncing,
  cleaning,
  finished
};
enum class MigrationStatus : std::uint8_t { working, error, finished };

std::string_view name_of(PositionAdvice value);
std::string_view name_of(PoolStatus value);
std::string_view name_of(VolumeStatus value);
std::string_view name_of(SnapshotStatus value);
std::string_view name_of(MigrationPhase value);
std::string_view name_of(MigrationStatus value);

// MustLocal, PreferLocal, PreferRemote, MustRemote as LiteIO writes them; an empty text is no
// advice. Nothing for other texts.
std::optional<PositionAdvice> position_from(std::string_view text);

// Whether one state may follow another; a change to a state that may not follow is a broken
// invariant.
bool may_follow(PoolStatus from, PoolStatus to);
bool may_follow(VolumeStatus from, VolumeStatus to);
bool may_follow(SnapshotStatus from, SnapshotStatus to);
bool may_follow(MigrationPhase from, MigrationPhase to);

}  // namespace orrery::control
