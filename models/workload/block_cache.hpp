// A cache of blocks that have numbers, of fixed capacity, least recently used out first. What it
// takes is allocated once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace orrery {

class BlockCache {
 public:
  // A capacity of 0 never holds anything.
  explicit BlockCache(std::size_t blocks);

  // Whether the block is there; then it counts as used now.
  bool touch(std::uint64_t block);
  // Puts it in as used now, in place of the least recently used one if the cache is full.
  void insert(std::uint64_t block);

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return nodes_.size(); }

 private:
  using Index = std::uint32_t;
  static constexpr Index kNone = UINT32_MAX;
  struct Node {
    std::uint64_t block;
    Index newer, older;
  };

  std::size_t home(std::uint64_t block) const;
  std::size_t slot_of(
      std::uint64_t block) const;  // where it is, or the free slot where it would be
  void erase(std::size_t slot);
  void unlink(Index node);
  void make_newest(Index node);

  std::vector<Node> nodes_;
  std::vector<Index> slots_;  // open addressing, a power of two
  std::size_t size_ = 0;
  Index newest_ = kNone, oldest_ = kNone;
};

}  // namespace orrery
