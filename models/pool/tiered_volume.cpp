#include "models/pool/tiered_volume.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "sim/assert.hpp"
#include "sim/random.hpp"

namespace orrery {
namespace {

// The blocks [first, last) of a line.
LineCache::Blocks blocks_between(std::int64_t first, std::int64_t last) {
  if (last <= first) return 0;
  return (~LineCache::Blocks{0} >> (64 - (last - first))) << first;
}
std::int64_t first_of(LineCache::Blocks blocks) { return std::countr_zero(blocks); }
std::int64_t end_of(LineCache::Blocks blocks) { return 64 - std::countl_zero(blocks); }
// The lowest blocks that follow one another.
LineCache::Blocks first_run_of(LineCache::Blocks blocks) {
  const std::int64_t first = first_of(blocks);
  return blocks_between(first, first + std::countr_one(blocks >> first));
}

}  // namespace

class TieredVolume::Use {
 public:
  Use(TieredVolume& tier, Index slot) : tier_(&tier), slot_(slot) { ++tier.cache_[slot].users; }
  Use(Use&& other) noexcept : tier_(std::exchange(other.tier_, nullptr)), slot_(other.slot_) {}
  Use& operator=(Use&&) = delete;
  ~Use() {
    if (tier_ == nullptr) return;
    --slot().users;
    tier_->became_free(slot_);
  }
  Index index() const { return slot_; }
  LineCache::Slot& slot() const { return tier_->cache_[slot_]; }

 protected:
  TieredVolume* tier_;

 private:
  Index slot_;
};

class TieredVolume::Filling : public Use {
 public:
  Filling(TieredVolume& tier, Index index) : Use(tier, index) {
    LineCache::Slot& s = slot();
    s.filling = tier.blocks_of_line(s.line) & ~s.valid;
  }
  Filling(Filling&&) noexcept = default;
  ~Filling() {
    if (tier_ == nullptr) return;
    slot().filling = 0;
    tier_->note_change();
  }
};

class TieredVolume::Writing : public Use {
 public:
  Writing(TieredVolume& tier, Index index) : Use(tier, index) { ++slot().writers; }
  Writing(Writing&&) = delete;
  ~Writing() {
    if (--slot().writers == 0) tier_->note_change();
  }
};

class TieredVolume::Stall {
 public:
  explicit Stall(TieredVolume& tier) : tier_(tier) {
    ++tier.stalled_;
    ++tier.counters_.stalled_writes;
  }
  Stall(const Stall&) = delete;
  Stall& operator=(const Stall&) = delete;
  ~Stall() { --tier_.stalled_; }

