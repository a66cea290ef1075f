#include "models/ssd/write_buffer.hpp"

#include <algorithm>
#include <bit>

#include "models/ssd/nand_ssd.hpp"
#include "sim/random.hpp"

namespace orrery {

WriteBuffer::WriteBuffer(Calendar& calendar, const std::string& name, const NandSsdProfile& profile)
    : capacity_(profile.write_buffer / kBlock),
      sequential_rate_(profile.sequential_drain),
      random_rate_(profile.random_drain),
      space_(calendar, capacity_),
      drain_(calendar, name + "/drain", 1),
      counts_(std::bit_ceil(static_cast<std::size_t>(capacity_) * 4)) {}

// Neighbours share a cache line.
std::size_t WriteBuffer::slot_of(std::int64_t block) const {
  constexpr std::uint64_t kInLine = 64 / sizeof(std::uint16_t);
  const auto b = static_cast<std::uint64_t>(block);
  return (mix(b / kInLine) * kInLine + b % kInLine) & (counts_.size() - 1);
}

void WriteBuffer::fill(Space space, bool sequential) {
  const Blocks blocks = space.blocks_;
  const Duration service = kBlock * blocks.count / (sequential ? sequential_rate_ : random_rate_);
  drained_until_ = std::max(drained_until_, drain_.calendar().now()) + service;
  for (std::int64_t b = blocks.first; b < blocks.first + blocks.count; ++b) ++counts_[slot_of(b)];
  space.buffer_ = nullptr;  // given back in drained()
  draining_.push({blocks, drained_until_});
  drain_.post(service, 0, &WriteBuffer::drained, this);
}

// The data that came first has been programmed, or is lost with a drain that failed.
void WriteBuffer::drained(void* argument) {
  auto& self = *static_cast<WriteBuffer*>(argument);
  const Blocks blocks = self.draining_.pop().blocks;
  for (std::int64_t b = blocks.first; b < blocks.first + blocks.count; ++b)
    --self.counts_[self.slot_of(b)];
  self.space_.release(self.claimed(blocks));
}

const WriteBuffer::Draining* WriteBuffer::find(std::int64_t block) const {
  if (counts_[slot_of(block)] == 0) return nullptr;
  for (std::size_t i = draining_.size(); i-- > 0;)
    if (draining_[i].contains(block)) return &draining_[i];
  return nullptr;
}

bool WriteBuffer::holds(Bytes offset, Bytes length) const {
  const Blocks blocks = blocks_in(offset, length);
  for (std::int64_t b = blocks.first; b < blocks.first + blocks.count; ++b)
    if (find(b) == nullptr) return false;
  return true;
}

TimePoint WriteBuffer::drained_at(Bytes offset, Bytes length) const {
  TimePoint latest{};
  const Blocks blocks = blocks_in(offset, length);
  for (std::int64_t b = blocks.first; b < blocks.first + blocks.count; ++b)
    if (const Draining* held = find(b)) latest = std::max(latest, held->drained_at);
  return latest;
}

}  // namespace orrery
