// Published figures and how to predict them: the files in scenarios/validation/.
//
//   title: Network stacks
//   replications: 3
//   runs:
//     luna: {scenario: rpc-4k, set: [frontend.stack=luna]}
//   entries:
//     - id: rpc-luna-25g
//       source: "SIGCOMM'22 Table 1"
//       figure: single 4 KiB RPC, 2 x 25 GbE, LUNA
//       value: 13.1
//       unit: us
//       kind: CAL
//       load: one RPC at a time between two servers, agent none
//       metric: luna:jobs.0.write.lat_ns.mean / 1000
//       tolerance: 5%
//       reason: parameters are fitted to it
//
// CAL: a parameter is fitted to the figure. VAL: nothing is; `miss` says what a miss tells, `hit`
// what a hit does where it comes for a wrong reason. derived: follows from figures by arithmetic.
// Runs may also stand in an entry. Instead of `tolerance`, a share of the figure, `within` is a
// distance in its unit; `above: 0` stands for a figure that was published as "> 0". A file's `load`
// holds for entries that state none; its `note` goes below the tables.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/loading.hpp"
#include "analysis/validate/expression.hpp"
#include "scenarios/text/text_node.hpp"

namespace orrery {

struct ValidationRun {
  std::string scenario;
  std::vector<std::string> set;

  ScenarioRequest request() const { return {scenario, set, {}}; }
  friend auto operator<=>(const ValidationRun&, const ValidationRun&) = default;
};

// A figure that is shown below an entry: what it is made of.
struct ValidationPart {
  std::string name;
  std::optional<double> value;  // none published
  std::string unit;
  Expression metric;
};

struct ValidationEntry {
  std::string id;
  std::string title;  // of the file it stands in
  std::string note;   // likewise
  std::string source;
  std::string figure;
  double value = 0;
  std::string unit;
  std::string kind;
  std::string load;
  std::string metric_text;
  std::optional<double> tolerance;
  std::optional<double> within;
  std::optional<double> above;
  std::string reason;
  std::string miss;
  std::string hit;
  std::int64_t replications = 0;
  SourceMark mark;
  std::vector<Expression> metric;  // one
  std::vector<ValidationPart> parts;
  std::map<std::string, ValidationRun> runs;  // those its metrics name

  // Whether a simulated value counts as the published one.
  bool is_near(double simulated) const;
  static const Declarations& declarations();
};

// The entries of one document, in order. Throws InputError.
std::vector<ValidationEntry> validation_entries(const TextNode& document);

// All files of a directory in the order of their names; an id is there once.
std::vector<ValidationEntry> load_validation(const std::string& directory);

}  // namespace orrery
