#include "models/workload/lsm_store.hpp"

#include <algorithm>
#include <cmath>

#include "sim/assert.hpp"

namespace orrery {
namespace {

// A filter of b bits per key with the best number of hashes errs with 0.6185^b.
double false_positive_rate(double bits) { return bits > 0 ? std::pow(0.6185, bits) : 1; }

std::uint64_t block_number(std::uint64_t part, std::uint64_t generation, std::uint64_t block) {
  return mix(block ^ mix(part + (generation << 8)));
}

constexpr std::uint64_t kLevel0Part = 255;
// Tokens of a slowed-down writer are handed out by the millisecond, as RocksDB's WriteController
// does.
constexpr double kRefillSeconds = 1e-3;

}  // namespace

std::vector<ApplicationRecorder::Kind> LsmStore::operations() {
  return {{"read", Direction::read, true}, {"update", Direction::write, true}};
}

LsmStore::LsmStore(const DatabaseHost& host, const ApplicationSpec& spec, const LsmProfile& profile,
                   ApplicationRecorder& recorder)
    : calendar_(host.calendar),
      spec_(spec),
      profile_(profile),
      recorder_(recorder),
      volume_number_(host.volume_number),
      seed_(host.seed),
      name_("application/" + spec.name + "/" + std::to_string(host.volume_number)),
      false_positives_(false_positive_rate(profile.bloom_bits)),
      processor_(host.calendar, host.cpu),
      volume_(host.calendar, host.volume, recorder),
      tables_(profile.log_size(), host.volume.size() - profile.log_size()),
      background_(host.calendar, volume_, processor_, tables_, profile.background_io,
                  profile.merge_rate),
      keys_(spec, hash_of(host.seed, name_ + "/keys")),
      cache_(static_cast<std::size_t>(profile.cache_blocks(spec))),
      block_(profile.block_of(spec)),
      tree_({spec.data(), profile.max_bytes_for_level_base, profile.level_multiplier,
             profile.target_file_size, profile.level0_compaction_trigger}),
      writes_(host.calendar),
      slowdown_(host.calendar, 0, 0),
      log_(host.calendar, volume_, processor_, SequentialRange(Bytes{}, profile.log_size()),
           {profile.write_group, profile.background_io, profile.log_write, profile.sync}, this),
      load_(host.calendar, spec, *this, recorder.start(), recorder.end(), host.seed, name_) {
  ORRERY_INVARIANT(profile.space(spec) <= host.volume.size(), name_.c_str(),
                   "a data set larger than its volume");
}

void LsmStore::start() {
  warm_cache();
  load_.start();
}

void LsmStore::close() {
  const TimePoint now = calendar_.now();
  if (!writes_.is_open()) recorder_.stalled(stopped_since_, now);
  if (is_slowed_) recorder_.slowed(slowed_since_, now);
  load_.close();
  open_.close(now, volume_number_);
}

bool LsmStore::is_read(Draws& draws) const { return draws.uniform() < spec_.read_share; }

JobRecorder& LsmStore::recorder_of(const OperationRequest& request) {
  Draws draws(request.draws);
  return recorder_.operation(is_read(draws) ? kRead : kUpdate);
}

Task<> LsmStore::serve(OperationRequest request) {
  Draws draws(request.draws);
  const bool reads = is_read(draws);
  Operation operation(open_, recorder_of(request), reads ? Direction::read : Direction::write,
                      spec_.entry(), request.arrival);
  operation.ledger().charge_wait(stage::kBacklog, calendar_.now());
  const std::uint64_t key = keys_.key(draws);
  Task<IoStatus> work =
      reads ? get(key, request.thread, operation.ledger()) : put(operation.ledger());
  const IoStatus status = co_await work;
  operation.end(status, calendar_.now(), volume_number_);
}

Task<IoStatus> LsmStore::get(std::uint64_t key, std::uint32_t thread, Ledger& ledger) {
  Task<bool> looking = processor_.work(profile_.get, &ledger);
  const bool is_up = co_await looking;
  if (!is_up) co_return IoStatus::failed;
  const Probes probes = probes_of(key);
  for (std::size_t p = 0; p < probes.count; ++p) {
    const std::uint64_t block = probes.block[p];
    const bool hit = cache_.touch(block);
    recorder_.looked_for_block(hit, calendar_.now());
    if (hit) continue;
    Task<bool> calling = processor_.work(profile_.read_block, &ledger);
    const bool is_still_up = co_await calling;
    if (!is_still_up) co_return IoStatus::failed;
    Task<IoStatus> reading = volume_.submit(Direction::read, tables_.block(block, block_), block_,
                                            IoKind::read, &ledger, thread);
    const IoStatus status = co_await reading;
    if (status == IoStatus::failed) co_return status;
    cache_.insert(block);
  }
  co_return IoStatus::done;
}

LsmStore::Probes LsmStore::probes_of(std::uint64_t key) const {
  Probes probes;
  const auto data = static_cast<double>(spec_.data().count());
  const double place = Draws::unit(mix(key));  // decides in which part the newest version lies
  const double position = (static_cast<double>(key) + 0.5) / static_cast<double>(spec_.keys);
  const auto errs = [&](std::uint64_t part) {
    return Draws::unit(mix(key ^ mix(part))) < false_positives_;
  };
  // The block of a part of `bytes` that holds the key's position.
  const auto at = [&](double bytes) {
    return static_cast<std::uint64_t>(position * bytes / static_cast<double>(block_.count()));
  };
  double up_to =
      static_cast<double>((memtable_ + profile_.write_buffer_size * immutable_).count()) / data;
  if (place < up_to) return probes;
  for (std::size_t f = tree_.level0().size(); f-- > 0;) {
    const LsmTree::File& file = tree_.level0()[f];
    up_to += file.bytes / data;
    const std::uint64_t block = block_number(kLevel0Part, file.number, at(file.bytes));
    if (place < up_to) {
      probes.add(block);
      return probes;
    }
    if (errs(kLevel0Part + file.number)) probes.add(block);
  }
  for (std::size_t level = 1; level < tree_.levels(); ++level) {
    const bool is_last = level + 1 == tree_.levels();
    up_to += tree_.bytes(level) / data;
    // Blocks are counted on the level's target, so that they keep their numbers while it grows and
    // shrinks.
    const std::uint64_t block =
        block_number(level, tree_.generation(level, position), at(tree_.target(level)));
    if (is_last || place < up_to) {
      probes.add(block);
      return probes;
    }
    if (errs(level)) probes.add(block);
  }
  return probes;
}

// What a store that has been up for long has in its cache: the blocks of as many gets as fill it.
void LsmStore::warm_cache() {
  constexpr std::size_t kMost = 8'000'000;
  Draws draws(hash_of(seed_, name_ + "/warm"));
  const std::size_t gets = std::min(4 * cache_.capacity(), kMost);
  for (std::size_t g = 0; g < gets; ++g) {
    const Probes probes = probes_of(keys_.key(draws));
    for (std::size_t p = 0; p < probes.count; ++p) cache_.insert(probes.block[p]);
  }
}

Task<IoStatus> LsmStore::put(Ledger& ledger) {
  Task<bool> working = processor_.work(profile_.put, &ledger);
  const bool is_up = co_await working;
  if (!is_up) co_return IoStatus::failed;
  Task<IoStatus> committing = log_.commit(spec_.entry(), ledger);
  const IoStatus status = co_await committing;
  if (status == IoStatus::failed) co_return status;
  recorder_.updated(spec_.entry(), calendar_.now());
  memtable_ += spec_.entry();
  if (memtable_ >= profile_.write_buffer_size) {
    memtable_ = Bytes{};
    ++immutable_;
    control_writes();
    if (!is_flushing_) {
      is_flushing_ = true;
      scope_.spawn(flush());
    }
  }
  co_return status;
}

Task<> LsmStore::admit(Bytes group) {
  co_await slowdown_.take(static_cast<double>(group.count()));
  while (!writes_.is_open()) {
    co_await writes_.pass();
  }
}

Task<> LsmStore::flush() {
  while (immutable_ > 0) {
    co_await background_.write(profile_.write_buffer_size);
    --immutable_;
    tree_.add_level0(static_cast<double>(profile_.write_buffer_size.count()));
    start_compactions();
    control_writes();
  }
  is_flushing_ = false;
}

void LsmStore::start_compactions() {
  while (compacting_ < profile_.compaction_threads) {
    const auto next = tree_.pick();
    if (!next) return;
    ++compacting_;
    scope_.spawn(compact(*next));
  }
}

Task<> LsmStore::compact(LsmTree::Compaction compaction) {
  co_await background_.merge(whole_bytes(compaction.input + compaction.overlap),
                             whole_bytes(compaction.output));
  tree_.finish(compaction);
  --compacting_;
  start_compactions();
  control_writes();
}

// Stops, slows down or frees writes, and keeps the times.
void LsmStore::control_writes() {
  const TimePoint now = calendar_.now();
  const auto files = static_cast<std::int64_t>(tree_.level0().size());
  const bool stop =
      immutable_ >= profile_.max_write_buffer_number || files >= profile_.level0_stop_trigger;
  const bool slow = !stop && files >= profile_.level0_slowdown_trigger;
  if (stop && writes_.is_open()) {
    writes_.close();
    stopped_since_ = now;
  } else if (!stop && !writes_.is_open()) {
    writes_.open();
    recorder_.stalled(stopped_since_, now);
  }
  if (slow == is_slowed_) return;
  is_slowed_ = slow;
  const double rate = profile_.delayed_write_rate.bytes_per_second();
  slowdown_.set_rate(slow ? rate : 0, slow ? rate * kRefillSeconds : 0);
  if (slow) slowed_since_ = now;
  else recorder_.slowed(slowed_since_, now);
}

}  // namespace orrery
