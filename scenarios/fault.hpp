// What faults there are, what they can strike, and how a scenario's are read and checked (scenarios/fault_spec.hpp says how they
// are written).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/fault_spec.hpp"
#include "scenarios/fault_targets.hpp"
#include "scenarios/text/text_node.hpp"

namespace orrery {

struct Scenario;

// What a kind of fault does and to what.
struct FaultKind {
  std::string_view name;
  std::string_view help;
  std::vector<Equipment::Kind> strikes;
  std::vector<std::string_view> needs;  // keys without which it makes no sense
  std::vector<std::string_view> takes;  // keys it may be given besides
  bool takes_down = false;              // its component, as a whole
  bool can_strike(const Equipment& component) const;
};
const std::vector<FaultKind>& fault_kinds();
const FaultKind& kind_of(const FaultSpec& fault);

// The components that a fault can choose from or strikes, by their places in `all`.
std::vector<std::size_t> targets_of(const FaultSpec& fault, const std::vector<Equipment>& all);

// Those that it strikes in a run with this seed; `number` is its place among the faults that are injected.
std::vector<std::size_t> struck_by(const FaultSpec& fault, std::size_t number,
                                   const std::vector<Equipment>& all, std::uint64_t seed);

// The links that lose carrier while a component is taken down by a fault.
std::vector<Fabric::Link*> links_taken_down(const Hardware& room, const FaultSpec& fault,
                                            const Equipment& component);

// Reads `faults` and `inject`; those that `inject` leaves out are checked on their own and kept in the document only. Throws
// InputError for names that do not exist, faults that contradict each other, and servers that nothing can reach from the start.
void load_faults(const TextNode& root, Scenario& scenario);

}  // namespace orrery
