// What a cache of lines remembers: which lines it holds in which slots, what of them is valid and
// newer, and who was used last.
//
// Two bits per block of a line: valid, and dirty (newer than the slow volume). Clean and dirty
// slots are on lists of their own, the most recently used first; the last clean one that nobody
// uses gives way. Slots that are being flushed are on neither. Everything is allocated at
// construction, some 80 bytes per slot; nothing here takes time.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace orrery {

class LineCache {
 public:
  using Blocks = std::uint64_t;  // of a line, a bit each
  using Index = std::uint32_t;   // of a slot
  static constexpr Index kNone = UINT32_MAX;

  enum class On : std::uint8_t { clean, dirty, neither };
  struct Slot {
    std::int64_t line = -1;
    Blocks valid = 0;
    Blocks dirty = 0;
    Blocks flushing = 0;        // was dirty, on its way to the slow volume
    Blocks filling = 0;         // not valid, on its way from the slow volume
    std::uint32_t users = 0;    // while there are any, the slot stays
    std::uint32_t writers = 0;  // among them
    Index previous = kNone, next = kNone;
    Index chained = kNone;
    On on = On::clean;
    bool used_meanwhile = false;  // while it was flushed
  };

  explicit LineCache(std::int64_t slots);

  std::int64_t size() const { return static_cast<std::int64_t>(slots_.size()); }
  Slot& operator[](Index slot) { return slots_[slot]; }
  const Slot& operator[](Index slot) const { return slots_[slot]; }

  // The slot that holds a line, or kNone.
  Index find(std::int64_t line) const;
  // Gives a line that has no slot the one of the least recently used clean line that nobody uses;
  // kNone if there is none.
  Index take(std::int64_t line);
  bool has_free() const { return next_to_go() != kNone; }
  void touch(Index slot);
  void mark_dirty(Index slot, Blocks blocks);

  static constexpr std::size_t kRun = 64;
  struct Run {
    std::int64_t first = 0;  // line
    std::size_t count = 0;
    std::array<Index, kRun> slots;
  };
  // The least recently used dirty line with its dirty neighbours, `most` lines together. There must
  // be one. The slots are in use until `end_flush`, and dirty again if they are written meanwhile
  // or the flush failed.
  Run begin_flush(std::size_t most);
  void end_flush(Index slot, bool done);

  std::int64_t dirty_lines() const { return dirty_lines_; }  // those being flushed included
  std::int64_t waiting_lines() const { return dirty_.size; }
  std::int64_t evictions() const { return evictions_; }

 private:
  struct List {
    Index first = kNone, last = kNone;
    std::int64_t size = 0;
  };
  Index next_to_go() const;
  List& list_of(On on) { return on == On::clean ? clean_ : dirty_; }
  void link(Index slot, On on, bool at_front);
  void unlink(Index slot);
  Index& head_of(std::int64_t line);
  bool waits(std::int64_t line) const;

  std::vector<Slot> slots_;
  std::vector<Index> heads_;  // by hash
  List clean_, dirty_;
  std::int64_t dirty_lines_ = 0;
  std::int64_t evictions_ = 0;
};

}  // namespace orrery
