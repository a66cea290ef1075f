// Where the volumes of pools lie, decided before anything is built: what is placed by hand, and the
// rest by a policy that is good enough for I/O.
//
// The policy puts a volume on its host's own pool if it has room, unless its path is a remote one,
// else on the fullest other pool that has room and does not serve too many others yet (LiteIO:
// filters, then 100 x used / total, fuller first; of equal ones the node that is named first). No
// pool serves more than its limits of volumes of other nodes, or of these nodes.
//
// What cannot be is a PlanError.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "models/pool/plan_error.hpp"
#include "models/pool/planned_pool.hpp"
#include "models/pool/planned_volume.hpp"
#include "sim/calendar.hpp"

namespace orrery {

class PoolPlan {
 public:
  struct Rules {
    EngineProfile engine;
    Bytes cache_line;  // the least that a cache holds
    SharingLimits limits;
    std::string path = "auto";  // where a volume names none
    std::string remote_path;
  };

  PoolPlan(Rules rules, const std::vector<PoolNode>& nodes);
  PoolPlan(const PoolPlan&) = delete;
  PoolPlan& operator=(const PoolPlan&) = delete;

  // After those before it; the plan of one that cannot be placed is of no use any more.
  void place(const LogicalVolumeSpec& spec);

  const Rules& rules() const { return rules_; }
  const std::vector<PlannedVolume>& volumes() const { return volumes_; }
  std::vector<std::string> node_names() const;
  // Null if no node is called so.
  const PlannedPool* find_pool(const std::string& node) const;
  // What a volume that lies on one node is made of there.
  const std::vector<LogicalVolume*>& parts_of(const PlannedVolume& volume) const {
    return parts_.at(volume.name);
  }

 private:
  PlannedPool& pool_of(const std::string& node, const std::string& key);
  const PlannedVolume* origin_of(const LogicalVolumeSpec& spec) const;
  void check_shape(const LogicalVolumeSpec& spec) const;
  void check_clone(const LogicalVolumeSpec& spec, const PlannedVolume& origin) const;
  // By the policy: the host's own pool, or the fullest other one.
  PlannedPool& choose(const LogicalVolumeSpec& spec, PlannedPool& host, Bytes size);
  // The way from a host to a pool.
  std::string path_to(const LogicalVolumeSpec& spec, const PlannedPool& host,
                      const PlannedPool& on) const;
  void share(const PlannedPool& host, PlannedPool& on);
  void take(const LogicalVolumeSpec& spec, PlannedPool& on, Bytes size, const std::string& name,
            const std::string& origin);

  Rules rules_;
  Calendar calendar_;
  std::deque<PlannedPool> pools_;
  std::map<std::string, std::vector<LogicalVolume*>> parts_;  // of each member, by its name
  std::vector<PlannedVolume> volumes_;
};

}  // namespace orrery
