#include "models/volume/mirrored_volume.hpp"

#include <algorithm>
#include <utility>

#include "sim/assert.hpp"
#include "sim/token_bucket.hpp"

namespace orrery {

class MirroredVolume::Writing {
 public:
  Writing(MirroredVolume& mirror, Range range) : mirror_(mirror), range_(range) {
    next_ = mirror.newest_;
    if (next_ != nullptr) next_->previous_ = this;
    mirror.newest_ = this;
  }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;
  ~Writing() {
    if (next_ != nullptr) next_->previous_ = previous_;
    (previous_ != nullptr ? previous_->next_ : mirror_.newest_) = next_;
    if (range_.overlaps(mirror_.window_) && --mirror_.writes_in_window_ == 0) mirror_.quiet_.open();
  }
  Range range() const { return range_; }
  const Writing* next() const { return next_; }

 private:
  MirroredVolume& mirror_;
  Range range_;
  Writing* previous_ = nullptr;
  Writing* next_ = nullptr;
};

class MirroredVolume::Copying {
 public:
  Copying(MirroredVolume& mirror, Range window) : mirror_(mirror) {
    mirror.window_ = window;
    mirror.window_gate_.close();
    for (const Writing* w = mirror.newest_; w != nullptr; w = w->next())
      mirror.writes_in_window_ += w->range().overlaps(window);
    if (mirror.writes_in_window_ > 0) mirror.quiet_.close();
  }
  Copying(const Copying&) = delete;
  Copying& operator=(const Copying&) = delete;
  ~Copying() {
    mirror_.window_ = {};
    mirror_.writes_in_window_ = 0;
    mirror_.quiet_.open();
    mirror_.window_gate_.open();
  }

 private:
  MirroredVolume& mirror_;
};

class MirroredVolume::Rebuilding {
 public:
  Rebuilding(MirroredVolume& mirror, std::size_t member) : mirror_(mirror), member_(member) {
    mirror.members_[member].state = State::rebuilding;
    mirror.rebuilt_ = member;
    mirror.frontier_ = Bytes{};
  }
  Rebuilding(const Rebuilding&) = delete;
  Rebuilding& operator=(const Rebuilding&) = delete;
  ~Rebuilding() {
    mirror_.rebuilt_ = kNobody;
    if (goes_on()) mirror_.members_[member_].state = State::dropped;
  }
  // Nobody has dropped the member meanwhile.
  bool goes_on() const { return mirror_.members_[member_].state == State::rebuilding; }
  void succeed() { mirror_.members_[member_].state = State::in_sync; }

 private:
  MirroredVolume& mirror_;
  std::size_t member_;
};

MirroredVolume::MirroredVolume(Calendar& calendar, std::string name,
                               std::vector<BlockVolume*> members)
    : calendar_(calendar), name_(std::move(name)), window_gate_(calendar), quiet_(calendar) {
  ORRERY_INVARIANT(!members.empty() && members.size() <= kMembers, name_.c_str(),
                   "a mirror has 1 to 16 members");
  size_ = members.front()->size();
  for (BlockVolume* volume : members) {
    members_.push_back({volume});
    size_ = std::min(size_, volume->size());
  }
}

std::size_t MirroredVolume::in_sync() const {
  return static_cast<std::size_t>(std::count_if(
      members_.begin(), members_.end(), [](const Member& m) { return m.state == State::in_sync; }));
}

Task<IoStatus> MirroredVolume::submit(Io& io) {
  ORRERY_INVARIANT(io.offset >= Bytes{} && io.length > Bytes{} && io.offset + io.length <= size_,
                   name_.c_str(), "an I/O beyond the volume");
  return io.direction == Direction::read ? read(io) : write(io);
}

// The member in sync with the fewest reads in flight that is not among those tried.
std::size_t MirroredVolume::choose(Set tried) {
  std::size_t best = kNobody;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const std::size_t m = (turn_ + i) % members_.size();
    if (members_[m].state != State::in_sync || (tried >> m & 1) != 0) continue;
    if (best == kNobody || members_[m].reads < members_[best].reads) best = m;
  }
  if (best != kNobody) turn_ = (best + 1) % members_.size();
  return best;
}

Task<IoStatus> MirroredVolume::read(Io& io) {
  struct Counted {
    explicit Counted(std::int64_t& n) : reads(n) { ++reads; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { --reads; }
    std::int64_t& reads;
  };
  Set tried = 0;
  for (;;) {
    const std::size_t m = choose(tried);
    if (m == kNobody) co_return IoStatus::failed;
    if (tried != 0) ++counters_.retried_reads;
    tried |= Set{1} << m;
    Counted counted(members_[m].reads);
    Task<IoStatus> work = members_[m].volume->submit(io);
    const IoStatus status = co_await work;
    if (status == IoStatus::done) co_return status;
  }
}

// Who has to get a write that begins at `offset`. One that crosses the frontier goes whole: what
// lies above is copied again.
MirroredVolume::Set MirroredVolume::receivers(Bytes offset) const {
  Set set = 0;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const State state = members_[m].state;
    if (state == State::in_sync || (state == State::rebuilding && offset < frontier_))
      set |= Set{1} << m;
  }
  return set;
}

