#include "models/workload/recorder.hpp"

#include <algorithm>
#include <cmath>

#include "sim/assert.hpp"

namespace orrery {
namespace {

// Warm-up ends before batch 0, 1, 2, 4, 8 or 16: the first batch of each segment.
constexpr std::array<std::size_t, 6> kSegmentStart = {0, 1, 2, 4, 8, 16};

constexpr std::size_t segment_of(std::size_t batch) {
  std::size_t segment = 0;
  while (segment + 1 < kSegmentStart.size() && kSegmentStart[segment + 1] <= batch) ++segment;
  return segment;
}

void add_zeros(Histogram& h, std::uint64_t ios) { h.add(Duration{}, ios - h.count()); }

}  // namespace

DirectionResult::Row& JobRecorder::Rows::of(unsigned bucket) {
  if (index_.empty()) index_.resize(Histogram::kBuckets);
  std::uint16_t& at = index_[bucket];
  if (at == 0) {
    rows_.emplace_back().bucket = bucket;
    at = static_cast<std::uint16_t>(rows_.size());
  }
  return rows_[at - 1u];
}

JobRecorder::JobRecorder(const JobSpec& job, TimePoint start, std::optional<Duration> timeline)
    : name_(job.name),
      start_(start),
      from_(after(start, job.ramp_time.value_or(Duration{}))),
      to_(after(from_, job.runtime)),
      slice_(std::max((to_ - from_) / static_cast<std::int64_t>(kSlices), Duration{1})),
      find_warm_up_(!job.ramp_time),
      open_loop_(job.open_loop()),
      slices_(kSlices),
      slice_end_(from_ + slice_),
      timeline_step_(timeline.value_or(Duration{})) {
  ORRERY_INVARIANT(!timeline || timeline_step_ > Duration{}, name_.c_str(),
                   "a timeline without a distance between its points");
  if (timeline) {
    timeline_.emplace_back().from = start;
    timeline_end_ = after(start, timeline_step_);
  }
  for (Side& side : sides_) side.batches.resize(kBatches);
}

std::size_t JobRecorder::slice_at(Duration since_from) const {
  return std::min(static_cast<std::size_t>(since_from / slice_), kSlices - 1);
}

// Notes the number in flight at the end of every slice and every interval of the timeline that has
// passed.
void JobRecorder::pass_time(TimePoint now) {
  while (now > slice_end_ && current_slice_ < kSlices) {
    slices_[current_slice_].in_flight = static_cast<double>(in_flight());
    ++current_slice_;
    slice_end_ = current_slice_ == kSlices - 1 ? to_ : slice_end_ + slice_;
  }
  while (now >= timeline_end_) {
    timeline_.back().in_flight = in_flight();
    timeline_.emplace_back().from = timeline_end_;
    timeline_end_ = after(timeline_end_, timeline_step_);
  }
}

void JobRecorder::arrived(TimePoint now) {
  pass_time(now);
  ++arrived_;
  if (now >= from_ && now < to_) ++slices_[slice_at(now - from_)].arrivals;
}

void JobRecorder::set_log(FaultImpact& log, std::size_t job) {
  log_ = &log;
  job_ = job;
}

void JobRecorder::ended(const Io& io, IoStatus status, TimePoint now, std::size_t volume) {
  pass_time(now);
  const Duration latency = now - io.ledger.start();
  const bool done = status == IoStatus::done;
  const auto side = static_cast<std::size_t>(io.direction);
  ++(done ? done_ : failed_);
  ORRERY_INVARIANT(arrived_ >= done_ + failed_, name_.c_str(), "more I/Os ended than arrived");
  ORRERY_INVARIANT(!done || (io.ledger.elapsed() == latency && io.ledger.total() == latency),
                   name_.c_str(), "the stages of an I/O do not add up to its latency");
  if (log_ != nullptr && (io.ledger.disturbed() || !done ||
                          latency - io.ledger.waited(stage::kBacklog) >= FaultImpact::kHang))
    log_->io_ended(job_, volume, io, status, now);
  if (!timeline_.empty()) note_on_timeline(io, status, latency);
  if (now > from_ && now <= to_) {
    Slice& slice = slices_[slice_at(now - from_ - Duration{1})];
    ++(done ? slice.completed : slice.failed)[side];
    if (done) slice.bytes[side] += io.length.count();
  }
  if (done && io.ledger.start() >= from_ && io.ledger.start() < to_) file(io, latency);
}

void JobRecorder::file(const Io& io, Duration latency) {
  Side& side = sides_[static_cast<std::size_t>(io.direction)];
  const std::size_t at = slice_at(io.ledger.start() - from_);
  const std::size_t batch = at / kSlicesPerBatch;
  ++slices_[at].filed;
  slices_[at].latency_ns += to_nanoseconds(latency);
  side.batches[batch].add(latency);

  Segment& segment = side.segments[find_warm_up_ ? segment_of(batch) : 0];
  ++segment.ios;
  if (open_loop_) segment.clat.add(latency - io.ledger.waited(stage::kBacklog));
  DirectionResult::Row& row =
      segment.rows.of(Histogram::bucket_of(static_cast<std::uint64_t>(latency.count()) / 1000));
  ++row.ios;
  row.latency_ps += static_cast<double>(latency.count());
  std::array<Duration, kComponentNames.size() + 1> components{};
  for (std::size_t s = 0; s < stage::kCount; ++s) {
    const auto id = static_cast<StageId>(s);
    components[static_cast<std::size_t>(kComponentOf[s])] +=
        io.ledger.waited(id) + io.ledger.served(id);
    if (const Duration wait = io.ledger.waited(id); wait != Duration{}) {
      segment.stages[s].wait.add(wait);
      row.stage_ps[s] += static_cast<double>(wait.count());
    }
    if (const Duration service = io.ledger.served(id); service != Duration{}) {
      segment.stages[s].service.add(service);
      row.stage_ps[stage::kCount + s] += static_cast<double>(service.count());
    }
  }
  for (std::size_t c = 0; c < kComponentNames.size(); ++c)
    if (components[c] != Duration{}) segment.components[c].add(components[c]);
}

void JobRecorder::note_on_timeline(const Io& io, IoStatus status, Duration latency) {
  TimelinePoint::Part& part = timeline_.back().directions[static_cast<std::size_t>(io.direction)];
  if (status == IoStatus::failed) {
    ++part.failed;
    return;
  }
  ++part.completed;
  part.bytes += io.length;
  part.mean_ns += to_nanoseconds(latency);
  part.max_ns = std::max(part.max_ns, to_nanoseconds(latency));
}

void JobRecorder::left_in_flight(const Io& io, TimePoint now, std::size_t volume) {
  if (log_ != nullptr) log_->io_left(job_, volume, io, now);
  left_in_backlog(io.ledger.start(), now);
}

void JobRecorder::left_in_backlog(TimePoint arrival, TimePoint now) {
  ++unended_;
  const Duration age = now - arrival;
  unended_1s_ += age >= std::chrono::seconds(1);
  unended_60s_ += age >= std::chrono::seconds(60);
  oldest_unended_ = std::max(oldest_unended_, age);
  if (arrival < from_) {
    ++unended_before_;
    unended_before_ns_ += to_nanoseconds(age);
  } else if (arrival < to_) {
    Slice& slice = slices_[slice_at(arrival - from_)];
    ++slice.unended;
    slice.unended_ns += to_nanoseconds(age);
  }
}

// Of every slice; empty if one has no I/O, which is too few to tell anything.
std::vector<double> JobRecorder::mean_latencies() const {
  std::vector<double> series;
  for (const Slice& slice : slices_) {
    if (slice.filed == 0) return {};
    series.push_back(slice.latency_ns / static_cast<double>(slice.filed));
  }
  return series;
}

// MSER-5 over the mean latencies of slices; the cut is moved out to the next end of a segment.
std::size_t JobRecorder::choose_warm_up(std::size_t batches, JobResult& result) const {
  if (batches < kBatches) return 0;
  const std::vector<double> series = mean_latencies();
  if (series.empty()) return 0;
  const WarmUp found = mser(series, kSlicesPerBatch);
  result.settled = found.settled;
  const std::size_t batch = found.dropped / kSlicesPerBatch;
  return *std::lower_bound(kSegmentStart.begin(), kSegmentStart.end(), batch);
}

// After a ramp that was given: whether the beginning still differs from the rest by more than a
// tenth.
void JobRecorder::look_for_transient(std::size_t batches, JobResult& result) const {
  if (batches < kBatches) return;
  const std::vector<double> series = mean_latencies();
  if (series.empty()) return;
  double early = 0, late = 0;
  const WarmUp found = mser(series, kSlicesPerBatch);
  if (found.dropped == 0) return;
  for (std::size_t s = 0; s < series.size(); ++s) (s < found.dropped ? early : late) += series[s];
  early /= static_cast<double>(found.dropped);
  late /= static_cast<double>(series.size() - found.dropped);
  constexpr double kNotable = 0.1;
  if (std::abs(early - late) < kNotable * late) return;
  result.transient = slice_ * static_cast<std::int64_t>(found.dropped);
  result.transient_ratio = early / late;
}

// Latencies are of I/Os that ended; what those that did not have waited so far belongs to the mean
// as well. In a steady state this is the latency's share of the span, so it counts where the span
// is short against what waits.
void JobRecorder::look_for_unended(std::size_t first, std::size_t last, JobResult& result) const {
  std::uint64_t ended = 0, unended = unended_before_;
  double ended_ns = 0, unended_ns = unended_before_ns_;
  for (std::size_t s = first * kSlicesPerBatch; s < last * kSlicesPerBatch; ++s) {
    ended += slices_[s].filed;
    ended_ns += slices_[s].latency_ns;
    unended += slices_[s].unended;
    unended_ns += slices_[s].unended_ns;
  }
  if (ended == 0 || unended == 0) return;
  result.unended = unended;
  result.unended_share = unended_ns / (ended_ns + unended_ns);
  result.unended_mean_ns = unended_ns / static_cast<double>(unended);
  result.ended_mean_ns = ended_ns / static_cast<double>(ended);
}

// Whether the second half of the span differs from the first, by more than a fifth and more than
// either is uncertain.
double drift_of(std::span<const double> latencies, std::span<const double> ios) {
  const std::size_t half = latencies.size() / 2;
  const Interval early = ratio_of_batches(latencies.first(half), ios.first(half));
  const Interval late = ratio_of_batches(latencies.last(half), ios.last(half));
  if (!early.half_width || !late.half_width || early.value <= 0 || late.value <= 0) return 1;
  const double distance = std::abs(late.value - early.value);
  constexpr double kNotable = 0.2;
  const bool is_notable = distance > kNotable * std::min(early.value, late.value) &&
                          distance > *early.half_width + *late.half_width;
  return is_notable ? late.value / early.value : 1;
}

JobResult JobRecorder::result(TimePoint now) {
  ORRERY_INVARIANT(unended_ == 0 || unended_ == arrived_ - done_ - failed_, name_.c_str(),
                   "I/Os in are not done + failed + in flight");
  pass_time(after(now, Duration{1}));
  JobResult out;
  out.name = name_;
  out.open_loop = open_loop_;
  out.arrived = arrived_;
  out.done = done_;
  out.failed = failed_;
  out.in_flight = in_flight();
  out.unended_1s = unended_1s_;
  out.unended_60s = unended_60s_;
  out.oldest_unended = oldest_unended_;
  if (!timeline_.empty()) timeline_.back().in_flight = in_flight();
  out.timeline = timeline_;
  for (TimelinePoint& point : out.timeline)
    for (TimelinePoint::Part& part : point.directions)
      if (part.completed > 0) part.mean_ns /= static_cast<double>(part.completed);

  const std::size_t last =
      now >= to_ ? kBatches
      : now > from_
          ? std::min(static_cast<std::size_t>((now - from_) / slice_) / kSlicesPerBatch, kBatches)
          : 0;
  if (last == 0) {
    out.from = out.to = from_;
    return out;
  }
  const std::size_t first = find_warm_up_ ? choose_warm_up(last, out) : 0;
  if (!find_warm_up_) look_for_transient(last, out);
  const Duration batch_length = slice_ * static_cast<std::int64_t>(kSlicesPerBatch);
  out.from = from_ + batch_length * static_cast<std::int64_t>(first);
  out.to = last == kBatches ? to_ : from_ + batch_length * static_cast<std::int64_t>(last);
  out.warm_up = out.from - start_;
  out.warm_up_found = find_warm_up_;
  look_for_unended(first, last, out);
  for (std::size_t d : {0u, 1u}) fill(out.directions[d], d, first, last);

  std::vector<double> in_flight, done, spans;
  double arrivals = 0;
  for (std::size_t s = first * kSlicesPerBatch; s < last * kSlicesPerBatch; ++s) {
    in_flight.push_back(slices_[s].in_flight);
    arrivals += static_cast<double>(slices_[s].arrivals);
    if (s % kSlicesPerBatch == 0) {
      done.push_back(0);
      spans.push_back(to_seconds(s / kSlicesPerBatch + 1 == kBatches
                                     ? to_ - from_ - batch_length * std::int64_t{kBatches - 1}
                                     : batch_length));
    }
    done.back() += static_cast<double>(slices_[s].completed[0] + slices_[s].completed[1]);
  }
  out.iops = ratio_of_batches(done, spans);
  out.in_flight_growth = rise_of(in_flight);
  out.saturated = open_loop_ && grows_without_bound(in_flight, arrivals);
  return out;
}

void JobRecorder::fill(DirectionResult& out, std::size_t d, std::size_t first,
                       std::size_t last) const {
  const Side& side = sides_[d];
  std::vector<double> done, bytes, spans, latencies, ios;
  const Duration batch_length = slice_ * static_cast<std::int64_t>(kSlicesPerBatch);
  for (std::size_t b = first; b < last; ++b) {
    std::uint64_t completed = 0;
    std::int64_t moved = 0;
    for (std::size_t s = b * kSlicesPerBatch; s < (b + 1) * kSlicesPerBatch; ++s) {
      completed += slices_[s].completed[d];
      out.failed += slices_[s].failed[d];
      moved += slices_[s].bytes[d];
    }
    out.completed += completed;
    out.bytes += Bytes{moved};
    done.push_back(static_cast<double>(completed));
    bytes.push_back(static_cast<double>(moved));
    spans.push_back(to_seconds(b + 1 == kBatches
                                   ? to_ - from_ - batch_length * std::int64_t{kBatches - 1}
                                   : batch_length));
    const Histogram& batch = side.batches[b];
    out.batches.push_back(batch);
    out.lat.merge(batch);
    ios.push_back(static_cast<double>(batch.count()));
    latencies.push_back(batch.mean_ns() * static_cast<double>(batch.count()));
  }
  out.iops = ratio_of_batches(done, spans);
  out.bytes_per_second = ratio_of_batches(bytes, spans);
  out.lat_mean_ns = ratio_of_batches(latencies, ios);
  out.drift = drift_of(latencies, ios);

  Rows rows;
  std::uint64_t filed = 0;
  for (std::size_t g = 0; g < kSegments; ++g) {
    if (find_warm_up_ && kSegmentStart[g] < first) continue;
    const Segment& segment = side.segments[g];
    filed += segment.ios;
    out.clat.merge(segment.clat);
    for (std::size_t s = 0; s < stage::kCount; ++s) {
      out.stages[s].wait.merge(segment.stages[s].wait);
      out.stages[s].service.merge(segment.stages[s].service);
    }
    for (std::size_t c = 0; c < kComponentNames.size(); ++c)
      out.components[c].merge(segment.components[c]);
    for (const DirectionResult::Row& from : segment.rows.all()) {
      DirectionResult::Row& to = rows.of(from.bucket);
      to.ios += from.ios;
      to.latency_ps += from.latency_ps;
      for (std::size_t s = 0; s < to.stage_ps.size(); ++s) to.stage_ps[s] += from.stage_ps[s];
    }
  }
  if (!open_loop_) out.clat = out.lat;
  for (StageTimes& times : out.stages) {
    if (times.wait.count() + times.service.count() == 0) continue;
    add_zeros(times.wait, filed);
    add_zeros(times.service, filed);
  }
  for (Histogram& component : out.components)
    if (component.count() > 0) add_zeros(component, filed);
  out.rows = rows.all();
  std::sort(out.rows.begin(), out.rows.end(),
            [](const auto& a, const auto& b) { return a.bucket < b.bucket; });
}

}  // namespace orrery
