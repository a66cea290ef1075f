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
  // A volume of a pod that runs when the run begins, made long ago.
  virtual void begin_with(VolumeId volume, NodeId node) = 0;

 protected:
  ~VolumeSource() = default;
};

}  // namespace orrery::control