Task<IoStatus> MirroredVolume::write(Io& io) {
  const Range range{io.offset, io.offset + io.length};
  if (range.overlaps(window_)) {
    ++counters_.stalled_writes;
    while (range.overlaps(window_)) {
      auto passed = window_gate_.pass();
      co_await passed;
    }
    io.ledger.charge_wait(stage::kEngine, calendar_.now());
  }
  Writing writing(*this, range);
  const Set members = receivers(io.offset);
  Task<IoStatus> work = write_to(members, io);
  const IoStatus status = co_await work;
  co_return status;
}

Task<IoStatus> MirroredVolume::write_to(Set members, Io& io) {
  int parts = 0;
  for (Set left = members; left != 0; left &= left - 1) ++parts;
  Set done = 0;
  Join<Ledger> join(calendar_, parts, parts);
  TaskScope scope;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    if ((members >> m & 1) == 0) continue;
    auto ticket = join.ticket();
    scope.spawn(write_part(m, io, std::move(ticket), done));
  }
  const Ledger* slowest = co_await join.reached();
  io.ledger = *slowest;
  co_return settle(members, done);
}

Task<> MirroredVolume::write_part(std::size_t member, Io part, Join<Ledger>::Ticket ticket,
                                  Set& done) {
  Task<IoStatus> work = members_[member].volume->submit(part);
  const IoStatus status = co_await work;
  if (status == IoStatus::done) done |= Set{1} << member;
  ticket.succeed(part.ledger);
}

// What a write has come to: it counts where the member is still in sync. Who failed it is dropped,
// unless it is nowhere.
IoStatus MirroredVolume::settle(Set sent, Set done) {
  bool safe = false;
  for (std::size_t m = 0; m < members_.size(); ++m)
    safe |= (done >> m & 1) != 0 && members_[m].state == State::in_sync;
  for (std::size_t m = 0; m < members_.size(); ++m)
    if ((sent >> m & 1) != 0 && (done >> m & 1) == 0 &&
        (safe || members_[m].state == State::rebuilding))
      drop(m);
  return safe ? IoStatus::done : IoStatus::failed;
}

bool MirroredVolume::drop(std::size_t member) {
  Member& m = members_[member];
  if (m.state == State::dropped) return true;
  if (m.state == State::in_sync && in_sync() == 1) return false;
  m.state = State::dropped;
  ++counters_.dropped;
  return true;
}

Task<bool> MirroredVolume::rebuild(std::size_t member, BitRate rate, Bytes window) {
  ORRERY_INVARIANT(rebuilt_ == kNobody && members_[member].state == State::dropped, name_.c_str(),
                   "a rebuild needs a dropped member and no other rebuild");
  ORRERY_INVARIANT(window > Bytes{}, name_.c_str(), "a rebuild copies windows of some size");
  Rebuilding rebuilding(*this, member);
  TokenBucket throttle(calendar_, rate.bytes_per_second(), static_cast<double>(window.count()));
  while (frontier_ < size_) {
    const Range next{frontier_, std::min(frontier_ + window, size_)};
    auto allowed = throttle.take(static_cast<double>((next.end - next.begin).count()));
    co_await allowed;
    Task<bool> copying = copy(member, next);
    const bool copied = co_await copying;
    if (!copied || !rebuilding.goes_on()) co_return false;
  }
  rebuilding.succeed();
  co_return true;
}

Task<bool> MirroredVolume::copy(std::size_t member, Range window) {
  Copying copying(*this, window);
  auto quiet = quiet_.pass();
  co_await quiet;
  Io from;
  from.offset = window.begin;
  from.length = window.end - window.begin;
  from.ledger = Ledger(calendar_.now());
  Task<IoStatus> reading = read(from);
  const IoStatus was_read = co_await reading;
  if (was_read != IoStatus::done) co_return false;
  Io to;
  to.direction = Direction::write;
  to.offset = from.offset;
  to.length = from.length;
  to.ledger = from.ledger;
  Task<IoStatus> writing = members_[member].volume->submit(to);
  const IoStatus written = co_await writing;
  if (written != IoStatus::done) co_return false;
  frontier_ = window.end;
  counters_.rebuilt += to.length;
  co_return true;
}

bool MirroredVolume::resize(Bytes size) {
  if (rebuilt_ != kNobody || size <= Bytes{}) return false;
  std::vector<Bytes> before;
  for (const Member& m : members_) {
    before.push_back(m.volume->size());
    if (m.volume->resize(size)) continue;
    for (std::size_t i = 0; i + 1 < before.size(); ++i) members_[i].volume->resize(before[i]);
    return false;
  }
  size_ = size;
  return true;
}

bool MirroredVolume::snapshot(const std::string& snapshot) {
  bool all = true;
  for (const Member& m : members_)
    if (m.state == State::in_sync) all = m.volume->snapshot(snapshot) && all;
  return all;
}

}  // namespace orrery
