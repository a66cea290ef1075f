// Carries out a scenario's operations on its pools, each at its time, and tells what came of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/pool/hot_migration.hpp"
#include "models/pool/hot_upgrade.hpp"
#include "scenarios/systems/pool/pool_cluster.hpp"
#include "sim/random.hpp"

namespace orrery {

class PoolOperations {
 public:
  // All arguments outlive it; its tasks run in `scope`, which it must outlive.
  PoolOperations(TaskScope& scope, const Scenario& scenario, PoolCluster& cluster);
  void start();

  struct Upgrade {
    std::string node;
    std::string mode;
    std::unique_ptr<UpgradeReport> report;
    RandomStream random;
  };
  struct Migration {
    std::string volume, from, to;
    std::string failure;  // what kept it from beginning
    std::unique_ptr<HotMigration> task;
  };
  struct Change {  // snapshot, resize
    std::string kind, volume;
    TimePoint at{};
    bool is_done = false;
  };
  const std::vector<std::unique_ptr<Upgrade>>& upgrades() const { return upgrades_; }
  const std::vector<std::unique_ptr<Migration>>& migrations() const { return migrations_; }
  const std::vector<Change>& changes() const { return changes_; }

 private:
  Task<> upgrade(const OperationSpec& operation, PoolCluster::Site& site, std::size_t number);
  Task<> migrate(const OperationSpec& operation);
  Task<> change(const OperationSpec& operation);
  // The fullest pool that has room and may take it, other than the source's.
  PoolCluster::Site* destination_for(PooledVolume& volume);
  // Volumes of other nodes that a pool serves.
  std::int64_t remote_volumes_on(const PoolCluster::Site& site) const;

  TaskScope& scope_;
  const Scenario& scenario_;
  PoolCluster& cluster_;
  Calendar& calendar_;
  OperationsProfile profile_;
  std::vector<std::unique_ptr<Upgrade>> upgrades_;
  std::vector<std::unique_ptr<Migration>> migrations_;
  std::vector<Change> changes_;
};

}  // namespace orrery
