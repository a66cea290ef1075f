#include "scenarios/systems/pool/pool_system.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/host/node.hpp"
#include "models/pool/cluster_space.hpp"
#include "models/pool/profile.hpp"
#include "models/ssd/registry.hpp"
#include "scenarios/profile_relations.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/systems/pool/pool_cluster.hpp"
#include "scenarios/systems/pool/pool_plan.hpp"
#include "scenarios/systems/system_parts.hpp"
#include "scenarios/systems/unused_keys.hpp"
#include "scenarios/text/binder.hpp"
#include "scenarios/text/plural.hpp"
#include "scenarios/used_profiles.hpp"
#include "sim/written_size.hpp"

namespace orrery {

namespace {

void note_unused_in_pool(UnusedKeys& keys, const Scenario& s) {
  keys.keys("compute", s.compute, {"guest", "dpu"});
  keys.keys("frontend", s.frontend, {"stack", "profile", "agent"});
  keys.keys("volumes", s.volumes, {"iops_limit", "bandwidth_limit", "limit_burst", "encrypted"});
  if (s.compute.ssds_per_server == 0)
    keys.keys("compute", s.compute, {"ssd"}, "without SSDs: ssds_per_server is 0");
  if (s.storage.capacity_ssds_per_server == 0)
    keys.keys("storage", s.storage, {"capacity_ssd"},
              "without SSDs of that tier: capacity_ssds_per_server is 0");
  if (s.volumes.per_server == 0) keys.keys("volumes", s.volumes, {"size"}, "without volumes");
}

void use_pool_profiles(const TextNode& root, ProfileLibrary& library, Scenario& s) {
  UsedProfiles used(root, library, s);
  used.use(s.pool.engine, "pool_engine", "pool", "engine");
  used.use(s.pool.initiator, "initiator", "pool", "initiator");
  used.use(s.pool.operations, "pool_operations", "pool", "operations");
  used.use(s.pool.tcp, "nvme_tcp", "pool", "tcp");
  used.use(s.pool.rdma, "rdma", "pool", "rdma");
  used.use(s.pool.tier, "tier", "pool", "tier");
  if (s.compute.ssds_per_server > 0) used.use_ssd(s.compute.ssd, "compute", "ssd");
  if (s.storage.capacity_ssds_per_server > 0)
    used.use_ssd(s.storage.capacity_ssd, "storage", "capacity_ssd");
  used.check_slots("compute", s.compute.node, s.compute.ssds_per_server);
}

void check_pool_relations(const TextNode& root, const ProfileRelations& relations,
                          const Scenario& s) {
  using Operand = ProfileRelations::Operand;
  const Profile& engine = s.profile(s.pool.engine);
  const Operand cluster{engine, "cluster"};
  for (const std::string_view name : {"cluster", "strip", "max_transfer"}) {
    const Operand size{engine, name};
    if (!std::has_single_bit(static_cast<std::uint64_t>(size.as<Bytes>().count())))
      relations.refuse({size}, fmt::format("{} is no power of two", size.text(Quantity::bytes)));
    if (size.as<Bytes>() > cluster.as<Bytes>())
      relations.refuse({size, cluster},
                       fmt::format("{} is more than {}", size.text(Quantity::bytes),
                                   cluster.text(Quantity::bytes)));
  }
  std::vector<std::string> ssds = {s.storage.ssd};
  if (s.compute.ssds_per_server > 0) ssds.push_back(s.compute.ssd);
  if (s.storage.capacity_ssds_per_server > 0) ssds.push_back(s.storage.capacity_ssd);
  for (const std::string& name : ssds) {
    const Bytes capacity = ssd_capacity(s.profile(name));
    const std::int64_t clusters = capacity / cluster.as<Bytes>();
    if (clusters < 1 || clusters >= ClusterPlace::kClusters)
      relations.refuse(
          {cluster, {s.profile(name), "capacity"}},
          fmt::format("an SSD of {} holds {} of {}", written_size(capacity),
                      clusters < 1 ? "none" : "too many", cluster.text(Quantity::bytes)));
  }
  const std::int64_t reactors = bind<EngineProfile>(engine).reactors;
  for (const std::string* node : {&s.compute.node, &s.storage.node})
    if (const auto cores = bind<NodeProfile>(s.profile(*node)).cores; reactors >= cores)
      throw InputError(place_of(root, "pool", "engine"),
                       fmt::format("{} reactors leave none of the {} cores of '{}' for "
                                   "anything else",
                                   reactors, cores, *node));
}

void resolve_pool(const TextNode& root, Scenario& s) {
  // Volumes that are named one by one need no others.
  if (root.entry("volumes") == nullptr && root.entry("logical_volumes") != nullptr)
    s.volumes.per_server = 0;
  plan_pool(root, s);
  for (const PlannedVolume& volume : s.planned)
    s.named_volumes.push_back({volume.name, volume.size});
}

void write_pool(const Scenario& s, TextNode& root) {
  root.entries.push_back({"pool", {}, resolved(PoolSection::declarations(), &s.pool)});
  auto add_list = [&root](const char* name, const auto& list) {
    if (list.empty()) return;
    TextNode items = TextNode::sequence();
    for (const auto& item : list) items.items.push_back(resolved(item.declarations(), &item));
    root.entries.push_back({name, {}, std::move(items)});
  };
  add_list("logical_volumes", s.logical_volumes);
  add_list("operations", s.operations);
}

std::vector<std::pair<std::string, std::string>> settings_of_pool(const Scenario& s) {
  return {{"servers", fmt::format("{}, {}, {}", plural(s.compute.servers, "compute node"),
                                  plural(s.storage.servers, "storage node"),
                                  plural(std::ssize(s.planned), "volume"))},
          {"path", s.pool.path}};
}

class PoolParts final : public SystemParts {
 public:
  PoolParts(TaskScope& scope, const Scenario& scenario, Hardware& hardware)
      : cluster_(scope, scenario, hardware) {
    volumes_ = cluster_.make_volumes();
  }
  ~PoolParts() override { volumes_.clear(); }
  PoolCluster* pool() override { return &cluster_; }

 private:
  PoolCluster cluster_;
};

}  // namespace

const SystemKind& pool_system() {
  static const SystemKind kind = {
      .name = "pool",
      .help = "servers with storage engines that share their SSDs",
      .sections = {{"pool", &PoolSection::declarations()},
                   {"logical_volumes", &LogicalVolumeSpec::declarations(), true},
                   {"operations", &OperationSpec::declarations(), true}},
      .has_network = true,
      .has_ssds = true,
      .has_engines = true,
      .note_unused = note_unused_in_pool,
      .use_profiles = use_pool_profiles,
      .check_relations = check_pool_relations,
      .resolve = resolve_pool,
      .settings = settings_of_pool,
      .write = write_pool,
      .build = [](TaskScope& scope, const Scenario& scenario,
                  Hardware& hardware) -> std::unique_ptr<SystemParts> {
        return std::make_unique<PoolParts>(scope, scenario, hardware);
      },
  };
  return kind;
}

}  // namespace orrery
