// How a cluster stands, recorded every so often; and the end of a run when the fleet is full.
#pragma once

#include <vector>

#include "models/control/fleet/block_store.hpp"
#include "models/control/fleet/fleet_context.hpp"
#include "models/control/fleet/fleet_sample.hpp"
#include "models/control/liteio/unplaced_volumes.hpp"

namespace orrery::control {

class Sampling {
 public:
  Sampling(FleetContext& context, const UnplacedVolumes& unplaced, const BlockStore& block_store,
           const SamplingPlan& plan);

  FleetSample now() const;
  // Samples until the run ends.
  Task<> run();

  const std::vector<FleetSample>& samples() const { return samples_; }
  // The run ended because the fleet was full.
  bool is_full() const { return is_full_; }

 private:
  FleetContext& context_;
  const Cluster& cluster_;
  const UnplacedVolumes& unplaced_;
  const BlockStore& block_store_;
  SamplingPlan plan_;
  std::vector<FleetSample> samples_;
  bool is_full_ = false;
};

}  // namespace orrery::control
