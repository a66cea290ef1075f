// What becomes of planned volumes while I/O runs: operations, one after the other in the order of
// their times, each after what the earlier ones have done.
//
// What depends on the I/O of the run (space that thin volumes and copies take, how long a migration
// takes) is left to the run, which says what it could not do: a volume that has been migrated may
// be anywhere, and a node that something may have left may have more space than is known here.
//
// What cannot be is a PlanError.
#pragma once

#include <map>
#include <set>
#include <string>

#include "models/pool/operation_spec.hpp"
#include "models/pool/pool_plan.hpp"

namespace orrery {

class OperationPlan {
 public:
  // Of a plan whose volumes are all placed; it outlives this one.
  explicit OperationPlan(PoolPlan& pools) : pools_(pools) {}

  // No earlier one comes after it. `has_size`: its size was given.
  void add(const OperationSpec& operation, bool has_size);

 private:
  void upgrade(const OperationSpec& operation) const;
  void migrate(const OperationSpec& operation);
  void resize(const OperationSpec& operation, bool has_size);
  void snapshot(const OperationSpec& operation);
  const PlannedVolume& volume_of(const OperationSpec& operation) const;

  PoolPlan& pools_;
  std::map<std::string, Bytes> sizes_;  // of volumes that have been resized
  std::set<std::string> moved_;         // volumes that may be elsewhere by now
  std::set<std::string> left_;          // nodes that may have more space than is known here
  int unnamed_ = 0;                     // snapshots
};

}  // namespace orrery