 private:
  TieredVolume& tier_;
};

TieredVolume::TieredVolume(Calendar& calendar, std::string name, BlockVolume& fast,
                           BlockVolume& slow, const TierProfile& profile)
    : calendar_(calendar),
      name_(std::move(name)),
      fast_(fast),
      slow_(slow),
      size_(slow.size()),
      line_size_(kBlock * (profile.line_size / kBlock)),
      promote_after_(profile.promote_after),
      flush_depth_(profile.flush_depth),
      flush_lines_(static_cast<std::size_t>(std::clamp<std::int64_t>(
          profile.flush_run / line_size_, 1, static_cast<std::int64_t>(LineCache::kRun)))),
      cache_(std::min(profile.capacity, fast.size()) / line_size_),
      high_(static_cast<std::int64_t>(profile.dirty_high * static_cast<double>(cache_.size()))),
      low_(std::min(high_, static_cast<std::int64_t>(profile.dirty_low *
                                                     static_cast<double>(cache_.size())))),
      suspects_(promote_after_ > 1 ? std::bit_ceil(static_cast<std::size_t>(cache_.size())) : 0),
      room_(calendar, 0),
      changed_(calendar, false) {
  ORRERY_INVARIANT(cache_.size() > 0, name_.c_str(), "a cache of less than a line");
}

Task<IoStatus> TieredVolume::submit(Io& io) {
  ORRERY_INVARIANT(io.offset >= Bytes{} && io.length > Bytes{} && io.offset + io.length <= size_,
                   name_.c_str(), "an I/O beyond the volume");
  const Bytes end = io.offset + io.length;
  const auto lines = static_cast<int>(units_of(line_size_, end) - io.offset / line_size_);
  if (lines == 1) {
    Task<IoStatus> work = on_one_line(io);
    const IoStatus status = co_await work;
    co_return status;
  }
  bool failed = false;
  Join<Ledger> join(calendar_, lines, lines);
  TaskScope scope;
  for (Bytes from = io.offset; from < end;) {
    const Bytes to = std::min(line_size_ * (from / line_size_ + 1), end);
    Io part = io;
    part.offset = from;
    part.length = to - from;
    auto ticket = join.ticket();
    scope.spawn(line_of_many(part, std::move(ticket), failed));
    from = to;
  }
  const Ledger* slowest = co_await join.reached();
  io.ledger = *slowest;
  co_return failed ? IoStatus::failed : IoStatus::done;
}

Task<> TieredVolume::line_of_many(Io part, Join<Ledger>::Ticket ticket, bool& failed) {
  Task<IoStatus> work = on_one_line(part);
  const IoStatus status = co_await work;
  if (status == IoStatus::failed) failed = true;
  ticket.succeed(part.ledger);
}

Task<IoStatus> TieredVolume::on_one_line(Io& io) {
  return io.direction == Direction::read ? read(io) : write(io);
}

Task<IoStatus> TieredVolume::read(Io& io) {
  const std::int64_t line = io.offset / line_size_;
  const Blocks wanted = touched_by(io);
  Index slot = cache_.find(line);
  if (slot != LineCache::kNone) cache_.touch(slot);
  if (slot != LineCache::kNone && (wanted & ~cache_[slot].valid) == 0) {
    ++counters_.read_hits;
    Task<IoStatus> work = pass_to_fast(io, slot);
    const IoStatus status = co_await work;
    co_return status;
  }

  ++counters_.read_misses;
  if (slot == LineCache::kNone && stalled_ == 0 && is_worth_keeping(line)) slot = cache_.take(line);
  if (slot == LineCache::kNone) {
    Task<IoStatus> work = slow_.submit(io);
    const IoStatus status = co_await work;
    co_return status;
  }
  // A line that is being written or filled is left alone.
  LineCache::Slot& s = cache_[slot];
  const bool is_kept = s.writers == 0 && s.filling == 0;
  std::optional<Filling> filling;
  if (is_kept) filling.emplace(*this, slot);
  Use use(*this, slot);
  Task<IoStatus> work =
      read_both(io, slot, wanted & s.valid, is_kept ? s.filling : wanted & ~s.valid);
  const IoStatus status = co_await work;
  if (is_kept && status == IoStatus::done) {
    ++counters_.promotions;
    background_.spawn(store(std::move(*filling)));
  }
  co_return status;
}

Task<> TieredVolume::pass_on(BlockVolume& volume, Io part, Join<Ledger>::Ticket ticket,
                             bool& failed) {
  Task<IoStatus> work = volume.submit(part);
  const IoStatus status = co_await work;
  if (status == IoStatus::failed) failed = true;
  ticket.succeed(part.ledger);
}

// Reads what is cached from the fast volume and the rest, at the same time, from the slow one.
Task<IoStatus> TieredVolume::read_both(Io& io, Index slot, Blocks from_fast, Blocks from_slow) {
  Io part = io_on_slow(Direction::read, cache_[slot].line, from_slow);
  part.queue = io.queue;
  part.ledger = io.ledger;
  if (from_fast == 0) {
    Task<IoStatus> work = slow_.submit(part);
    const IoStatus status = co_await work;
    io.ledger = part.ledger;
    co_return status;
  }
  Io cached = io_on_fast(Direction::read, slot, from_fast);
  cached.queue = io.queue;
  cached.ledger = io.ledger;
  bool failed = false;
  Join<Ledger> join(calendar_, 2, 2);
  TaskScope scope;
  auto slow_ticket = join.ticket();
  auto fast_ticket = join.ticket();
  scope.spawn(pass_on(slow_, part, std::move(slow_ticket), failed));
  scope.spawn(pass_on(fast_, cached, std::move(fast_ticket), failed));
  const Ledger* slower = co_await join.reached();
  io.ledger = *slower;
  co_return failed ? IoStatus::failed : IoStatus::done;
}

Task<IoStatus> TieredVolume::write(Io& io) {
  const std::int64_t line = io.offset / line_size_;
  const Blocks written = touched_by(io);
  const Blocks in_part = written & ~covered_by(io);
  std::optional<Stall> stall;
  bool is_my_turn = false;
  bool is_counted = false;
  for (;;) {
    Index slot = cache_.find(line);
    const bool is_hit = slot != LineCache::kNone;
    if (!is_hit && (stalled_ == 0 || is_my_turn)) slot = cache_.take(line);
    if (slot == LineCache::kNone) {
      if (!stall) stall.emplace(*this);
      consider_flushing();
      auto turn = room_.acquire();
      co_await turn;
      io.ledger.charge_wait(stage::kEngine, calendar_.now());
      is_my_turn = true;
      continue;
    }
    if (std::exchange(is_my_turn, false) && cache_.has_free()) wake_stalled();
    stall.reset();
    if (!std::exchange(is_counted, true))
      ++(is_hit ? counters_.write_hits : counters_.write_misses);

    const LineCache::Slot& s = cache_[slot];
    const Blocks lacking = in_part & ~s.valid;
    if ((s.filling & written) != 0 || (lacking != 0 && (s.filling != 0 || s.writers > 0))) {
      auto change = changed_.pass();
      co_await change;
      io.ledger.charge_wait(stage::kEngine, calendar_.now());
      continue;
    }
    if (lacking == 0) {
      Task<IoStatus> work = write_to(io, slot, written);
      const IoStatus status = co_await work;
      co_return status;
    }
    Task<bool> work = fill(io, slot);
    const bool filled = co_await work;
    if (!filled) co_return IoStatus::failed;
  }
}

// What was valid may be anything until the write has ended, and counts as dirty from now on.
Task<IoStatus> TieredVolume::write_to(Io& io, Index slot, Blocks written) {
  Writing writing(*this, slot);
  LineCache::Slot& s = writing.slot();
  cache_.mark_dirty(slot, written & s.valid);
  Task<IoStatus> work = pass_to_fast(io, slot);
  const IoStatus status = co_await work;
  if (status == IoStatus::done) {
    s.valid |= written;
    cache_.mark_dirty(slot, written);
    consider_flushing();
  }
  co_return status;
}

Task<IoStatus> TieredVolume::pass_to_fast(Io& io, Index slot) {
  Use use(*this, slot);
  Io part = io;
  part.offset = line_size_ * static_cast<std::int64_t>(slot) + io.offset % line_size_;
  Task<IoStatus> work = fast_.submit(part);
  const IoStatus status = co_await work;
  io.ledger = part.ledger;
  io.stamp = part.stamp;
  co_return status;
}

// Reads what a line lacks and stores it, before `io` writes a block of it in part.
Task<bool> TieredVolume::fill(Io& io, Index slot) {
  Use use(*this, slot);
  Filling filling(*this, slot);
  // The line may grow with the volume meanwhile: then it lacks what is new, and is filled again.
  const Blocks filled = cache_[slot].filling;
  Io part = io_on_slow(Direction::read, cache_[slot].line, filled);
  part.queue = io.queue;
  part.ledger = io.ledger;
  Task<IoStatus> reading = slow_.submit(part);
  const IoStatus status = co_await reading;
  io.ledger = part.ledger;
  if (status == IoStatus::failed) co_return false;
  Task<> storing = store(std::move(filling));
  co_await storing;
  io.ledger.charge_wait(stage::kEngine, calendar_.now());
  co_return (filled & ~cache_[slot].valid) == 0;
}

// Writes what has been read to the fast volume, around what is valid there.
Task<> TieredVolume::store(Filling filling) {
  LineCache::Slot& s = filling.slot();
  for (Blocks left = s.filling; left != 0;) {
    const Blocks run = first_run_of(left);
    Io io = io_on_fast(Direction::write, filling.index(), run);
    Task<IoStatus> work = fast_.submit(io);
    const IoStatus status = co_await work;
    if (status == IoStatus::failed) co_return;
    s.valid |= run;
    left &= ~run;
  }
}

bool TieredVolume::is_worth_keeping(std::int64_t line) {
  if (promote_after_ <= 1) return true;
  Suspect& suspect = suspects_[mix(static_cast<std::uint64_t>(line)) & (suspects_.size() - 1)];
  if (suspect.line != line) suspect = {line, 0};
  if (++suspect.misses < promote_after_) return false;
  suspect = {};
  return true;
}

void TieredVolume::became_free(Index slot) {
  const LineCache::Slot& s = cache_[slot];
  if (s.users == 0 && s.on == LineCache::On::clean) wake_stalled();
}

// Lets one stalled write try again.
void TieredVolume::wake_stalled() {
  if (room_.waiting() > 0) room_.release();
}

void TieredVolume::note_change() {
  changed_.open();
  changed_.close();
}

bool TieredVolume::resize(Bytes size) {
  if (size < size_ || !slow_.resize(size)) return false;
  size_ = size;
  return true;
}

bool TieredVolume::snapshot(const std::string& snapshot) {
  return cache_.dirty_lines() == 0 && slow_.snapshot(snapshot);
}

TieredVolume::Blocks TieredVolume::blocks_of_line(std::int64_t line) const {
  return blocks_between(0, std::min(line_size_ / kBlock, blocks_of(size_ - line_size_ * line)));
}

TieredVolume::Blocks TieredVolume::touched_by(const Io& io) const {
  const Bytes from = io.offset % line_size_;
  return blocks_between(from / kBlock, blocks_of(from + io.length));
}

// Blocks that a write replaces: whole, or up to the volume's end.
TieredVolume::Blocks TieredVolume::covered_by(const Io& io) const {
  const Bytes from = io.offset % line_size_;
  const Bytes to = from + io.length;
  return blocks_between(blocks_of(from),
                        io.offset + io.length == size_ ? blocks_of(to) : to / kBlock);
}

Io TieredVolume::io_on_fast(Direction direction, Index slot, Blocks blocks) const {
  Io io;
  io.direction = direction;
  io.offset = line_size_ * static_cast<std::int64_t>(slot) + kBlock * first_of(blocks);
  io.length = kBlock * (end_of(blocks) - first_of(blocks));
  io.ledger = Ledger(calendar_.now());
  return io;
}

Io TieredVolume::io_on_slow(Direction direction, std::int64_t line, Blocks blocks) const {
  Io io;
  io.direction = direction;
  io.offset = line_size_ * line + kBlock * first_of(blocks);
  io.length = std::min(kBlock * (end_of(blocks) - first_of(blocks)), size_ - io.offset);
  io.ledger = Ledger(calendar_.now());
  return io;
}

}  // namespace orrery
