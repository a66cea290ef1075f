// What was measured of one job, over all its threads and volumes.
//
// lat = slat + clat as in fio: slat is the time an I/O waited in the job's backlog (0 in a closed
// loop), clat the time from its submission to its completion. Failed I/Os are counted and have no
// latency. Latencies are those of I/Os that arrived in the measured span, whenever they ended;
// rates count what completed within it, whenever it arrived. Intervals are of 95 %.
//
// A saturated job's latencies grow with the runtime and describe nothing: they must not be quoted.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/io.hpp"
#include "sim/histogram.hpp"
#include "sim/statistics.hpp"
#include "sim/units.hpp"

namespace orrery {

// A stage's times; every I/O counts, those that passed without delay as zeros. Empty if no I/O was
// ever charged.
struct StageTimes {
  Histogram wait;
  Histogram service;
};

// The mean I/O of a part of the sample, stage by stage, in nanoseconds.
struct Breakdown {
  std::uint64_t ios = 0;
  double latency_ns = 0;
  std::array<double, stage::kCount> wait_ns{};
  std::array<double, stage::kCount> service_ns{};
};

struct DirectionResult {
  std::uint64_t completed = 0;  // within the span, as are the three below
  std::uint64_t failed = 0;
  Bytes bytes{};
  Interval iops;
  Interval bytes_per_second;

  Histogram lat;
  Histogram clat;
  Interval lat_mean_ns;
  double drift =
      // Mean latency of the second half over the first's; 1 where they do not differ to speak of.
      1;
  std::vector<Histogram> batches;  // lat, by arrival in equal spans of time
  std::array<StageTimes, stage::kCount> stages;
  std::array<Histogram, kComponentNames.size()> components;  // waits and services together
  const Histogram& slat() const { return stages[stage::kBacklog].wait; }

  Percentile lat_percentile(double percent) const { return percentile_of(percent, lat, batches); }
  // Where the time of the slowest I/Os went: those in or above the bucket of this percentile. 0 is
  // all of them.
  Breakdown slowest(double percent) const;

  // Sums of stage times by bucket of latency, in ascending order.
  struct Row {
    unsigned bucket = 0;
    std::uint64_t ios = 0;
    double latency_ps = 0;
    std::array<double, 2 * stage::kCount> stage_ps{};  // waits, then services
  };
  std::vector<Row> rows;
};

// One interval of the timeline, by completion.
struct TimelinePoint {
  TimePoint from{};
  std::int64_t in_flight = 0;  // at its end
  struct Part {
    std::uint64_t completed = 0, failed = 0;
    Bytes bytes{};
    double mean_ns = 0, max_ns = 0;
  };
  std::array<Part, 2> directions;
};

struct JobResult {
  std::string name;
  TimePoint from{}, to{};  // the span that the figures are of

  // What was left out as warm-up: the ramp, or what MSER-5 found in a job without ramp_time.
  Duration warm_up{};
  bool warm_up_found = false;  // the latter
  // How long the beginning of a span after a given ramp still differed from the rest, and its mean
  // latency over the rest's.
  Duration transient{};
  double transient_ratio = 1;
  bool settled = true;  // false: still in transition when the first half had been left out

  // Over the whole life of the job: arrived = done + failed + in flight.
  std::uint64_t arrived = 0, done = 0, failed = 0;
  std::int64_t in_flight = 0;

  // Of those in flight at the end, by age; histograms do not have them.
  std::uint64_t unended_1s = 0, unended_60s = 0;
  Duration oldest_unended{};
  // I/Os without a latency, not having ended, which the figures therefore leave out: their share of
  // all that I/Os waited in the measured span, and how long they and those that ended took in the
  // mean.
  std::uint64_t unended = 0;
  double unended_share = 0, unended_mean_ns = 0, ended_mean_ns = 0;

  bool open_loop = false;
  bool saturated = false;       // arrivals outpaced completions over the span
  double in_flight_growth = 0;  // I/Os, over the span, by least squares

  Interval iops;  // both directions
  std::array<DirectionResult, 2> directions;
  const DirectionResult& of(Direction d) const { return directions[static_cast<std::size_t>(d)]; }

  std::vector<TimelinePoint> timeline;

  // Nothing arrived while it was measured, as far as one can tell from what was left in the end.
  bool is_idle() const;
  // In sentences: warm-up left out, saturation, hangs, too short a run.
  std::vector<std::string> remarks() const;
};

}  // namespace orrery
