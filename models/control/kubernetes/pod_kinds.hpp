// Pods that are alike: those in which no filter sees a difference. What is known of one of them is
// known of all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/control/fleet/fleet_context.hpp"
#include "models/control/kubernetes/node_chain.hpp"
#include "models/control/kubernetes/scheduler_cache.hpp"

namespace orrery::control {

class PodKinds {
 public:
  using Kind = std::uint32_t;  // of a backlog

  PodKinds(const FleetContext& context, const SchedulerPlugins& plugins,
           VolumeScheduler& volume_scheduler);

  // All that filters look at in a pod: two of one description are of one kind.
  std::string description_of(PodId pod) const;
  // Whether one would fit on a node of an idle cluster, and the largest of its volumes into a pool
  // of it: what finds no place there never will.
  bool is_possible(Kind kind, PodId pod);
  // No node took one of them when the cluster had changed for the better so often.
  bool is_hopeless_since(Kind kind, std::int64_t improvements);
  void note_hopeless(Kind kind, std::int64_t improvements);

 private:
  struct Alike {
    bool is_tested = false;  // `is_possible` is known
    bool is_possible = true;
    std::int64_t hopeless_since = -1;
  };
  Alike& alike(Kind kind);
  bool finds_a_place(const PodRecord& pod);

  const FleetContext& context_;
  const Cluster& cluster_;
  // The cluster with nothing in it.
  SchedulerCache idle_;
  PoolTable idle_pools_;
  NodeChain idle_chain_;
  std::vector<Alike> alike_;  // by kind
};

}  // namespace orrery::control
