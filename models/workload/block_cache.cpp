#include "models/workload/block_cache.hpp"

#include <bit>

#include "sim/random.hpp"

namespace orrery {

BlockCache::BlockCache(std::size_t blocks)
    : nodes_(blocks), slots_(std::bit_ceil(2 * blocks + 2), kNone) {}

std::size_t BlockCache::home(std::uint64_t block) const { return mix(block) & (slots_.size() - 1); }

std::size_t BlockCache::slot_of(std::uint64_t block) const {
  std::size_t slot = home(block);
  while (slots_[slot] != kNone && nodes_[slots_[slot]].block != block)
    slot = (slot + 1) & (slots_.size() - 1);
  return slot;
}

bool BlockCache::touch(std::uint64_t block) {
  const Index node = slots_[slot_of(block)];
  if (node == kNone) return false;
  if (node != newest_) {
    unlink(node);
    make_newest(node);
  }
  return true;
}

void BlockCache::insert(std::uint64_t block) {
  if (nodes_.empty() || touch(block)) return;
  Index node = static_cast<Index>(size_);
  if (size_ == nodes_.size()) {
    node = oldest_;
    erase(slot_of(nodes_[node].block));
    unlink(node);
  } else {
    ++size_;
  }
  nodes_[node].block = block;
  slots_[slot_of(block)] = node;
  make_newest(node);
}

// Entries behind the gap move up as long as that brings them no further than home.
void BlockCache::erase(std::size_t gap) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = (gap + 1) & mask; slots_[slot] != kNone; slot = (slot + 1) & mask) {
    const std::size_t wanted = home(nodes_[slots_[slot]].block);
    if (((slot - wanted) & mask) < ((slot - gap) & mask)) continue;
    slots_[gap] = slots_[slot];
    gap = slot;
  }
  slots_[gap] = kNone;
}

void BlockCache::unlink(Index node) {
  const Node& n = nodes_[node];
  (n.newer != kNone ? nodes_[n.newer].older : newest_) = n.older;
  (n.older != kNone ? nodes_[n.older].newer : oldest_) = n.newer;
}

void BlockCache::make_newest(Index node) {
  nodes_[node].newer = kNone;
  nodes_[node].older = newest_;
  (newest_ != kNone ? nodes_[newest_].newer : oldest_) = node;
  newest_ = node;
}

}  // namespace orrery
