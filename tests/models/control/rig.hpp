// A fleet made by hand, with the values of the real profiles: nodes, classes and pods are given,
// what happens to them is told by time, and the control plane is looked at from inside.
//
//   ControlRig rig;
//   rig.nodes(10, {.disk = gibibytes(1000)});
//   const auto pod = rig.pod({.claims = {{gibibytes(100), kMustLocal}}, .created = seconds(10)});
//   rig.run(seconds(100));
//   EXPECT_EQ(rig.state(pod).phase, PodPhase::running);
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/control/fleet/control_plane.hpp"
#include "models/control/named.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario.hpp"
#include "sim/params.hpp"

namespace orrery::control {

inline constexpr std::uint32_t kAnywhere = 0;  // storage classes of the rig
inline constexpr std::uint32_t kMustLocal = 1;
inline constexpr std::uint32_t kPreferLocal = 2;
inline constexpr std::uint32_t kMustRemote = 3;

template <class Profile>
Profile profile_named(const std::string& name) {
  static ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(),
                                model_catalogue());
  return bind<Profile>(library.get(name, {}));
}

// What `call` returns in a process of its own, for cases that compare runs: a process has one
// engine, so the caller must have none.
template <class Call>
std::vector<double> in_child(Call call) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    const std::vector<double> figures = call();
    const auto size = figures.size() * sizeof(double);
    const bool is_written = write(ends[1], figures.data(), size) == static_cast<ssize_t>(size);
    _exit(is_written && !testing::Test::HasFailure() ? 0 : 1);
  }
  close(ends[1]);
  std::vector<double> figures;
  for (double figure = 0; read(ends[0], &figure, sizeof figure) == sizeof figure;)
    figures.push_back(figure);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  return figures;
}

struct NodeLike {
  std::int64_t cpu = 64'000;
  Bytes memory = gibibytes(512);
  Bytes disk = gibibytes(1000);
  Labels labels{};
  std::vector<std::string> taints{};
  bool unschedulable = false;
  std::int64_t max_pods = INT64_MAX;
};

struct PodLike {
  std::int64_t cpu = 1000;
  Bytes memory = gibibytes(1);
  std::vector<std::pair<Bytes, std::uint32_t>> claims{};  // size and class
  Duration created{};
  std::optional<Duration> lifetime{};
  std::int64_t max_per_node = 0;
  Selector node_selector{};
  std::vector<std::string> tolerations{};
  std::string data_holder{};
  std::string node{};
};

class ControlRig {
 public:
  ControlRig() {
    plan.kube = profile_named<KubernetesProfile>("kubernetes");
    plan.liteio = profile_named<LiteioProfile>("liteio-control");
    plan.node_plugins = {{"node_unschedulable", "taint_toleration", "node_affinity",
                          "resources_fit", "volume_limits", "app_spread", "antstor"},
                         {"least_allocated", "balanced_allocation", "antstor"}};
    plan.pool_filters = {"basic", "affinity", "ob_replica", "min_local_storage", "sharing_limit"};
    plan.pool_priorities = {"least_resource", "position_advice"};
    plan.sampling.every = seconds(3600);
    demand.classes = {{"anywhere", PositionAdvice::none},
                      {"must-local", PositionAdvice::must_local},
                      {"prefer-local", PositionAdvice::prefer_local},
                      {"must-remote", PositionAdvice::must_remote}};
  }
  ~ControlRig() {
    if (simulation) simulation->tasks().clear();
  }

  // Requests and news that take no time, for times that can be added up.
  void make_requests_instant() {
    plan.kube.api_fastest = plan.kube.api_slowest = Duration{};
    plan.kube.api_commit = plan.kube.watch_delay = Duration{};
  }

  NodeId node(const NodeLike& like = {}) {
    NodeSpec spec;
    spec.name = "node" + std::to_string(demand.nodes.size());
    spec.shape = "shape";
    spec.cpu_millis = like.cpu;
    spec.memory = like.memory;
    spec.disk = like.disk;
    spec.labels = like.labels;
    for (const std::string& text : like.taints) spec.taints.push_back(*taint_from(text));
    spec.max_pods = like.max_pods;
    spec.unschedulable = like.unschedulable;
    demand.nodes.push_back(std::move(spec));
    return static_cast<NodeId>(demand.nodes.size() - 1);
  }
  void nodes(int count, const NodeLike& like = {}) {
    for (int i = 0; i < count; ++i) node(like);
  }

