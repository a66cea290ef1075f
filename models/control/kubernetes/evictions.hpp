// Pods of lost nodes are evicted, node by node, at a rate that depends on how many nodes are lost:
// 0.1 per second, 0.01 while 55 % of them are and more than two; not at all while all are. Pods
// with data on the node stay Terminating (their objects go only with the kubelet); the others are
// made again elsewhere and keep their volumes. Source: Kubernetes, node lifecycle controller.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "models/control/fleet/fleet_context.hpp"
#include "models/control/kubernetes/kubelets.hpp"
#include "models/control/kubernetes/pod_controller.hpp"

namespace orrery::control {

class Evictions {
 public:
  // `client`: of the node controller, whose limit is one for all that it writes.
  Evictions(FleetContext& context, Kubelets& kubelets, PodController& pods, ApiClient& client);

  // Conditions of nodes as the controller has them, by which it goes.
  void count_lost(std::int64_t more) { lost_ += more; }

  // A node's turn is to come, unless it returns or dies again before. Both say when to call `next`.
  std::optional<TimePoint> add(NodeId node, TimePoint now);
  std::optional<TimePoint> next(TimePoint now);

 private:
  struct Entry {
    NodeId node;
    std::uint32_t epoch;
  };
  Duration gap() const;
  bool is_current(const Entry& entry) const;
  Task<> evict(NodeId node);
  Task<> make_again(PodId pod);

  FleetContext& context_;
  Cluster& cluster_;
  Kubelets& kubelets_;
  PodController& pods_;
  ApiClient& client_;
  std::deque<Entry> queue_;
  bool is_evicting_ = false;
  std::int64_t lost_ = 0;
};

}  // namespace orrery::control
