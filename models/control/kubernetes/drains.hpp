// Nodes that are drained: cordoned and locked; pods that can go elsewhere do, and what lies in the
// pool is moved away. What must be local stays, with its pod.
#pragma once

#include <optional>

#include "models/control/fleet/fleet_context.hpp"
#include "models/control/kubernetes/kube_scheduler.hpp"
#include "models/control/kubernetes/kubelets.hpp"
#include "models/control/kubernetes/pod_controller.hpp"
#include "models/control/liteio/pool_controller.hpp"
#include "models/control/liteio/volume_migration.hpp"

namespace orrery::control {

class Drains {
 public:
  // `client`: of the node controller, whose limit is one for all that it writes.
  Drains(FleetContext& context, PoolController& pools, VolumeMigrations& migrations,
         Kubelets& kubelets, KubeScheduler& scheduler, PodController& pods, ApiClient& client);

  // Drained from now on, for so long if that is given.
  Task<> drain(NodeId node, std::optional<Duration> lasts);

 private:
  Task<> move(PodId pod);

  FleetContext& context_;
  Cluster& cluster_;
  PoolController& pools_;
  VolumeMigrations& migrations_;
  Kubelets& kubelets_;
  KubeScheduler& scheduler_;
  PodController& pods_;
  ApiClient& client_;
};

}  // namespace orrery::control
