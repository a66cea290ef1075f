#include "models/ssd/nand_ssd.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace orrery {

namespace {

Task<IoStatus> refuse() { co_return IoStatus::failed; }

}  // namespace

NandSsd::NandSsd(Calendar& calendar, std::shared_ptr<const NandSsdProfile> profile,
                 std::string name, std::uint64_t seed)
    : calendar_(calendar),
      profile_(std::move(profile)),
      name_(std::move(name)),
      reads_wait_for_drain_(profile_->buffered_read == kBufferedReadsWait),
      controller_(calendar, name_ + "/controller", profile_->command_slots),
      link_read_(calendar, name_ + "/link_read", 1),
      link_write_(calendar, name_ + "/link_write", 1),
      flash_(calendar, name_, *profile_, seed),
      read_ahead_(calendar, *profile_, flash_),
      write_streams_(profile_->streams, profile_->stream_trigger, profile_->stream_window),
      buffer_(calendar, name_, *profile_) {}

Task<IoStatus> NandSsd::submit(Direction direction, Bytes offset, Bytes length, Ledger& ledger) {
  if (!lies_within(offset, length, profile_->capacity)) return refuse();
  if (length <= profile_->max_transfer) return command(direction, offset, length, ledger);
  return commands(direction, offset, length, ledger);
}

Task<IoStatus> NandSsd::command(Direction direction, Bytes offset, Bytes length, Ledger& ledger) {
  return direction == Direction::read ? read(offset, length, ledger)
                                      : write(offset, length, ledger);
}

Task<IoStatus> NandSsd::read(Bytes offset, Bytes length, Ledger& ledger) {
  const Charge charge{&ledger, stage::kSsd};
  ReadAhead::Place place = read_ahead_.observe(offset, length);
  const Duration time = place ? profile_->sequential_read_command : profile_->random_read_command;
  Served served = co_await controller_.use(command_time(time, length), charge);
  if (served != Served::done) co_return IoStatus::failed;

  if (place) {
    auto obtaining = read_ahead_.obtain(std::move(place));
    const bool obtained = co_await obtaining;
    ledger.charge_wait(stage::kSsd, calendar_.now());
    if (!obtained) co_return IoStatus::failed;
    served = co_await link_read_.use(length / profile_->link_read, charge);
    co_return served == Served::done ? IoStatus::done : IoStatus::failed;
  }

  const Bytes end = offset + length;
  if (end <= flash_.end_of_unit(offset)) {
    auto reading = read_unit(offset, length, ledger);
    const bool done = co_await reading;
    co_return done ? IoStatus::done : IoStatus::failed;
  }
  const auto units =
      static_cast<int>(units_of(flash_.stripe_unit(), end) - offset / flash_.stripe_unit());
  TaskScope scope;
  Join<Ledger> join(calendar_, units, units);
  for (Bytes from = offset; from < end;) {
    const Bytes to = std::min(flash_.end_of_unit(from), end);
    auto ticket = join.ticket();
    scope.spawn(unit_of_many(from, to - from, ledger, std::move(ticket)));
    from = to;
  }
  const Ledger* last = co_await join.reached();
  if (!last) {
    ledger.charge_wait(stage::kSsd, calendar_.now());
    co_return IoStatus::failed;
  }
  ledger = *last;
  co_return IoStatus::done;
}

Task<bool> NandSsd::read_unit(Bytes offset, Bytes length, Ledger& ledger) {
  const Charge charge{&ledger, stage::kSsd};
  if (reads_wait_for_drain_) {
    for (TimePoint drained; (drained = buffer_.drained_at(offset, length)) > calendar_.now();)
      co_await Delay(calendar_, drained);
    ledger.charge_wait(stage::kSsd, calendar_.now());
  }
  if (reads_wait_for_drain_ || !buffer_.holds(offset, length)) {
    auto reading = flash_.read(offset, length, charge);
    const bool done = co_await reading;
    if (!done) co_return false;
  }
  const Served served = co_await link_read_.use(length / profile_->link_read, charge);
  co_return served == Served::done;
}

Task<> NandSsd::unit_of_many(Bytes offset, Bytes length, Ledger ledger,
                             Join<Ledger>::Ticket ticket) {
  auto reading = read_unit(offset, length, ledger);
  const bool done = co_await reading;
  if (done) ticket.succeed(ledger);
}

