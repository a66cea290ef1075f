#include "models/workload/application_recorder.hpp"

#include <algorithm>

namespace orrery {

double ApplicationResult::write_amplification() const {
  if (updated == Bytes{}) return 0;
  const Bytes written = of(IoKind::flush).bytes + of(IoKind::compaction_write).bytes;
  return static_cast<double>(written.count()) / static_cast<double>(updated.count());
}

ApplicationRecorder::ApplicationRecorder(const ApplicationSpec& spec, std::vector<Kind> operations,
                                         TimePoint start, std::optional<Duration> timeline)
    : kinds_(std::move(operations)),
      start_(start),
      from_(after(start, spec.ramp_time)),
      to_(after(from_, spec.runtime)) {
  counts_.name = spec.name;
  for (const Kind& kind : kinds_) {
    jobs_.push_back(spec.job_of(kind.name, kind.direction, kind.is_whole));
    recorders_.push_back(std::make_unique<JobRecorder>(jobs_.back(), start, timeline));
  }
}

void ApplicationRecorder::set_log(FaultImpact& log, std::size_t job) {
  for (std::size_t k = 0; k < kinds_.size(); ++k)
    if (kinds_[k].is_whole) recorders_[k]->set_log(log, job);
}

void ApplicationRecorder::io_ended(IoKind kind, Bytes length, IoStatus status, TimePoint submitted,
                                   TimePoint now) {
  if (!measures(now)) return;
  ApplicationResult::IoUse& use = counts_.io[static_cast<std::size_t>(kind)];
  if (status == IoStatus::failed) {
    ++use.failed;
    return;
  }
  ++use.completed;
  use.bytes += length;
  use.latency_ns += to_nanoseconds(now - submitted);
}

void ApplicationRecorder::looked_for_block(bool hit, TimePoint now) {
  if (!measures(now)) return;
  ++counts_.block_lookups;
  counts_.block_hits += hit;
}

void ApplicationRecorder::looked_for_row(bool hit, TimePoint now) {
  if (!measures(now)) return;
  ++counts_.row_lookups;
  counts_.row_hits += hit;
}

void ApplicationRecorder::updated(Bytes bytes, TimePoint now) {
  if (measures(now)) counts_.updated += bytes;
}

Duration ApplicationRecorder::measured_part(TimePoint from, TimePoint to) const {
  return std::max(std::min(to, to_) - std::max(from, from_), Duration{});
}

void ApplicationRecorder::stalled(TimePoint from, TimePoint to) {
  const Duration part = measured_part(from, to);
  counts_.stalls += part > Duration{};
  counts_.stalled += part;
}

void ApplicationRecorder::slowed(TimePoint from, TimePoint to) {
  const Duration part = measured_part(from, to);
  counts_.slowdowns += part > Duration{};
  counts_.slowed += part;
}

ApplicationResult ApplicationRecorder::result(TimePoint now) {
  ApplicationResult out = counts_;
  out.from = from_;
  out.to = std::max(std::min(now, to_), from_);
  for (std::size_t k = 0; k < kinds_.size(); ++k)
    out.operations.push_back(
        {kinds_[k].name, kinds_[k].direction, jobs_[k], recorders_[k]->result(now)});
  return out;
}

}  // namespace orrery
