// The names under which a summary has what the model says.
#include "analysis/fleet/fleet_state.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "analysis/result/provenance.hpp"
#include "models/control/fleet/blast_radius.hpp"
#include "models/control/fleet/fleet_checks.hpp"
#include "models/control/fleet/stranded.hpp"
#include "models/control/fleet/waiting_for.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;
using namespace control;

namespace {

template <class Pairs>
Json object_of(const Pairs& pairs) {
  Json out = Json::object();
  for (const auto& [name, value] : pairs) out[name] = value;
  return out;
}

Json reach_json(const BlastRadius::Reach& reach) {
  return {{"mean", reach.mean}, {"p99", reach.p99}, {"max", reach.most}};
}

}  // namespace

Json stranded_json(ControlPlane& plane) {
  const Stranded stranded = stranded_in(plane.context(), plane.scheduler().cache());
  Json out{{"median_pod",
            {{"cpu", static_cast<double>(stranded.median.cpu_millis) / 1000},
             {"memory_bytes", stranded.median.memory},
             {"disk_bytes", stranded.median.disk}}},
           {"cpu", object_of(stranded.cpu)},
           {"memory", object_of(stranded.memory)}};
  if (plane.context().disks.is_pooled) out["disk"] = object_of(stranded.disk);
  return out;
}

Json blast_radius_json(ControlPlane& plane) {
  const BlastRadius radius = blast_radius_of(plane.cluster());
  return {{"nodes", reach_json(radius.nodes)}, {"pods", reach_json(radius.pods)}};
}

Json waiting_json(ControlPlane& plane) {
  return object_of(waiting_for(plane.scheduler(), plane.volumes().unplaced(), plane.block_store()));
}

Json checks_json(ControlPlane& plane) {
  Json checks = Json::array();
  for (const FleetCheck& check : checks_of(plane.context(), plane.migrations()))
    add_check(checks, std::string(check.name), check.broken, std::string(check.claim));
  return checks;
}

}  // namespace orrery
