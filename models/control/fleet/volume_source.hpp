// Where the volumes of pods come from, as CSI sees it: LiteIO's pools, or a block store.
#pragma once

#include "models/control/objects.hpp"
#include "sim/task.hpp"

namespace orrery::control {

class VolumeSource {
 public:
  // CSI, for a pod that goes to a node: the volume is made, or attached to its new host if there is
  // one.
  virtual Task<> provision(VolumeId volume, NodeId node) = 0;
  // The claim is gone. Ends when the volume is forgotten.
  virtual Task<> remove(VolumeId volume) = 0;
  // A volume that was made before the run, of a pod that runs on that node, or of one that waits
  // (kNoNode) and whose claim says where it lies. False if there is no room for it, or nothing of
  // one that waits.
  virtual bool begin_with(VolumeId volume, NodeId node) = 0;

 protected:
  ~VolumeSource() = default;
};

}  // namespace orrery::control
