// A fast cache in front of a slow volume: write-back, by lines, least recently used goes first.
//
//   read, all of it cached   fast
//   read otherwise           slow, and fast for what is newer there; from a line's
//                            `promote_after`-th miss on all of the line is read and, behind the
//                            answer, kept
//   write                    fast, into its line or a new one; acknowledged there
//   flush                    fast -> slow, whole lines, in the background
//
// A small write fetches nothing, as validity is known by 4 KiB block, unless it covers a block in
// part: then its line is filled first. A new line takes the place of the least recently used clean
// one. If none is clean, writes wait for the flusher in order of arrival, and reads keep nothing.
//
// The flusher starts above `dirty_high` and stops at `dirty_low`. It takes the least recently used
// dirty line and with it, up to `flush_run`, the dirty lines around it on the slow volume; what a
// line lacks is read from the slow volume, so that whole lines are written in order of address: a
// drive whose indirection unit divides a line has nothing to read first. A line that is written
// while it is flushed stays dirty. A flushed line is the next to go, unless it was used meanwhile.
//
// What hits is nowhere said: it follows from where the I/Os go.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/pool/line_cache.hpp"
#include "models/pool/tier_profile.hpp"
#include "models/volume/block_volume.hpp"
#include "sim/calendar.hpp"
#include "sim/gate.hpp"
#include "sim/join.hpp"
#include "sim/semaphore.hpp"

namespace orrery {

class TieredVolume final : public BlockVolume {
 public:
  // Both volumes outlive this one. It uses what the profile says of the fast one, as far as that
  // has it, and all of the slow one. All memory is allocated here: some 80 bytes per line of the
  // cache.
  TieredVolume(Calendar& calendar, std::string name, BlockVolume& fast, BlockVolume& slow,
               const TierProfile& profile);

  const std::string& name() const override { return name_; }
  Bytes size() const override { return size_; }
  // Waiting for room or for a line being filled is charged to stage::kEngine, all else by the two
  // volumes.
  Task<IoStatus> submit(Io& io) override;
  // Grows if the slow volume does; never shrinks.
  bool resize(Bytes size) override;
  // Of the slow volume; false while anything is dirty, see `clean`.
  bool snapshot(const std::string& snapshot) override;

  // Flushes until nothing is dirty.
  Task<> clean();

  // By line: an I/O over three lines counts three times.
  struct Counters {
    std::int64_t read_hits = 0, read_misses = 0;
    std::int64_t write_hits = 0, write_misses = 0;  // misses took a new line
    std::int64_t promotions = 0;
    std::int64_t stalled_writes = 0;  // waited for room
    std::int64_t flushes = 0;         // writes to the slow volume
    Bytes flushed;
  };
  const Counters& counters() const { return counters_; }
  // What is cached where.
  const LineCache& cache() const { return cache_; }

 private:
  using Blocks = LineCache::Blocks;
  using Index = LineCache::Index;
  class Use;      // a slot stays while it is used
  class Filling;  // the same, and nobody else fills or writes what it lacks
  class Writing;  // the same, and nobody fills it
  class Stall;    // a write waits for room
  struct Suspect {
    std::int64_t line = -1;
    std::int64_t misses = 0;
  };

  Task<IoStatus> on_one_line(Io& io);
  Task<> line_of_many(Io part, Join<Ledger>::Ticket ticket, bool& failed);
  // One part of an I/O that forks. Every part hands in; whether one failed is noted aside.
  static Task<> pass_on(BlockVolume& volume, Io part, Join<Ledger>::Ticket ticket, bool& failed);
  Task<IoStatus> read(Io& io);
  Task<IoStatus> read_both(Io& io, Index slot, Blocks from_fast, Blocks from_slow);
  Task<IoStatus> write(Io& io);
  Task<IoStatus> write_to(Io& io, Index slot, Blocks written);
  Task<IoStatus> pass_to_fast(Io& io, Index slot);
  Task<bool> fill(Io& io, Index slot);
  Task<> store(Filling filling);

  void consider_flushing();
  bool has_to_flush();
  Task<> flusher();
  Task<bool> flush(LineCache::Run run);

  bool is_worth_keeping(std::int64_t line);
  void became_free(Index slot);
  void wake_stalled();
  void note_change();

  Blocks blocks_of_line(std::int64_t line) const;
  Blocks touched_by(const Io& io) const;
  Blocks covered_by(const Io& io) const;
  Io io_on_fast(Direction direction, Index slot, Blocks blocks) const;
  Io io_on_slow(Direction direction, std::int64_t line, Blocks blocks) const;

  Calendar& calendar_;
  std::string name_;
  BlockVolume& fast_;
  BlockVolume& slow_;
  Bytes size_;
  Bytes line_size_;
  std::int64_t promote_after_;
  std::int64_t flush_depth_;
  std::size_t flush_lines_;
  LineCache cache_;
  std::int64_t high_, low_;        // dirty lines
  std::vector<Suspect> suspects_;  // by hash: lines that missed

  Semaphore room_;  // what becomes free is handed to stalled writes
  std::int64_t stalled_ = 0;
  Gate changed_;  // closed; opens for a moment when a slot has been filled, written or flushed
  std::int64_t cleaning_ = 0;
  bool is_draining_ = false;
  std::int64_t flushers_ = 0;
  Counters counters_;
  TaskScope background_;
};

}  // namespace orrery