Task<IoStatus> NandSsd::write(Bytes offset, Bytes length, Ledger& ledger) {
  const Charge charge{&ledger, stage::kSsd};
  const bool sequential = write_streams_.observe(offset, length).stream != StreamDetector::kNone;
  const Duration time =
      sequential ? profile_->sequential_write_command : profile_->random_write_command;
  Served served = co_await controller_.use(command_time(time, length), charge);
  if (served != Served::done) co_return IoStatus::failed;

  auto claim = buffer_.claim(offset, length);
  co_await claim;
  WriteBuffer::Space space(buffer_, offset, length);
  ledger.charge_wait(stage::kSsd, calendar_.now());

  served = co_await link_write_.use(length / profile_->link_write, charge);
  if (served != Served::done) co_return IoStatus::failed;
  if (sequential || covers_units(offset, length)) buffer_.fill(std::move(space), sequential);
  else update_units(std::move(space), offset, length);
  co_return IoStatus::done;
}

// Whether nothing of the mapping units that a write touches has to be read. A block is never read
// first.
bool NandSsd::covers_units(Bytes offset, Bytes length) const {
  const Bytes unit = profile_->indirection_unit;
  const Bytes end = offset + length;
  return unit <= kBlock ||
         (offset % unit == Bytes{0} && (end % unit == Bytes{0} || end == profile_->capacity));
}

void NandSsd::update_units(WriteBuffer::Space space, Bytes offset, Bytes length) {
  const Bytes unit = profile_->indirection_unit;
  const std::int64_t units = units_of(unit, offset + length) - offset / unit;
  const std::uint64_t held = buffer_.hold(std::move(space), unit * units);
  updates_.spawn(read_rest(offset, length, held));
}

// Reads what a write has left of its first and last mapping unit, from all dies at once. What
// cannot be read is lost, and drains.
Task<> NandSsd::read_rest(Bytes offset, Bytes length, std::uint64_t held) {
  const Bytes unit = profile_->indirection_unit;
  const Bytes end = offset + length;
  const Bytes last = std::min(unit * units_of(unit, end), profile_->capacity);
  struct Piece {
    Bytes begin, end;
  };
  const auto next = [&](Bytes from) {
    return Piece{from, std::min({flash_.end_of_unit(from), unit * (from / unit + 1), last})};
  };
  const auto is_left = [&](Piece p) { return p.begin < offset || p.end > end; };
  const Bytes first = unit * (offset / unit);
  int pieces = 0;
  for (Piece p = next(first); p.begin < last; p = next(p.end)) pieces += is_left(p);
  TaskScope scope;
  Join<bool> join(calendar_, pieces, pieces);
  for (Piece p = next(first); p.begin < last; p = next(p.end)) {
    if (!is_left(p)) continue;
    auto ticket = join.ticket();
    scope.spawn(read_piece(p.begin, p.end - p.begin, std::move(ticket)));
  }
  co_await join.reached();
  buffer_.complete(held);
}

Task<> NandSsd::read_piece(Bytes offset, Bytes length, Join<bool>::Ticket ticket) {
  auto reading = flash_.read(offset, length, {});
  const bool done = co_await reading;
  ticket.succeed(done);
}

Task<IoStatus> NandSsd::commands(Direction direction, Bytes offset, Bytes length, Ledger& ledger) {
  const auto count = static_cast<int>(units_of(profile_->max_transfer, length));
  const Bytes end = offset + length;
  TaskScope scope;
  Join<Ledger> join(calendar_, count, count);
  for (Bytes from = offset; from < end; from += profile_->max_transfer) {
    auto ticket = join.ticket();
    scope.spawn(command_of_many(direction, from, std::min(profile_->max_transfer, end - from),
                                ledger, std::move(ticket)));
  }
  const Ledger* last = co_await join.reached();
  if (!last) {
    ledger.charge_wait(stage::kSsd, calendar_.now());
    co_return IoStatus::failed;
  }
  ledger = *last;
  co_return IoStatus::done;
}

Task<> NandSsd::command_of_many(Direction direction, Bytes offset, Bytes length, Ledger ledger,
                                Join<Ledger>::Ticket ticket) {
  auto one = command(direction, offset, length, ledger);
  const IoStatus status = co_await one;
  if (status == IoStatus::done) ticket.succeed(ledger);
}

void NandSsd::slow_down(double factor) {
  slowness_ = factor;
  flash_.slow_down(factor);
  buffer_.slow_down(factor);
}

void NandSsd::collect_stations(std::vector<Station*>& into) {
  into.push_back(&controller_);
  flash_.collect_stations(into);
  into.push_back(&link_read_);
  into.push_back(&link_write_);
  into.push_back(&buffer_.drain_station());
}

}  // namespace orrery
