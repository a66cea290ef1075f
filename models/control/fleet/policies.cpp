// The policies and kinds of disks that there are.
#include "models/control/fleet/policies.hpp"

#include <array>

#include "models/control/named.hpp"

namespace orrery::control {

namespace {

constexpr std::array kPolicies = {
    Policy{.name = "extended_resource",
           .help = "a number on the node",
           .publishes_local_storage = true},
    Policy{.name = "plugin",
           .help = "a plug-in of kube-scheduler with reservations",
           .has_plugins = true,
           .reserves = true},
    Policy{.name = "ideal",
           .help = "one consistent view",
           .has_plugins = true,
           .places_volumes = true,
           .is_consistent = true},
};

constexpr std::array kDisks = {
    Disks{.name = "local_only",
          .help = "every volume where its pod runs",
          .position = [](PositionAdvice) { return PositionAdvice::must_local; }},
    Disks{.name = "lightpool",
          .help = "as storage classes say",
          .is_shared = true,
          .position = [](PositionAdvice asked) { return asked; }},
    // Equally far from everywhere.
    Disks{.name = "ebs",
          .help = "in a block store with copies, made of the same disks",
          .is_pooled = false,
          .position = [](PositionAdvice) { return PositionAdvice::none; }},
};

}  // namespace

std::span<const Policy> all_policies() { return kPolicies; }
std::span<const Disks> all_disks() { return kDisks; }
const Policy* find_policy(std::string_view name) { return find_named(kPolicies, name); }
const Disks* find_disks(std::string_view name) { return find_named(kDisks, name); }

Policy on(const Policy& policy, const Disks& disks) {
  if (disks.is_pooled) return policy;
  return {.name = policy.name, .help = policy.help, .is_consistent = policy.is_consistent};
}

}  // namespace orrery::control
