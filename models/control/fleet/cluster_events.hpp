// What parts of a control plane report without knowing whom it concerns: storage tells of volumes
// and room, kubelets of pods that have gone. Whoever composes the parts hands it on.
#pragma once

#include <cstdint>

#include "models/control/objects.hpp"

namespace orrery::control {

class ClusterEvents {
 public:
  // A volume was made, and can be used.
  virtual void volume_is_ready(VolumeId volume) = 0;
  // A volume is being deleted.
  virtual void volume_goes(VolumeId volume) = 0;
  // A pool may take what it could not take before.
  virtual void pool_has_room(NodeId pool) = 0;
  // Who watches nodes and pods learns that a node says so of its local storage, or that a pod has
  // left its node.
  virtual void local_storage_is(NodeId node, std::int64_t bytes) = 0;
  virtual void pod_gone(NodeId node, PodId pod) = 0;

 protected:
  ~ClusterEvents() = default;
};

}  // namespace orrery::control
