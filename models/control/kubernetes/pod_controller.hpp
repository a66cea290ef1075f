// Pods and their claims: what the demand asks for is made, deleted at its time, and made again for
// those that were evicted or whose data is lost.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/control/fleet/fleet_context.hpp"
#include "models/control/fleet/volume_source.hpp"
#include "models/control/kubernetes/kube_scheduler.hpp"
#include "models/control/kubernetes/kubelets.hpp"

namespace orrery::control {

class PodController {
 public:
  PodController(FleetContext& context, KubeScheduler& scheduler, Kubelets& kubelets,
                VolumeSource& volumes);

  // What runs when the run begins: bound, with its volumes.
  void make_running();
  // Pods of the demand, each at its time.
  Task<> arrivals();
  // A pod is made again for the same spec; the volumes in `kept` go with it.
  PodId recreate(PodId pod, const std::vector<VolumeId>& kept);

 private:
  PodId make(const PodSpec& spec, TimePoint at);
  void give_volumes(PodRecord& pod, PodId id, const std::vector<VolumeId>& kept);
  void leave_out(VolumeId volume);
  Task<> announce(PodId pod);
  Task<> end_of_life(PodId pod);
  void remove(PodId pod);
  std::uint32_t id_of(const std::string& name);

  FleetContext& context_;
  Cluster& cluster_;
  KubeScheduler& scheduler_;
  Kubelets& kubelets_;
  VolumeSource& volumes_;
  std::unordered_map<std::string, std::uint32_t> ids_;  // of apps, data's clusters and zones
};

}  // namespace orrery::control
