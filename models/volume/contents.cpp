#include "models/volume/contents.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "sim/assert.hpp"

namespace orrery {
namespace {

bool lies_in(Bytes offset, Bytes length, Bytes size) {
  return offset >= Bytes{} && length >= Bytes{} && offset <= size && length <= size - offset;
}

}  // namespace

Contents::Contents(const Contents& other) : size_(other.size_) {
  pages_.reserve(other.pages_.size());
  for (const auto& page : other.pages_)
    pages_.push_back(page == nullptr ? nullptr : std::make_unique<Page>(*page));
}

void Contents::resize(Bytes size) {
  const std::int64_t blocks = blocks_of(size);
  // The last page is forgotten in part.
  for (std::int64_t b = blocks; b < blocks_of(size_) && b % kPageBlocks != 0; ++b)
    if (at(b) != 0) put(b, 0);
  pages_.resize(static_cast<std::size_t>((blocks + kPageBlocks - 1) / kPageBlocks));
  size_ = size;
}

std::uint64_t Contents::at(std::int64_t block) const {
  const auto& page = pages_[static_cast<std::size_t>(block / kPageBlocks)];
  return page == nullptr ? 0 : (*page)[static_cast<std::size_t>(block % kPageBlocks)];
}

void Contents::put(std::int64_t block, std::uint64_t stamp) {
  auto& page = pages_[static_cast<std::size_t>(block / kPageBlocks)];
  if (page == nullptr) page = std::make_unique<Page>();
  (*page)[static_cast<std::size_t>(block % kPageBlocks)] = stamp;
}

void Contents::write(Bytes offset, Bytes length, std::uint64_t stamp) {
  ORRERY_INVARIANT(lies_in(offset, length, size_), "contents", "a write beyond the end");
  const std::int64_t end = blocks_of(offset + length);
  for (std::int64_t b = offset / kBlock; b < end; ++b) put(b, stamp);
}

std::vector<std::uint64_t> Contents::copy(Bytes offset, Bytes length) const {
  ORRERY_INVARIANT(lies_in(offset, length, size_), "contents", "a copy of what is beyond the end");
  std::vector<std::uint64_t> stamps;
  const std::int64_t end = blocks_of(offset + length);
  stamps.reserve(static_cast<std::size_t>(end - offset / kBlock));
  for (std::int64_t b = offset / kBlock; b < end; ++b) stamps.push_back(at(b));
  return stamps;
}

void Contents::paste(Bytes offset, std::span<const std::uint64_t> stamps) {
  std::int64_t block = offset / kBlock;
  ORRERY_INVARIANT(offset >= Bytes{} && block + std::ssize(stamps) <= blocks_of(size_), "contents",
                   "a paste beyond the end");
  for (const std::uint64_t stamp : stamps) {
    if (stamp != at(block)) put(block, stamp);
    ++block;
  }
}

DirtyMap::DirtyMap(Bytes size, Bytes region)
    : size_(size), region_(region), regions_(units_of(region, size)) {
  ORRERY_INVARIANT(size > Bytes{} && region > Bytes{}, "dirty map", "no size, or no region");
  words_.resize(static_cast<std::size_t>((regions_ + 63) / 64));
}

void DirtyMap::mark(Bytes offset, Bytes length) {
  ORRERY_INVARIANT(lies_in(offset, length, size_), "dirty map", "a write beyond the end");
  const std::int64_t end = units_of(region_, offset + length);
  for (std::int64_t r = offset / region_; r < end; ++r) {
    std::uint64_t& word = words_[static_cast<std::size_t>(r >> 6)];
    const std::uint64_t bit = std::uint64_t{1} << (r & 63);
    count_ += (word & bit) == 0;
    word |= bit;
  }
}

Bytes DirtyMap::bytes() const {
  const Bytes beyond = region_ * regions_ - size_;
  return region_ * count_ - (bit(regions_ - 1) ? beyond : Bytes{});
}

void DirtyMap::clear() {
  std::fill(words_.begin(), words_.end(), 0);
  count_ = 0;
}

DirtyMap DirtyMap::take() {
  DirtyMap taken(size_, region_);
  std::swap(taken.words_, words_);
  std::swap(taken.count_, count_);
  return taken;
}

std::int64_t DirtyMap::find(std::int64_t from, bool dirty) const {
  while (from < regions_) {
    std::uint64_t word = words_[static_cast<std::size_t>(from >> 6)];
    word = (dirty ? word : ~word) >> (from & 63);
    if (word != 0) return std::min(from + std::countr_zero(word), regions_);
    from = (from | 63) + 1;
  }
  return regions_;
}

std::optional<DirtyMap::Run> DirtyMap::next(Bytes from) const {
  if (from >= size_) return std::nullopt;
  const std::int64_t first = find(from / region_, true);
  if (first == regions_) return std::nullopt;
  const Bytes begin = std::max(region_ * first, from);
  return Run{begin, std::min(region_ * find(first, false), size_) - begin};
}

}  // namespace orrery
