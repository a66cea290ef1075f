#include "scenarios/systems/pool/pool_operations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/pool/migration_target.hpp"
#include "sim/name_pattern.hpp"

namespace orrery {

PoolOperations::PoolOperations(TaskScope& scope, const Scenario& scenario, PoolCluster& cluster)
    : scope_(scope),
      scenario_(scenario),
      cluster_(cluster),
      calendar_(cluster.calendar()),
      profile_(bind<OperationsProfile>(scenario.profile(scenario.pool.operations))) {}

void PoolOperations::start() {
  for (std::size_t i = 0; i < scenario_.operations.size(); ++i) {
    const OperationSpec& operation = scenario_.operations[i];
    if (operation.kind == "hot_upgrade") {
      for (const auto& site : cluster_.sites())
        if (matches(operation.node, site->node->name())) scope_.spawn(upgrade(operation, *site, i));
    } else if (operation.kind == "hot_migration") {
      scope_.spawn(migrate(operation));
    } else {
      scope_.spawn(change(operation));
    }
  }
}

Task<> PoolOperations::upgrade(const OperationSpec& operation, PoolCluster::Site& site,
                               std::size_t number) {
  co_await Delay(calendar_, kStart + operation.at);
  const UpgradeMode mode = operation.mode == "inherit"     ? UpgradeMode::inherit
                           : operation.mode == "reconnect" ? UpgradeMode::reconnect
                                                           : UpgradeMode::stock_reconnect;
  const std::string& node = site.node->name();
  upgrades_.push_back(std::make_unique<Upgrade>(
      Upgrade{node, operation.mode, std::make_unique<UpgradeReport>(),
              RandomStream(static_cast<std::uint64_t>(scenario_.head.seed),
                           fmt::format("upgrade/{}/{}", number, node))}));
  Upgrade& made = *upgrades_.back();
  Task<> work =
      hot_upgrade(*site.engine, cluster_.pooled(), mode, profile_, made.random, *made.report);
  co_await work;
}

PoolCluster::Site* PoolOperations::destination_for(PooledVolume& volume) {
  std::vector<PoolCluster::Site*> sites;
  std::vector<StorageEngine*> engines;
  // Storage nodes first, as when volumes are placed.
  for (const char* role : {"storage", "compute"})
    for (const auto& site : cluster_.sites())
      if (site->node->name().starts_with(role)) {
        sites.push_back(site.get());
        engines.push_back(site->engine.get());
      }
  const auto chosen =
      migration_target(engines, cluster_.pooled(), volume, sharing_limits(scenario_.pool));
  return chosen ? sites[*chosen] : nullptr;
}

Task<> PoolOperations::migrate(const OperationSpec& operation) {
  co_await Delay(calendar_, kStart + operation.at);
  PooledVolume* volume = nullptr;
  for (PooledVolume* one : cluster_.pooled())
    if (one->name() == operation.volume) volume = one;
  auto made = std::make_unique<Migration>();
  made->volume = operation.volume;
  made->from = volume->attachment().engine().node().name();
  PoolCluster::Site* to =
      operation.to.empty() ? destination_for(*volume) : &cluster_.site(operation.to);
  const bool is_moving =
      std::any_of(migrations_.begin(), migrations_.end(), [&](const auto& other) {
        return other->volume == operation.volume && other->task != nullptr &&
               other->task->report().ended == TimePoint{};
      });
  Migration& migration = *made;
  migrations_.push_back(std::move(made));
  if (is_moving) {
    migration.failure = "it is migrating already";
    co_return;
  }
  if (to == nullptr || to->node->name() == migration.from) {
    migration.failure = to == nullptr ? "no other pool has space" : "it is there already";
    co_return;
  }
  migration.to = to->node->name();
  PoolCluster::Site& host = cluster_.site(volume->attachment().host().node().name());
  if (scenario_.pool.remote_path == "remote_rdma" && to != &host && !to->node->profile().rdma_nic) {
    migration.failure = migration.to + " has no RDMA NIC";
    co_return;
  }
  const std::string local = local_path(scenario_.pool.path);
  const std::string path = to == &host ? (local == "native" ? "zero_copy" : local)
                           : volume->attachment().is_remote()
                               ? std::string(volume->attachment().kind())
                               : scenario_.pool.remote_path;
  migration.task = std::make_unique<HotMigration>(
      scope_, *volume, cluster_.logical(operation.volume), *to->engine, cluster_.over_tcp(),
      profile_, [this, path, &host, volume](EngineVolume served) {
        cluster_.moved(volume->name(), static_cast<LogicalVolume&>(*served.volume));
        return cluster_.attach(path, host, served, volume->name() + "/moved");
      });
  Task<> work = migration.task->run();
  co_await work;
}

Task<> PoolOperations::change(const OperationSpec& operation) {
  co_await Delay(calendar_, kStart + operation.at);
  Change made{operation.kind, operation.volume, calendar_.now(), false};
  for (PooledVolume* volume : cluster_.pooled()) {
    if (volume->name() != operation.volume) continue;
    made.is_done =
        operation.kind == "resize"
            ? operation.size >= volume->size() && volume->resize(operation.size)
            : volume->snapshot(operation.name.empty() ? fmt::format("unnamed-{}", changes_.size())
                                                      : operation.name);
  }
  changes_.push_back(std::move(made));
}

}  // namespace orrery
