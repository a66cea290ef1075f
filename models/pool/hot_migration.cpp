#include "models/pool/hot_migration.hpp"

#include <algorithm>

#include "sim/gate.hpp"
#include "sim/semaphore.hpp"

namespace orrery {

namespace {

// An engine as the initiator of another one: its reactors poll, nothing is interrupted or woken.
InitiatorProfile pipe_profile(const StorageEngine& engine, const InitiatorProfile& host,
                              std::int64_t depth) {
  InitiatorProfile pipe;
  pipe.tcp_send = engine.profile().tcp_send;
  pipe.tcp_receive = engine.profile().tcp_receive;
  pipe.rdma_send = engine.profile().rdma_send;
  pipe.rdma_receive = engine.profile().rdma_receive;
  pipe.queue_pairs = 1;
  pipe.queue_depth = depth;
  pipe.keep_alive = host.keep_alive;
  pipe.reconnect_delay = host.reconnect_delay;
  pipe.ctrl_loss_timeout = host.ctrl_loss_timeout;
  pipe.connect_time = host.connect_time;
  return pipe;
}

}  // namespace

// What is to be copied, and who does it.
struct HotMigration::Round {
  // The next piece; runs are long, and finding where one ends takes as long.
  std::optional<DirtyMap::Run> next(Bytes most) {
    if (left.length == Bytes{}) {
      const auto run = what.next(left.offset);
      if (!run) return std::nullopt;
      left = *run;
    }
    const Bytes length = std::min(left.length, most);
    const DirtyMap::Run piece{left.offset, length};
    left = {piece.end(), left.length - length};
    return piece;
  }

