// A fault: what breaks, when, for how long. In a scenario:
//
//   faults:
//     - {kind: switch_down, target: frontend/tor-0a, at: 1s, for: 2s}
//     - {kind: blackhole, target: frontend/spine-0, at: 1s, fraction: 0.5}
//     - {kind: loss, target: "frontend/tor-1?", at: 1s, rate: 0.75}
//     - {kind: link_down, target: random, among: "backend/*", mtbf: 10s, mttr: 200ms}
//     - {kind: slow_ssd, target: storage-0/ssd-3, at: 1s, factor: 10}
//     - {list: outages.csv}
//
// A target is a component's name (models/faults/fault_targets.hpp), a pattern that names several,
// or `random`: one of those that `among` names. A fault happens once, `at` a time after the start,
// or again and again with `mtbf` and `mttr`, each component by itself. A list is a file of rows
// with these keys as columns; it is replaced by its rows when the document is read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/faults/fault_targets.hpp"
#include "sim/params.hpp"

namespace orrery {

struct FaultSpec {
  std::string name;
  std::string kind;
  std::string target;
  std::string among = "*";
  std::optional<Duration> at;
  std::optional<Duration> lasts;  // not given: for good
  std::optional<double> fraction;
  std::optional<double> rate;
  std::optional<BitRate> speed;
  std::optional<double> factor;
  std::optional<Duration> period;
  std::optional<Duration> mtbf, mttr;
  std::string distribution = "exponential";
  static const Declarations& declarations();

  bool recurs() const { return mtbf.has_value(); }
  bool is_random() const { return target == "random"; }
};

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

// Those that it strikes in a run with this seed; `number` is its place among the faults that are
// injected.
std::vector<std::size_t> struck_by(const FaultSpec& fault, std::size_t number,
                                   const std::vector<Equipment>& all, std::uint64_t seed);

// The links that lose carrier while a component is taken down by a fault.
std::vector<Fabric::Link*> links_taken_down(const FaultDomain& domain, const FaultSpec& fault,
                                            const Equipment& component);

}  // namespace orrery
