// The flusher of a tiered volume: what is dirty in the fast volume goes to the slow one, in the
// background.
#include <algorithm>
#include <utility>

#include "models/pool/tiered_volume.hpp"

namespace orrery {

namespace {

// A flush that failed is tried again after this.
constexpr Duration kPauseAfterFailure = std::chrono::milliseconds(1);

}  // namespace

void TieredVolume::consider_flushing() {
  while (flushers_ < flush_depth_ && has_to_flush()) {
    ++flushers_;
    background_.spawn(flusher());
  }
}

bool TieredVolume::has_to_flush() {
  const std::int64_t waiting = cache_.waiting_lines();
  if (waiting > high_) is_draining_ = true;
  if (waiting <= low_) is_draining_ = false;
  return waiting > 0 && (is_draining_ || stalled_ > 0 || cleaning_ > 0);
}

Task<> TieredVolume::flusher() {
  while (has_to_flush()) {
    const LineCache::Run run = cache_.begin_flush(flush_lines_);
    Task<bool> work = flush(run);
    const bool done = co_await work;
    if (!done) co_await Delay(calendar_, kPauseAfterFailure);
  }
  --flushers_;
}

Task<bool> TieredVolume::flush(LineCache::Run run) {
  const auto lacking = [this](const LineCache::Slot& s) {
    return blocks_of_line(s.line) & ~s.valid;
  };
  int reads = 0;
  for (std::size_t i = 0; i < run.count; ++i) reads += lacking(cache_[run.slots[i]]) != 0 ? 2 : 1;
  bool failed = false;
  {
    Join<Ledger> join(calendar_, reads, reads);
    TaskScope scope;
    for (std::size_t i = 0; i < run.count; ++i) {
      const LineCache::Slot& s = cache_[run.slots[i]];
      const Blocks rest = lacking(s);
      auto ticket = join.ticket();
      scope.spawn(pass_on(fast_, io_on_fast(Direction::read, run.slots[i], s.valid),
                          std::move(ticket), failed));
      if (rest == 0) continue;
      auto other = join.ticket();
      scope.spawn(
          pass_on(slow_, io_on_slow(Direction::read, s.line, rest), std::move(other), failed));
    }
    co_await join.reached();
  }
  if (!failed) {
    Io io;
    io.direction = Direction::write;
    io.offset = line_size_ * run.first;
    io.length = std::min(line_size_ * static_cast<std::int64_t>(run.count), size_ - io.offset);
    io.ledger = Ledger(calendar_.now());
    Task<IoStatus> work = slow_.submit(io);
    const IoStatus status = co_await work;
    failed = status == IoStatus::failed;
    ++counters_.flushes;
    if (!failed) counters_.flushed += io.length;
  }
  for (std::size_t i = 0; i < run.count; ++i) {
    cache_.end_flush(run.slots[i], !failed);
    became_free(run.slots[i]);
  }
  note_change();
  co_return !failed;
}

Task<> TieredVolume::clean() {
  struct Cleaning {
    explicit Cleaning(std::int64_t& n) : cleaning(n) { ++cleaning; }
    Cleaning(const Cleaning&) = delete;
    Cleaning& operator=(const Cleaning&) = delete;
    ~Cleaning() { --cleaning; }
    std::int64_t& cleaning;
  };
  Cleaning cleaning(cleaning_);
  while (cache_.dirty_lines() > 0) {
    consider_flushing();
    auto change = changed_.pass();
    co_await change;
  }
}

}  // namespace orrery