  DirtyMap what;
  DirtyMap::Run left{};  // of the run at hand
  int copying = 0;
  Gate over;
  TaskScope scope;
};

HotMigration::HotMigration(TaskScope& scope, PooledVolume& volume, LogicalVolume& source,
                           StorageEngine& to, const PoolNetwork& network,
                           const OperationsProfile& profile, Attach attach)
    : scope_(scope),
      volume_(volume),
      source_(source),
      from_(volume.attachment().engine()),
      to_(to),
      network_(network),
      profile_(profile),
      attach_(std::move(attach)),
      calendar_(to.calendar()),
      pipe_profile_(
          pipe_profile(from_, volume.attachment().host().profile(), profile.migration_depth)),
      source_incarnation_(from_.incarnation()),
      dirty_(source.size(), profile.migration_region),
      limit_(calendar_, profile.migration_limit.bytes_per_second(),
             static_cast<double>(profile.migration_unit.count())) {}

void HotMigration::give_up(std::string why) {
  if (report_.failure.empty()) report_.failure = std::move(why);
}

Task<> HotMigration::run() {
  report_.requested = calendar_.now();
  // The engines in one order, so that two migrations cannot wait for each other.
  StorageEngine& first = from_.node().name() < to_.node().name() ? from_ : to_;
  StorageEngine& second = &first == &from_ ? to_ : from_;
  co_await first.operations().acquire();
  Permit first_turn(first.operations());
  co_await second.operations().acquire();
  Permit second_turn(second.operations());
  source_incarnation_ = from_.incarnation();  // an upgrade may have come first
  dirty_ = DirtyMap(source_.size(), profile_.migration_region);
  source_.track_writes(&dirty_);  // which keeps the volume's size as well

  // 1. The destination.
  Task<bool> preparing = prepare();
  bool goes_on = co_await preparing;

  // 2. Rounds.
  if (goes_on) {
    report_.started = calendar_.now();
    dirty_.clear();
    dirty_.mark(Bytes{}, source_.size());
  }
  while (goes_on) {
    Task<bool> copying = copy_round(dirty_.take());
    goes_on = co_await copying;
    if (!goes_on) break;
    const MigrationReport::Round& last = report_.rounds.back();
    if (dirty_.count() == 0 || last.bytes == Bytes{}) break;
    const double rate = static_cast<double>(last.bytes.count()) / to_seconds(last.time);
    if (static_cast<double>(dirty_.bytes().count()) <= rate * to_seconds(profile_.last_round))
      break;
    if (is_stuck()) give_up("it does not converge: as much gets dirty as is copied");
    else if (std::ssize(report_.rounds) >= profile_.migration_rounds)
      give_up("it has not converged within its rounds");
    goes_on = report_.failure.empty();
  }

  // 3. The last round, with I/O held.
  if (goes_on) {
    report_.held = calendar_.now();
    volume_.hold();
    co_await volume_.drained();
    Task<bool> copying = copy_round(dirty_.take());
    goes_on = co_await copying;
    if (goes_on) co_await Delay(calendar_, profile_.migration_switch);
    if (goes_on && !to_.is_running()) {
      give_up("the destination was lost");
      goes_on = false;
    }
  }

  // 4. The destination's, or the source's as before.
  source_.track_writes(nullptr);
  if (pipe_ != nullptr) pipe_->controller().retire();
  if (goes_on) {
    volume_.switch_to(attach_({&to_, destination_}));
    report_.switched = calendar_.now();
    report_.is_done = true;
    volume_.let_go();
    co_await Delay(calendar_, profile_.migration_cleanup);
    from_.store()->remove(source_);
  } else {
    volume_.let_go();
    if (destination_ != nullptr) to_.store()->remove(*destination_);
  }
  report_.ended = calendar_.now();
}

Task<bool> HotMigration::prepare() {
  if (to_.store() == nullptr || !to_.is_running()) {
    give_up("the destination is not running");
    co_return false;
  }
  destination_ =
      to_.store()->create({volume_.name(), source_.size(), source_.layout(), source_.is_thin()});
  if (destination_ == nullptr) {
    give_up("the destination has no space");
    co_return false;
  }
  if (source_.contents() != nullptr) destination_->remember_contents();
  co_await Delay(calendar_, profile_.migration_create);
  pipe_host_ = std::make_unique<Initiator>(from_.node(), pipe_profile_, from_.reactors());
  pipe_ = make_nvme_tcp(*pipe_host_, scope_, {&to_, destination_}, &network_,
                        volume_.name() + "/migration");
  co_await Delay(calendar_, profile_.migration_connect);
  if (!to_.is_running()) give_up("the destination was lost");
  if (!has_source()) give_up("the source was lost");
  co_return report_.failure.empty();
}

Task<bool> HotMigration::copy_round(DirtyMap what) {
  const TimePoint begun = calendar_.now();
  const Bytes before = report_.copied;
  Round round{
      std::move(what), {}, static_cast<int>(profile_.migration_depth), Gate(calendar_, false), {}};
  for (std::int64_t i = 0; i < profile_.migration_depth; ++i) round.scope.spawn(copy(round));
  co_await round.over.pass();
  report_.rounds.push_back({report_.copied - before, calendar_.now() - begun});
  co_return report_.failure.empty();
}

// Copies one piece after the other until there is none left.
Task<> HotMigration::copy(Round& round) {
  HostThread reactor = pipe_host_->new_thread();
  while (report_.failure.empty()) {
    const auto piece = round.next(profile_.migration_unit);
    if (!piece) break;
    const auto [offset, length] = *piece;
    // What a thin volume has never written needs no copy.
    if (source_.is_hole(offset, length)) continue;
    TokenBucket::Take tokens = limit_.take(static_cast<double>(length.count()));
    co_await tokens;

    Io read;
    read.direction = Direction::read;
    read.offset = offset;
    read.length = length;
    read.ledger = Ledger(calendar_.now());
    Task<IoStatus> reading = source_.submit(read);
    const IoStatus status = co_await reading;
    if (status != IoStatus::done || !has_source()) {
      give_up("the source was lost");
      break;
    }
    std::vector<std::uint64_t> stamps;
    if (source_.contents() != nullptr) stamps = source_.contents()->copy(offset, length);

    Io write;
    write.direction = Direction::write;
    write.offset = offset;
    write.length = length;
    write.ledger = Ledger(calendar_.now());
    Task<Outcome> writing = pipe_->attempt(write, reactor);
    const Outcome outcome = co_await writing;
    if (outcome != Outcome::done) {
      give_up(!has_source()                ? "the source was lost"
              : outcome == Outcome::failed ? "the destination cannot write"
                                           : "the destination was lost");
      break;
    }
    if (!stamps.empty()) destination_->contents()->paste(offset, stamps);
    report_.copied += length;
  }
  if (--round.copying == 0) round.over.open();
}

bool HotMigration::is_stuck() const {
  const auto& rounds = report_.rounds;
  if (rounds.size() < 3) return false;
  auto shrinks = [](Bytes from, Bytes to) {
    return static_cast<double>(to.count()) < 0.95 * static_cast<double>(from.count());
  };
  const Bytes last = rounds.back().bytes;
  return !shrinks(rounds[rounds.size() - 2].bytes, last) && !shrinks(last, dirty_.bytes());
}

}  // namespace orrery
