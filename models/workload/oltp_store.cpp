#include "models/workload/oltp_store.hpp"

#include <algorithm>
#include <cmath>

#include "sim/assert.hpp"

namespace orrery {
namespace {

std::uint64_t block_number(std::uint64_t part, std::uint64_t block) {
  return mix(block ^ mix(part));
}

constexpr std::uint64_t kBasePart = std::uint64_t{1} << 62;
// Tokens of the compactions' bucket that may be saved up, in seconds.
constexpr double kBurstSeconds = 0.01;

}  // namespace

std::vector<ApplicationRecorder::Kind> OltpStore::operations() {
  return {{"read", Direction::read, false},
          {"update", Direction::write, false},
          {"commit", Direction::write, false},
          {"transaction", Direction::write, true}};
}

OltpStore::OltpStore(const DatabaseHost& host, const ApplicationSpec& spec,
                     const OltpProfile& profile, ApplicationRecorder& recorder)
    : calendar_(host.calendar),
      spec_(spec),
      profile_(profile),
      recorder_(recorder),
      volume_number_(host.volume_number),
      seed_(host.seed),
      name_("application/" + spec.name + "/" + std::to_string(host.volume_number)),
      processor_(host.calendar, host.cpu),
      volume_(host.calendar, host.volume, recorder),
      tables_(profile.log_size(), host.volume.size() - profile.log_size()),
      compaction_bucket_(host.calendar, profile.compaction_rate.bytes_per_second(),
                         profile.compaction_rate.bytes_per_second() * kBurstSeconds),
      dumps_(host.calendar, volume_, processor_, tables_, profile.macro_block, profile.merge_rate),
      compactions_(host.calendar, volume_, processor_, tables_, profile.macro_block,
                   profile.merge_rate, &compaction_bucket_),
      keys_(spec, hash_of(host.seed, name_ + "/keys")),
      rows_(static_cast<std::size_t>(profile.cache_rows(spec))),
      blocks_(static_cast<std::size_t>(profile.cache_blocks(spec))),
      block_(profile.block_of(spec)),
      updates_(host.calendar),
      log_(host.calendar, volume_, processor_, SequentialRange(Bytes{}, profile.log_size()),
           {profile.log_group, {}, profile.log_write, true}),
      load_(host.calendar, spec, *this, recorder.start(), recorder.end(), host.seed, name_) {
  ORRERY_INVARIANT(profile.space(spec) <= host.volume.size(), name_.c_str(),
                   "a data set larger than its volume");
}

void OltpStore::start() {
  warm_caches();
  load_.start();
}

void OltpStore::close() {
  if (!updates_.is_open()) recorder_.stalled(full_since_, calendar_.now());
  load_.close();
  open_.close(calendar_.now(), volume_number_);
}

JobRecorder& OltpStore::recorder_of(const OperationRequest&) {
  return recorder_.operation(kTransaction);
}

Task<> OltpStore::serve(OperationRequest request) {
  Draws draws(request.draws);
  Operation transaction(open_, recorder_.operation(kTransaction), Direction::write,
                        spec_.entry() * spec_.statements, request.arrival);
  transaction.ledger().charge_wait(stage::kBacklog, calendar_.now());
  std::int64_t updates = 0;
  IoStatus status = IoStatus::done;
  for (std::int64_t s = 0; s < spec_.statements && status == IoStatus::done; ++s) {
    const bool reads = draws.uniform() < spec_.read_share;
    const std::uint64_t key = keys_.key(draws);
    const TimePoint begun = calendar_.now();
    JobRecorder& recorder = recorder_.operation(reads ? kRead : kUpdate);
    recorder.arrived(begun);
    Operation statement(open_, recorder, reads ? Direction::read : Direction::write, spec_.entry(),
                        begun);
    Task<IoStatus> running = run_statement(key, reads, request.thread, statement.ledger());
    status = co_await running;
    statement.end(status, calendar_.now(), volume_number_);
    append(transaction.ledger(), statement.ledger());
    updates += !reads;
  }
  if (status == IoStatus::done && updates > 0) {
    const TimePoint begun = calendar_.now();
    recorder_.operation(kCommit).arrived(begun);
    Operation commits(open_, recorder_.operation(kCommit), Direction::write,
                      profile_.row_of(spec_) * updates, begun);
    Task<IoStatus> committing = commit(updates, commits.ledger());
    status = co_await committing;
    commits.end(status, calendar_.now(), volume_number_);
    append(transaction.ledger(), commits.ledger());
  }
  transaction.end(status, calendar_.now(), volume_number_);
}

Task<IoStatus> OltpStore::run_statement(std::uint64_t key, bool reads, std::uint32_t thread,
                                        Ledger& ledger) {
  Task<bool> working = processor_.work(profile_.statement, &ledger);
  const bool is_up = co_await working;
  if (!is_up) co_return IoStatus::failed;
  Task<IoStatus> reading = read_row(key, thread, ledger);
  const IoStatus status = co_await reading;
  if (status == IoStatus::failed || reads) co_return status;
  Task<bool> updating = processor_.work(profile_.update, &ledger);
  const bool is_still_up = co_await updating;
  if (!is_still_up) co_return IoStatus::failed;
  while (!updates_.is_open()) {
    co_await updates_.pass();
  }
  ledger.charge_wait(stage::kApplication, calendar_.now());
  recorder_.updated(spec_.entry(), calendar_.now());
  add_to_memtable(profile_.row_of(spec_));
  co_return status;
}

Task<IoStatus> OltpStore::read_row(std::uint64_t key, std::uint32_t thread, Ledger& ledger) {
  if (is_in_memtable(key)) co_return IoStatus::done;
  const bool row_hit = rows_.touch(key);
  recorder_.looked_for_row(row_hit, calendar_.now());
  if (row_hit) co_return IoStatus::done;
  const std::uint64_t block = block_of(key);
  const bool hit = blocks_.touch(block);
  recorder_.looked_for_block(hit, calendar_.now());
  if (!hit) {
    Task<bool> calling = processor_.work(profile_.read_block, &ledger);
    const bool is_up = co_await calling;
    if (!is_up) co_return IoStatus::failed;
    Task<IoStatus> reading = volume_.submit(Direction::read, tables_.block(block, block_), block_,
                                            IoKind::read, &ledger, thread);
    const IoStatus status = co_await reading;
    if (status == IoStatus::failed) co_return status;
    blocks_.insert(block);
  }
  rows_.insert(key);
  co_return IoStatus::done;
}

Task<IoStatus> OltpStore::commit(std::int64_t updates, Ledger& ledger) {
  Task<bool> working = processor_.work(profile_.commit, &ledger);
  const bool is_up = co_await working;
  if (!is_up) co_return IoStatus::failed;
  Task<IoStatus> logging = log_.commit(profile_.row_of(spec_) * updates, ledger);
  const IoStatus status = co_await logging;
  co_return status;
}

Bytes OltpStore::in_memory() const { return memtable_ + frozen_bytes_; }

bool OltpStore::is_in_memtable(std::uint64_t key) const {
  return Draws::unit(mix(key)) < as_number(in_memory()) / as_number(spec_.data());
}

// The micro block of the newest part that has the row.
std::uint64_t OltpStore::block_of(std::uint64_t key) const {
  const double data = as_number(spec_.data());
  const double place = Draws::unit(mix(key));
  const double position = (static_cast<double>(key) + 0.5) / static_cast<double>(spec_.keys);
  const auto at = [&](double bytes) {
    return static_cast<std::uint64_t>(position * bytes / as_number(block_));
  };
  double up_to = as_number(in_memory()) / data;
  for (const auto* parts : {&minis_, &minors_})
    for (std::size_t p = parts->size(); p-- > 0;) {
      const Part& part = (*parts)[p];
      up_to += part.bytes / data;
      if (place < up_to) return block_number(part.number, at(part.bytes));
    }
  return block_number(kBasePart + base_generation_, at(data));
}

// What a store that has been up for long has in its caches: what as many statements as fill them
// have left.
void OltpStore::warm_caches() {
  constexpr std::size_t kMost = 8'000'000;
  Draws draws(hash_of(seed_, name_ + "/warm"));
  const std::size_t reads = std::min(4 * std::max(rows_.capacity(), blocks_.capacity()), kMost);
  for (std::size_t r = 0; r < reads; ++r) {
    const std::uint64_t key = keys_.key(draws);
    if (rows_.touch(key)) continue;
    blocks_.insert(block_of(key));
    rows_.insert(key);
  }
}

void OltpStore::add_to_memtable(Bytes row) {
  memtable_ += row;
  if (as_number(memtable_) >= as_number(profile_.memstore) * profile_.freeze_trigger) {
    frozen_.push(memtable_);
    frozen_bytes_ += memtable_;
    memtable_ = Bytes{};
    if (!is_dumping_) {
      is_dumping_ = true;
      scope_.spawn(dump());
    }
  }
  control_updates();
}

Task<> OltpStore::dump() {
  while (!frozen_.empty()) {
    const Bytes bytes = frozen_.front();
    co_await dumps_.write(bytes);
    frozen_.pop();
    frozen_bytes_ -= bytes;
    minis_.push({++parts_, as_number(bytes)});
    ++dumps_since_major_;
    start_compaction();
    control_updates();
  }
  is_dumping_ = false;
}

void OltpStore::start_compaction() {
  if (is_compacting_) return;
  if (static_cast<std::int64_t>(minis_.size()) >= profile_.minor_compact_trigger) {
    is_compacting_ = true;
    scope_.spawn(compact_minor(minis_.size()));
  } else if (profile_.major_compact_trigger > 0 && !minors_.empty() &&
             dumps_since_major_ >= profile_.major_compact_trigger) {
    is_compacting_ = true;
    dumps_since_major_ = 0;
    scope_.spawn(compact_major(minors_.size()));
  }
}

// Of a and b bytes out of a data set of d, a*b/d are of the same rows.
Task<> OltpStore::compact_minor(std::size_t minis) {
  const double data = as_number(spec_.data());
  double read = 0, written = 0;
  for (std::size_t m = 0; m < minis; ++m) {
    read += minis_[m].bytes;
    written = std::min(written + minis_[m].bytes - written * minis_[m].bytes / data, data);
  }
  co_await compactions_.merge(whole_bytes(read), whole_bytes(written));
  for (std::size_t m = 0; m < minis; ++m) minis_.pop();
  minors_.push({++parts_, written});
  is_compacting_ = false;
  start_compaction();
}

// The base is written anew but for the macro blocks that no row of the minors falls into.
Task<> OltpStore::compact_major(std::size_t minors) {
  const double data = as_number(spec_.data());
  double merged = 0;
  for (std::size_t m = 0; m < minors; ++m) merged += minors_[m].bytes;
  const double rows_per_macro_block =
      merged / as_number(spec_.entry()) / std::max(data / as_number(profile_.macro_block), 1.0);
  const double rewritten = data * (1 - std::exp(-rows_per_macro_block));
  co_await compactions_.merge(whole_bytes(rewritten + merged), whole_bytes(rewritten));
  for (std::size_t m = 0; m < minors; ++m) minors_.pop();
  ++base_generation_;
  is_compacting_ = false;
  start_compaction();
}

// Updates wait from when the memstore is full until a dump has made room.
void OltpStore::control_updates() {
  const bool is_full = in_memory() >= profile_.memstore;
  if (is_full == !updates_.is_open()) return;
  if (is_full) {
    updates_.close();
    full_since_ = calendar_.now();
  } else {
    updates_.open();
    recorder_.stalled(full_since_, calendar_.now());
  }
}

}  // namespace orrery
