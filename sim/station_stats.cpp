#include "sim/station_stats.hpp"

namespace orrery {

BookFigures figures_between(const StationStats::Snapshot& from, const StationStats::Snapshot& to,
                            double servers) {
  BookFigures out;
  const auto span = static_cast<double>((to.at - from.at).count());
  if (span <= 0) return out;
  out.mean_busy = static_cast<double>(to.busy - from.busy) / span;
  out.utilisation = servers > 0 ? out.mean_busy / servers : 0;
  out.mean_queue = static_cast<double>(to.queued - from.queued) / span;
  const std::int64_t arrived = to.arrived - from.arrived;
  if (arrived > 0)
    out.mean_wait_us =
        static_cast<double>(to.queued - from.queued) / static_cast<double>(arrived) * 1e-6;
  out.served = to.served - from.served;
  out.left = to.left - from.left;
  return out;
}

bool littles_law_holds(const StationStats::Snapshot& since_start) {
  return since_start.in_system == since_start.sojourn;
}

}  // namespace orrery
