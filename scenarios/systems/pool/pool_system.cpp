#include "scenarios/systems/pool/pool_system.hpp"

#include "scenarios/scenario.hpp"
#include "scenarios/systems/pool/pool_cluster.hpp"
#include "scenarios/systems/pool/pool_plan.hpp"
#include "scenarios/systems/system_parts.hpp"
#include "scenarios/systems/unused_keys.hpp"
#include "scenarios/text/binder.hpp"
#include "scenarios/used_profiles.hpp"

namespace orrery {

namespace {

void note_unused_in_pool(UnusedKeys& keys, const Scenario& s) {
  keys.keys("compute", s.compute, {"guest", "dpu"});
  keys.keys("frontend", s.frontend, {"stack", "profile", "agent"});
  keys.keys("volumes", s.volumes, {"iops_limit", "bandwidth_limit", "limit_burst", "encrypted"});
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

void resolve_pool(const TextNode& root, Scenario& s) {
  s.logical_volumes = logical_volumes_in(root);
  s.operations = operations_in(root);
  // Volumes that are named one by one need no others.
  if (root.entry("volumes") == nullptr && root.entry("logical_volumes") != nullptr)
    s.volumes.per_server = 0;
  s.planned = plan_pool(root, s);
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
      .resolve = resolve_pool,
      .write = write_pool,
      .build = [](TaskScope& scope, const Scenario& scenario,
                  Hardware& hardware) -> std::unique_ptr<SystemParts> {
        return std::make_unique<PoolParts>(scope, scenario, hardware);
      },
  };
  return kind;
}

}  // namespace orrery
