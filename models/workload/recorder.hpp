// Measures one job: takes every I/O as it ends, files it, and in the end says what was seen.
//
// The measured span begins after ramp_time, or, without one, with the job; then MSER-5 chooses how
// much of it was warm-up. It is cut into 32 batches of 5 slices each. Latencies go into the batch
// of the I/O's arrival, from which totals and intervals are made; stage times into segments between
// the possible ends of the warm-up (0, 1, 2, 4, 8 or 16 batches), so that any of them can be left
// out afterwards. Zeros are not filed but counted by difference, and bins exist only where
// something was filed: an I/O that passes eight stages takes some 20 additions, a third of a
// microsecond.
//
// Broken books end the run: an I/O whose ledger does not add up to its latency, or more ends than
// arrivals.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/io.hpp"
#include "models/workload/fault_impact.hpp"
#include "models/workload/job.hpp"
#include "models/workload/job_result.hpp"
#include "sim/histogram.hpp"

namespace orrery {

class JobRecorder {
 public:
  // A job that starts at `start`; with a distance between points of the timeline, if there shall be
  // one.
  JobRecorder(const JobSpec& job, TimePoint start, std::optional<Duration> timeline = {});

  // What was hit by faults goes to `log` as well, which outlives the recorder; `job` is the job's
  // number in it.
  void set_log(FaultImpact& log, std::size_t job);

  // The moments that generators report, in order of time; `volume` is the volume's number in the
  // log.
  void arrived(TimePoint now);
  void ended(const Io& io, IoStatus status, TimePoint now, std::size_t volume = 0);
  // At the end of the run, for each I/O that was submitted and has not ended, and for each that
  // arrived and was not submitted.
  void left_in_flight(const Io& io, TimePoint now, std::size_t volume = 0);
  void left_in_backlog(TimePoint arrival, TimePoint now);

  TimePoint start() const { return start_; }
  // When generators stop to issue.
  TimePoint end() const { return to_; }
  std::int64_t in_flight() const { return static_cast<std::int64_t>(arrived_ - done_ - failed_); }

  // What has been seen up to now; earlier than end(), of the whole batches that have passed.
  JobResult result(TimePoint now);

 private:
  static constexpr std::size_t kBatches = 32;
  static constexpr std::size_t kSlicesPerBatch = 5;
  static constexpr std::size_t kSlices = kBatches * kSlicesPerBatch;
  static constexpr std::size_t kSegments = 6;

  // Sums of stage times by bucket of latency: where the time of the slow ones went.
  class Rows {
   public:
    DirectionResult::Row& of(unsigned bucket);
    const std::vector<DirectionResult::Row>& all() const { return rows_; }

   private:
    std::vector<std::uint16_t> index_;  // by bucket: position in rows_ + 1
    std::vector<DirectionResult::Row> rows_;
  };
  struct Segment {
    std::uint64_t ios = 0;
    Histogram clat;  // in an open loop
    std::array<StageTimes, stage::kCount> stages;
    std::array<Histogram, kComponentNames.size()> components;
    Rows rows;
  };
  struct Slice {
    std::array<std::uint64_t, 2> completed{}, failed{};
    std::array<std::int64_t, 2> bytes{};
    std::uint64_t arrivals = 0;
    std::uint64_t filed = 0;  // I/Os that arrived in this slice and were done, and their latencies
    double latency_ns = 0;
    std::uint64_t unended =
        0;  // I/Os that arrived in this slice and had not ended with the run, and their ages
    double unended_ns = 0;
    double in_flight = 0;  // at its end
  };
  struct Side {
    std::vector<Histogram> batches;
    std::array<Segment, kSegments> segments;
  };

  std::size_t slice_at(Duration since_from) const;
  void pass_time(TimePoint now);
  void file(const Io& io, Duration latency);
  void note_on_timeline(const Io& io, IoStatus status, Duration latency);
  std::vector<double> mean_latencies() const;
  std::size_t choose_warm_up(std::size_t batches, JobResult& result) const;
  void look_for_transient(std::size_t batches, JobResult& result) const;
  void look_for_unended(std::size_t first, std::size_t last, JobResult& result) const;
  void fill(DirectionResult& out, std::size_t side, std::size_t first, std::size_t last) const;

  std::string name_;
  FaultImpact* log_ = nullptr;
  std::size_t job_ = 0;
  TimePoint start_, from_, to_;
  Duration slice_;
  bool find_warm_up_, open_loop_;

  std::uint64_t arrived_ = 0, done_ = 0, failed_ = 0;
  std::uint64_t unended_ = 0, unended_1s_ = 0, unended_60s_ = 0;
  Duration oldest_unended_{};
  std::uint64_t unended_before_ = 0;  // of those that arrived before there were slices
  double unended_before_ns_ = 0;

  std::vector<Slice> slices_;
  std::size_t current_slice_ = 0;
  TimePoint slice_end_;
  std::array<Side, 2> sides_;

  Duration timeline_step_;
  TimePoint timeline_end_ = kNever;
  std::vector<TimelinePoint> timeline_;  // mean_ns holds the sum while it is filled
};

}  // namespace orrery
