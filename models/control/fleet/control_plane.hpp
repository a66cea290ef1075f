// The control plane of a cluster: its parts put together, what they tell each other, and the run of
// a fleet from its first pod on.
//
//   ControlPlane plane(simulation, spec, seed);
//   plane.start();
//   simulation.run(kStart + days(30));
//   plane.books(), plane.samples(), plane.cluster()
//
// A pod's way: made -> kube_scheduler -> volume_controller -> kubelets -> running. A node's:
// node_lifecycle. A volume that moves: volume_migration. The platform of `simulation` has a host
// per node (see `fleet_platform`).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/control/fleet/block_store.hpp"
#include "models/control/fleet/cluster.hpp"
#include "models/control/fleet/fleet_stats.hpp"
#include "models/control/fleet/news.hpp"
#include "models/control/kubernetes/api_server.hpp"
#include "models/control/kubernetes/kube_scheduler.hpp"
#include "models/control/liteio/snapshots.hpp"
#include "models/control/liteio/volume_groups.hpp"
#include "models/control/liteio/volume_scheduler.hpp"
#include "models/control/profile.hpp"
#include "sim/flows.hpp"
#include "sim/gate.hpp"
#include "sim/simulation.hpp"

namespace orrery::control {

class Kubelets;
class NodeController;
class VolumeAgents;
class VolumeController;
class VolumeMigrations;

// What happens to some nodes at a time.
struct NodeEvent {
  enum class Kind : std::uint8_t { dead, agent_dead, drain, lock };
  Kind kind = Kind::dead;
  NodeId node = kNoNode;
  Duration at{};
  std::optional<Duration> lasts;
  bool loses_data = true;  // dead: its disks are lost
};

struct FleetPlan {
  const Demand* demand = nullptr;  // outlives the control plane
  Disks disks = Disks::lightpool;
  Policy policy = Policy::plugin;
  KubernetesProfile kube;
  LiteioProfile liteio;
  SchedulerPlugins node_plugins;
  std::vector<std::string> pool_filters;
  std::vector<std::string> pool_priorities;
  std::vector<NodeEvent> events;
  std::vector<GroupSpec> groups;
  std::vector<SnapshotSpec> snapshots;
  Duration sample_every{};
  Duration patience{};           // of a pod that does not run: it waits
  double full_when_pending = 0;  // share of pods that wait from which the run ends; 0: never
};

// How the cluster stands at a time.
struct FleetSample {
  TimePoint at{};
  // Shares of what living machines have, of pods bound to them and volumes placed there.
  double cpu_used = 0, memory_used = 0, disk_used = 0;
  std::int64_t pods = 0;  // that exist and are possible
  std::int64_t running = 0;
  std::int64_t on_dead_nodes = 0;  // ran there, and nobody has evicted them
  std::int64_t waiting = 0;        // not running although made longer ago than its patience
  std::int64_t unplaced = 0;       // volumes without a pool
  std::int64_t volumes = 0;
  std::int64_t remote = 0;
  std::int64_t nodes_ready = 0;
};

class ControlPlane {
 public:
  ControlPlane(Simulation& simulation, FleetPlan plan, std::uint64_t seed);
  ~ControlPlane();
  void start();

  // The parts, for one another and for tests.
  Simulation& simulation() { return simulation_; }
  Calendar& calendar() { return simulation_.calendar(); }
  ApiServer& api() { return api_; }
  const KubernetesProfile& kube() const { return plan_.kube; }
  const LiteioProfile& liteio() const { return plan_.liteio; }
  const Demand& demand() const { return *plan_.demand; }
  Cluster& cluster() { return cluster_; }
  FleetStats& books() { return books_; }
  VolumeScheduler& volume_scheduler() { return volume_scheduler_; }
  KubeScheduler& scheduler() { return *scheduler_; }
  VolumeController& volumes() { return *volumes_; }
  VolumeAgents& agents() { return *agents_; }
  Kubelets& kubelets() { return *kubelets_; }
  NodeController& lifecycle() { return *lifecycle_; }
  VolumeMigrations& migrations() { return *migrations_; }
  VolumeGroups& groups() { return groups_; }
  Snapshots& snapshots() { return snapshots_; }
  BlockStore& block_store() { return *block_store_; }
  Flows& flows() { return flows_; }
  Flows::Host host_of(NodeId node) const { return hosts_[node]; }
  void spawn(Task<> task) { tasks_.spawn(std::move(task)); }
  // Nobody is late in a cluster with one consistent view.
  Duration watch_delay() const {
    return cluster_.policy == Policy::ideal ? Duration{} : plan_.kube.watch_delay;
  }
  std::string claim_name(VolumeId volume) const;

  // What the parts report.
  void bound(PodId pod);
  void is_running(PodId pod);
  void is_gone(PodId pod);
  void lv_has_changed(NodeId node);
  void volume_has_changed(VolumeId volume);
  void machine_has_changed(NodeId node);

  // To wait for a machine, its agent, or news of its volume group.
  Task<> node_is_up(NodeId node);
  Task<> agent_is_up(NodeId node);
  Task<bool> agent_is_up_by(NodeId node, TimePoint limit);
  Gate::Pass lv_room(NodeId node) { return of_lvs_.about(node); }
  // Until a volume is made and its agent is up, or it is deleted.
  Task<> volume_is_there(VolumeId volume);
  // Until a pod runs, or never will.
  Task<> runs(PodId pod);

  // A pod is deleted with its claims, or without them and made again for the same spec. `keeps`:
  // which volumes go with it.
  void remove_pod(PodId pod);
  PodId recreate(PodId pod, const std::vector<VolumeId>& kept);

  const std::vector<FleetSample>& samples() const { return samples_; }
  FleetSample sample_now() const;
  // The run ended because the fleet was full.
  bool is_full() const { return is_full_; }

 private:
  PodId make_pod(const PodSpec& spec, TimePoint at);
  void give_volumes(PodRecord& pod, PodId id, const std::vector<VolumeId>& kept);
  NodeId pool_before(const VolumeRecord& volume, NodeId host) const;
  bool lies_before(VolumeId volume, NodeId host);
  Task<> arrivals();
  Task<> end_of_life(PodId pod);
  Task<> sampling();
  Task<> announce(PodId pod);
  std::uint32_t id_of(const std::string& name);

  Simulation& simulation_;
  FleetPlan plan_;
  Cluster cluster_;
  FleetStats books_;
  ApiServer api_;
  VolumeScheduler volume_scheduler_;
  Flows flows_;
  std::vector<Flows::Host> hosts_;
  News of_machines_, of_lvs_, of_pods_, of_volumes_;
  std::unordered_map<std::string, std::uint32_t> ids_;
  std::unordered_map<std::string, NodeId> nodes_by_name_;
  std::vector<FleetSample> samples_;
  bool is_full_ = false;
  std::unique_ptr<BlockStore> block_store_;
  std::unique_ptr<KubeScheduler> scheduler_;
  std::unique_ptr<VolumeController> volumes_;
  std::unique_ptr<VolumeAgents> agents_;
  std::unique_ptr<Kubelets> kubelets_;
  std::unique_ptr<NodeController> lifecycle_;
  std::unique_ptr<VolumeMigrations> migrations_;
  VolumeGroups groups_;
  Snapshots snapshots_;
  TaskScope tasks_;
};

// A host per node, with what its network carries and no flow faster than one copy.
PlatformSpec fleet_platform(const Demand& demand, const LiteioProfile& liteio);

}  // namespace orrery::control
