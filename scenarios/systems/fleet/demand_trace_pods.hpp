// Pods of one trace on their way into the draft. What is wrong with one breaks its row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "scenarios/systems/fleet/demand_draft.hpp"
#include "sim/units.hpp"

namespace orrery {

class TracePods {
 public:
  // Both outlive it.
  TracePods(const DemandSource& source, std::uint32_t storage_class, DemandDraft& draft);

  // A pod of that id with what all have in common.
  control::PodSpec begin(std::string_view id) const;
  void add(control::PodSpec pod, Bytes disk);

  // Of traces that are lists of events.
  void create(std::string_view id, Duration at, control::PodSpec pod, Bytes disk);
  void remove(std::string_view id, Duration at);

 private:
  void check_order(Duration at) const;

  const DemandSource& source_;
  std::uint32_t storage_class_;
  DemandDraft& draft_;
  control::PodSpec common_;
  std::unordered_map<std::string, std::size_t> alive_;  // index of the pod
  Duration latest_{};
};

}  // namespace orrery
