#include "analysis/run/run_checks.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "analysis/result/provenance.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

double sum_ns(const Histogram& h) { return h.mean_ns() * static_cast<double>(h.count()); }

}  // namespace

std::vector<std::string> sides_that_do_not_add_up(const std::vector<JobResult>& results) {
  std::vector<std::string> broken;
  for (const JobResult& result : results)
    for (const Direction direction : {Direction::read, Direction::write}) {
      const DirectionResult& side = result.of(direction);
      double stages = 0;
      for (const StageTimes& times : side.stages)
        stages += sum_ns(times.wait) + sum_ns(times.service);
      const double latencies = sum_ns(side.lat);
      // Sums are exact in picoseconds; what is left is the rounding of their means.
      if (std::abs(stages - latencies) > 1e-9 * std::max(stages, latencies))
        broken.push_back(result.name + " " + std::string(name_of(direction)));
    }
  return broken;
}

Json checks_of(const std::vector<JobResult>& results, const ResourceUsage& span) {
  Json checks = Json::array();
  std::vector<std::string> unbalanced;
  for (const JobResult& r : results)
    if (r.arrived != r.done + r.failed + static_cast<std::uint64_t>(r.in_flight))
      unbalanced.push_back(r.name);
  add_check(checks, "ios_conserved", unbalanced, "I/Os in = done + failed + in flight, per job");
  add_check(checks, "stages_add_up", sides_that_do_not_add_up(results),
            "stage times = latency, to the picosecond, per I/O");
  add_check(checks, "littles_law", span.broken_littles_law(),
            "integral of jobs present = sum of their times, per station");
  add_check(checks, "packets_conserved", span.broken_packet_counts(),
            "packets in = sent + dropped + queued, per port and class");
  if (span.has_flows())
    add_check(checks, "flows_conserved", span.broken_flow_counts(),
              "flows = arrived + broken + under way, per fabric");
  return checks;
}

}  // namespace orrery
