// Faults of a scenario: what breaks, when, for how long.
//
//   faults:
//     - {kind: switch_down, target: frontend/tor-0a, at: 1s, for: 2s}
//     - {kind: blackhole, target: frontend/spine-0, at: 1s, fraction: 0.5}
//     - {kind: loss, target: "frontend/tor-1?", at: 1s, rate: 0.75}
//     - {kind: link_down, target: random, among: "backend/*", mtbf: 10s, mttr: 200ms}
//     - {kind: slow_ssd, target: storage-0/ssd-3, at: 1s, factor: 10}
//     - {list: outages.csv}
//
// A target is a component's name (scenarios/equipment.hpp), a pattern that names several, or `random`: one of those that `among`
// names. A fault happens once, `at` a time after the start, or again and again with `mtbf` and `mttr`, each component by itself. A
// list is a file of rows with these keys as columns; it is replaced by its rows when the document is read.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "scenarios/text/input_error.hpp"
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

  SourceMark mark;                         // of the entry
  std::map<std::string, SourceMark> keys;  // of the values that were given
  SourceMark mark_of(const std::string& key) const;

  bool recurs() const { return mtbf.has_value(); }
  bool is_random() const { return target == "random"; }
};

}  // namespace orrery
