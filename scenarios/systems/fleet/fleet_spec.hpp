// What a scenario of system `fleet` says: nodes, who wants to run on them, how they are scheduled,
// and what happens to them.
//
//   system: fleet
//   fleet: {runtime: 30d, disks: lightpool, policy: plugin}
//   nodes:
//     - {shape: oceanbase, count: 8500, cpu: 104, memory: 768GiB, disk: 46.08TB}
//   demand:
//     - {generator: dlrm, pods: 20000, disk_scale: 30}
//     - {file: pods.csv, format: alibaba-gpu-v2025}
//   events:
//     - {kind: node_dead, node: oceanbase-17, at: 3d, for: 1h}
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/control/objects.hpp"
#include "scenarios/systems/fleet/fleet_objects.hpp"
#include "scenarios/systems/fleet/input_report.hpp"
#include "scenarios/text/input_error.hpp"
#include "scenarios/text/text_node.hpp"
#include "sim/params.hpp"

namespace orrery::control {
struct FleetPlan;
}

namespace orrery {

class ProfileLibrary;
struct Scenario;

struct FleetSection {
  Duration runtime{};
  Duration sample_every{};
  std::string disks;  // names of models/control/fleet/policies.hpp
  std::string policy;
  std::string kubernetes;
  std::string liteio;
  Duration patience{};
  double full_when_pending = 0;  // share of pods; 0: it runs to its end
  std::vector<std::string> node_filters;
  std::vector<std::string> node_scores;
  std::vector<std::string> pool_filters;
  std::vector<std::string> pool_priorities;
  static const Declarations& declarations();
};

// Something that happens to nodes at a time.
struct FleetEventSpec {
  std::string kind;  // node_dead, agent_dead, node_drain, node_lock
  std::string node;  // a name or a pattern
  Duration at{};
  std::optional<Duration> lasts;  // `for`; for good if not given
  std::int64_t count = 0;         // of those that match, so many by chance; 0: all
  std::optional<Duration> spread;
  std::optional<double> annual_rate;
  bool loses_data = true;
  static const Declarations& declarations();
  SourceMark mark;
  SourceMark rate_mark;  // of its annual_rate
};

struct FleetSpec {
  FleetSection section;
  control::Demand demand;
  InputReport input;
  std::vector<FleetEventSpec> events;
  FleetObjects objects;
  TextNode resolved;  // its sections as they load again: `fleet`, `nodes`, `demand`, ...
};

// What the control plane is made from, with the nodes of its events drawn. Points into the
// scenario.
control::FleetPlan fleet_plan(const Scenario& scenario, std::uint64_t seed);

// Fills `scenario.fleet` and the profiles it uses. Throws InputError.
void load_fleet(const TextNode& root, ProfileLibrary& library, Scenario& scenario);

}  // namespace orrery
