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
  // By the rules of placement, another than the source's; null if there is none.
  PoolCluster::Site* destination_for(PooledVolume& volume);

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
