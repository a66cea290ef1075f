#include "models/workload/job_result.hpp"

#include <algorithm>
#include <cstdio>

namespace orrery {
namespace {

template <class... Args>
std::string text(const char* format, Args... args) {
  char buffer[512];
  std::snprintf(buffer, sizeof buffer, format, args...);
  return buffer;
}

}  // namespace

Breakdown DirectionResult::slowest(double percent) const {
  Breakdown out;
  if (lat.count() == 0) return out;
  unsigned from = rows.empty() ? 0 : rows.back().bucket;
  std::uint64_t below = 0;
  for (const Row& row : rows) {
    below += row.ios;
    if (below >= lat.rank_of(percent)) {
      from = row.bucket;
      break;
    }
  }
  if (percent <= 0) from = 0;
  for (const Row& row : rows) {
    if (row.bucket < from) continue;
    out.ios += row.ios;
    out.latency_ns += row.latency_ps;
    for (std::size_t s = 0; s < stage::kCount; ++s) {
      out.wait_ns[s] += row.stage_ps[s];
      out.service_ns[s] += row.stage_ps[stage::kCount + s];
    }
  }
  const double scale = 1e-3 / static_cast<double>(std::max<std::uint64_t>(out.ios, 1));
  out.latency_ns *= scale;
  for (double& ns : out.wait_ns) ns *= scale;
  for (double& ns : out.service_ns) ns *= scale;
  return out;
}

bool JobResult::is_idle() const {
  if (arrived == 0) return true;
  // What arrives while it is measured has a latency, has failed or is left in flight.
  return failed == 0 && in_flight == 0 &&
         std::all_of(directions.begin(), directions.end(),
                     [](const DirectionResult& d) { return d.lat.count() == 0; });
}

std::vector<std::string> JobResult::remarks() const {
  std::vector<std::string> out;
  if (is_idle()) {
    out.push_back("no I/O arrived within the runtime");
    return out;
  }
  if (to <= from) {
    out.push_back("the run ended before anything was measured");
    return out;
  }
  const double span = to_seconds(to - from);
  const auto has_latency = [this](Direction d) { return of(d).lat.count() > 0; };
  const bool has_any = has_latency(Direction::read) || has_latency(Direction::write);
  if (!saturated && !has_any && failed == 0)
    out.push_back(
        text("no I/O that arrived in the measured %.4g s ended in them: latencies are longer than "
             "the runtime and there is none to quote",
             span));
  if (saturated)
    out.push_back(
        text("saturated: arrivals outpace completions, %.0f more I/Os in flight after %.4g s; its "
             "latencies grow with the runtime and are not quoted",
             in_flight_growth, span));
  if (warm_up_found && warm_up > Duration{})
    out.push_back(text("warm-up: the first %.4g s were left out (MSER-5)", to_seconds(warm_up)));
  if (!settled)
    out.push_back(
        "not settled: latency still moved in the second half of the run; give ramp_time or "
        "a longer runtime");
  if (transient > Duration{} && !saturated)
    out.push_back(text(
        "not in steady state: mean latency in the first %.4g s after ramp_time is %.2f times that "
        "of the rest; give a longer ramp_time",
        to_seconds(transient), transient_ratio));
  constexpr double kNotable = 0.1;
  if (unended_share > kNotable && !saturated)
    out.push_back(text(
        "too short for what waits: %llu I/Os had not ended when the run did, after %.3g ms on "
        "average where those that ended took %.3g ms; latencies leave them out and are too "
        "low; give a longer runtime",
        static_cast<unsigned long long>(unended), unended_mean_ns * 1e-6, ended_mean_ns * 1e-6));
  for (const Direction d : {Direction::read, Direction::write})
    if (of(d).drift != 1 && !saturated)
      out.push_back(
          text("not in steady state: mean latency of %ss in the second half of the measured span "
               "is %.2f times that in the first; give a longer runtime",
               std::string(name_of(d)).c_str(), of(d).drift));
  if (unended_1s > 0)
    out.push_back(text("%llu I/Os had not ended after 1 s or more, the oldest after %.4g s",
                       static_cast<unsigned long long>(unended_1s), to_seconds(oldest_unended)));
  return out;
}

}  // namespace orrery