  // Pods in order of creation; the number is where `state` finds it.
  std::string pod(const PodLike& like) {
    PodSpec spec;
    spec.name = "ns/pod" + std::to_string(demand.pods.size());
    spec.app = "app";
    spec.cpu_millis = like.cpu;
    spec.memory = like.memory;
    for (const auto& [size, storage_class] : like.claims) {
      ClaimSpec claim;
      claim.name = "claim" + std::to_string(spec.claims.size());
      claim.size = size;
      claim.storage_class = storage_class;
      spec.claims.push_back(std::move(claim));
    }
    spec.created = like.created;
    spec.lifetime = like.lifetime;
    spec.max_per_node = like.max_per_node;
    spec.node_selector = like.node_selector;
    for (const std::string& text : like.tolerations)
      spec.tolerations.push_back(*toleration_from(text));
    spec.data_holder = like.data_holder;
    spec.node = like.node;
    demand.pods.push_back(spec);
    return spec.name;
  }
  void die(NodeId node, Duration at, std::optional<Duration> lasts = {}, bool loses_data = true) {
    plan.events.push_back({NodeEvent::Kind::dead, node, at, lasts, loses_data});
  }
  void happen(NodeEvent::Kind kind, NodeId node, Duration at, std::optional<Duration> lasts = {}) {
    plan.events.push_back({kind, node, at, lasts, true});
  }

  // `what` is done at that time, or just before the run ends.
  void at(Duration when, std::function<void()> what) { calls_.emplace_back(when, std::move(what)); }

  void start(std::uint64_t seed = 1) {
    plan.demand = &demand;
    simulation = std::make_unique<Simulation>(fleet_platform(demand, plan.liteio));
    plane = std::make_unique<ControlPlane>(*simulation, plan, seed);
    plane->start();
    for (auto& [when, what] : calls_) plane->context().spawn(later(when, what));
  }
  void run(Duration span, std::uint64_t seed = 1) {
    start(seed);
    simulation->at_end([this] {
      if (at_end) at_end();
    });
    simulation->run(after(kStart, span));
  }

  Cluster& cluster() { return plane->cluster(); }
  FleetStats& books() { return plane->books(); }
  TimePoint now() { return simulation->now(); }
  // The pod of that name that was made last.
  PodId id(const std::string& name) {
    PodId found = kNoPod;
    for (PodId pod = 0; pod < cluster().pods.size(); ++pod)
      if (cluster().pods[pod].spec->name == name) found = pod;
    EXPECT_NE(found, kNoPod) << name;
    return found;
  }
  PodRecord& state(const std::string& name) { return cluster().pods[id(name)]; }
  VolumeId volume_id(const std::string& name, std::size_t number = 0) {
    return state(name).volumes.at(number);
  }
  VolumeRecord& volume(const std::string& name, std::size_t number = 0) {
    return cluster().volumes[volume_id(name, number)];
  }

