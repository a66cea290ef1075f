// A filter of pools that keeps a volume out of its pod's rack.
#pragma once

#include <string>

#include "models/control/liteio/pool_filters.hpp"

namespace orrery::control {

// Refuses pools whose node has the same value of a label as the pod's node: database and data do
// not fail with one switch.
class RackApart final : public PoolFilter {
 public:
  explicit RackApart(std::string label = "rack") : label_(std::move(label)) {}

  void keep(const PoolTable& table, const VolumeRequest& request, const VolumeLimits& limits,
            Candidates& candidates) const override;

 private:
  std::string label_;
};

}  // namespace orrery::control
