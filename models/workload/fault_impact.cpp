#include "models/workload/fault_impact.hpp"

#include <algorithm>

namespace orrery {

namespace {
TimePoint submission_of(const Io& io) {
  return io.ledger.start() + io.ledger.waited(stage::kBacklog);
}
}  // namespace

void FaultImpact::io_ended(std::size_t job, std::size_t volume, const Io& io, IoStatus status,
                           TimePoint now) {
  const bool failed = status == IoStatus::failed;
  const TimePoint submitted = submission_of(io);
  add({job, volume, io.direction, submitted, now - submitted,
       failed ? Outcome::failed : Outcome::done},
      now, io.ledger.disturbed() || failed);
}

void FaultImpact::io_left(std::size_t job, std::size_t volume, const Io& io, TimePoint now) {
  const TimePoint submitted = submission_of(io);
  const Duration age = now - submitted;
  if (age >= kHang) add({job, volume, io.direction, submitted, age, Outcome::unended}, now, true);
}

void FaultImpact::add(const Hang& io, TimePoint now, bool is_hit) {
  const bool hangs = io.latency >= kHang;
  const bool hangs_long = io.latency >= kLongHang;
  hangs_1s_ += hangs;
  hangs_60s_ += hangs_long;
  if (hangs) {
    hung_[io.volume] = true;
    if (hangs_.size() < kHangsListed) hangs_.push_back(io);
  }
  if (spans_.empty() || !is_hit) return;
  Span& span = spans_.back();
  ++span.hit;
  span.failed += io.outcome == Outcome::failed;
  span.hangs_1s += hangs;
  span.hangs_60s += hangs_long;
  span.worst = std::max(span.worst, io.latency);
  span.last = now;
  if (hit_in_[io.volume] != spans_.size()) ++span.volumes;
  hit_in_[io.volume] = spans_.size();
}

std::uint64_t FaultImpact::volumes_hung() const {
  return static_cast<std::uint64_t>(std::count(hung_.begin(), hung_.end(), true));
}

}  // namespace orrery