  // What must hold at any time once nobody is in the middle of something: every byte of a pool is
  // free, reserved or a volume's, and the scheduler believes what is.
  void expect_sound() {
    const Cluster& all = cluster();
    std::vector<std::int64_t> free, lv_free, volumes(all.nodes.size()), remote(all.nodes.size()),
        cpu(all.nodes.size());
    for (NodeId node = 0; node < all.nodes.size(); ++node) {
      free.push_back(all.pools.capacity[node]);
      lv_free.push_back(all.pools.capacity[node]);
      for (const Reservation& r : all.pools.reservations[node]) free[node] -= r.size.count();
    }
    for (VolumeId v = 0; v < all.volumes.size(); ++v) {
      const VolumeRecord& volume = all.volumes[v];
      const auto& of_pod = all.pods[volume.pod].volumes;
      EXPECT_NE(std::find(of_pod.begin(), of_pod.end(), v), of_pod.end()) << "volume " << v;
      if (!plane->context().disks.is_pooled) continue;
      if (volume.booking.pool == kNoNode) {
        EXPECT_FALSE(volume.has_lv) << "volume " << v;
        continue;
      }
      const std::int64_t taken = all.pools.taken(volume.booking.pool, volume.booking.total);
      free[volume.booking.pool] -= taken;
      ++volumes[volume.booking.pool];
      if (volume.is_remote()) ++remote[volume.booking.pool];
      if (volume.has_lv) lv_free[volume.booking.pool] -= taken;
    }
    for (const MigrationRecord& migration : plane->migrations().all()) {
      const PoolTable::Booking& held = migration.held;
      if (held.pool == kNoNode) continue;
      free[held.pool] -= all.pools.taken(held.pool, held.total);
      lv_free[held.pool] -= all.pools.taken(held.pool, held.total);
      ++volumes[held.pool];
      if (held.pool != held.host) ++remote[held.pool];
    }
    std::map<PodId, int> places;
    for (NodeId node = 0; node < all.nodes.size(); ++node)
      for (const PodId pod : all.nodes[node].pods) {
        EXPECT_EQ(all.pods[pod].node, node);
        EXPECT_EQ(++places[pod], 1) << "pod " << pod << " is on two nodes";
      }
    for (PodId pod = 0; pod < all.pods.size(); ++pod) {
      const PodRecord& record = all.pods[pod];
      const bool is_assumed = record.phase == PodPhase::binding ||
                              record.phase == PodPhase::starting ||
                              record.phase == PodPhase::running || places.count(pod) > 0;
      if (is_assumed) cpu[record.node] += record.spec->cpu_millis;
    }
    for (NodeId node = 0; node < all.nodes.size(); ++node) {
      EXPECT_EQ(all.pools.free[node], free[node]) << all.name_of(node);
      EXPECT_EQ(all.pools.volumes[node], volumes[node]) << all.name_of(node);
      EXPECT_GE(all.nodes[node].lv_free, 0) << all.name_of(node);
      EXPECT_EQ(all.nodes[node].lv_free, lv_free[node]) << all.name_of(node);
      EXPECT_EQ(plane->scheduler().cache().cpu_requested[node], cpu[node]) << all.name_of(node);
    }
  }

  // Nobody is there any more: everything is free again.
  void expect_empty() {
    const Cluster& all = cluster();
    const SchedulerCache& cache = plane->scheduler().cache();
    for (NodeId node = 0; node < all.nodes.size(); ++node) {
      EXPECT_EQ(all.pools.free[node], all.pools.capacity[node]) << all.name_of(node);
      EXPECT_EQ(all.pools.remote_allocated[node], 0) << all.name_of(node);
      EXPECT_EQ(all.pools.remote_volumes[node], 0) << all.name_of(node);
      EXPECT_EQ(all.pools.sharing_nodes[node], 0) << all.name_of(node);
      EXPECT_EQ(all.pools.volumes[node], 0) << all.name_of(node);
      EXPECT_EQ(all.nodes[node].lv_free, all.pools.capacity[node]) << all.name_of(node);
      EXPECT_TRUE(all.nodes[node].pods.empty()) << all.name_of(node);
      EXPECT_EQ(cache.cpu_requested[node], 0) << all.name_of(node);
      EXPECT_EQ(cache.memory_requested[node], 0) << all.name_of(node);
      EXPECT_EQ(cache.local_requested[node], 0) << all.name_of(node);
      EXPECT_EQ(cache.attached[node], 0) << all.name_of(node);
      EXPECT_TRUE(cache.apps[node].empty()) << all.name_of(node);
    }
  }

  Demand demand;
  FleetPlan plan;
  std::unique_ptr<Simulation> simulation;
  std::unique_ptr<ControlPlane> plane;
  std::function<void()> at_end;

 private:
  Task<> later(Duration when, std::function<void()> what) {
    co_await Delay(plane->context().calendar, after(kStart, when));
    what();
  }
  std::vector<std::pair<Duration, std::function<void()>>> calls_;
};

}  // namespace orrery::control
