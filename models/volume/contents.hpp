// What a volume remembers of its writes: what its blocks hold, and which of its regions have
// changed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "models/io.hpp"
#include "sim/units.hpp"

namespace orrery {

// What blocks of 4 KiB hold: the stamp (Io::stamp) of the write that was completed last, 0 where
// there was none. A measuring instrument, for checks that no acknowledged write is lost; no part of
// any model of time. Memory is taken where something was written. A write that covers a part of a
// block counts for all of it.
class Contents {
 public:
  explicit Contents(Bytes size) { resize(size); }
  Contents(const Contents& other);
  Contents& operator=(const Contents&) = delete;

  Bytes size() const { return size_; }
  // What lies beyond the new size is forgotten.
  void resize(Bytes size);

  void write(Bytes offset, Bytes length, std::uint64_t stamp);
  std::uint64_t read(Bytes offset) const { return at(offset / kBlock); }

  // The stamps of all blocks that a range touches, for a migration to carry along.
  std::vector<std::uint64_t> copy(Bytes offset, Bytes length) const;
  // One stamp per block, from the block that `offset` is in.
  void paste(Bytes offset, std::span<const std::uint64_t> stamps);

 private:
  static constexpr std::int64_t kPageBlocks = 512;
  using Page = std::array<std::uint64_t, kPageBlocks>;

  std::uint64_t at(std::int64_t block) const;
  void put(std::int64_t block, std::uint64_t stamp);

  Bytes size_;
  std::vector<std::unique_ptr<Page>> pages_;  // null: never written
};

// The regions of a volume that were written since the map was last emptied: one bit each, as a
// migration keeps them.
//
// Of n regions, uniformly random writes at a rate L leave n (1 - exp(-L t / n)) dirty after t: the
// fewer regions there are, the faster all of them are dirty, and the more is copied for each write.
class DirtyMap {
 public:
  DirtyMap(Bytes size, Bytes region);

  Bytes size() const { return size_; }
  Bytes region() const { return region_; }

  void mark(Bytes offset, Bytes length);

  std::int64_t count() const { return count_; }
  // What has to be copied: whole regions, as far as they lie in the volume.
  Bytes bytes() const;
  void clear();
  // The present set; the map goes on empty.
  DirtyMap take();

  // The first dirty range at `from` or behind it, neighbouring regions in one. A round over all of
  // them:
  //   const DirtyMap round = map.take();
  //   for (auto run = round.next(Bytes{}); run; run = round.next(run->end())) copy(run->offset,
  //   run->length);
  struct Run {
    Bytes offset;
    Bytes length;
    Bytes end() const { return offset + length; }
  };
  std::optional<Run> next(Bytes from) const;
  bool is_dirty(Bytes offset) const { return bit(offset / region_); }

 private:
  bool bit(std::int64_t region) const {
    return (words_[static_cast<std::size_t>(region >> 6)] >> (region & 63) & 1) != 0;
  }
  // The first region at `from` or behind it that is dirty, or clean; the number of regions if there
  // is none.
  std::int64_t find(std::int64_t from, bool dirty) const;

  Bytes size_;
  Bytes region_;
  std::int64_t regions_;
  std::int64_t count_ = 0;
  std::vector<std::uint64_t> words_;
};

}  // namespace orrery
