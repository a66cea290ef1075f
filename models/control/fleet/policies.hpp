// How scheduling and local disks are kept in step (`policy`), and where the volumes of pods come
// from (`disks`): what each of them does, by mechanism.
//
// The parts of a control plane ask for the mechanism and know no policy by its name. A new one is
// an entry in policies.cpp, which scenarios, lists and the reference take names and help from.
#pragma once

#include <span>
#include <string_view>

#include "models/control/objects.hpp"

namespace orrery::control {

struct Policy {
  std::string_view name;
  std::string_view help;
  // Nodes say what local volumes may take of them, as the extended resource sds/local-storage,
  // which pods request; LiteIO publishes what remote volumes change in it.
  bool publishes_local_storage = false;
  // LiteIO's plug-ins take part in kube-scheduler and look at the memory of LiteIO's controller.
  bool has_plugins = false;
  // What must be local is set aside in that memory, and its claims are told where they go.
  bool reserves = false;
  // A pod is scheduled with all its volumes placed in the same decision, or not at all.
  bool places_volumes = false;
  // Nobody is late: a decision holds from the instant at which it is made, and everyone knows.
  bool is_consistent = false;
};

struct Disks {
  std::string_view name;
  std::string_view help;
  // In the pools of LiteIO; else in a block store, with which LiteIO has nothing to do.
  bool is_pooled = true;
  // What is free in a pool is of use to pods on other nodes.
  bool is_shared = false;
  // Where a volume has to be, of what its claim or its class asks for.
  PositionAdvice (*position)(PositionAdvice asked) = nullptr;
};

std::span<const Policy> all_policies();
std::span<const Disks> all_disks();
// Null if there is none of that name.
const Policy* find_policy(std::string_view name);
const Disks* find_disks(std::string_view name);

// What is left of a policy on such disks: without pools nothing of what concerns them.
Policy on(const Policy& policy, const Disks& disks);

}  // namespace orrery::control
