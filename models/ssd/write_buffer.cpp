#include "models/ssd/write_buffer.hpp"

#include <algorithm>
#include <bit>

#include "models/ssd/nand_profile.hpp"
#include "sim/random.hpp"

namespace orrery {

WriteBuffer::WriteBuffer(Calendar& calendar, const std::string& name, const NandSsdProfile& profile)
    : calendar_(calendar),
      capacity_(profile.write_buffer / kBlock),
      sequential_rate_(profile.sequential_drain),
      random_rate_(profile.random_drain),
      space_(calendar, capacity_),
      drain_(calendar, name + "/drain", 1),
      counts_(std::bit_ceil(static_cast<std::size_t>(capacity_) * 4)) {}

// Neighbours share a cache line.
std::size_t WriteBuffer::slot_of(std::int64_t block) const {
  constexpr std::uint64_t kInLine = 64 / sizeof(std::uint32_t);
  const auto b = static_cast<std::uint64_t>(block);
  return (mix(b / kInLine) * kInLine + b % kInLine) & (counts_.size() - 1);
}

WriteBuffer::Blocks WriteBuffer::take(Space space) {
  const Blocks blocks = space.blocks_;
  for (std::int64_t b = blocks.first; b < blocks.first + blocks.count; ++b) ++counts_[slot_of(b)];
  space.buffer_ = nullptr;
  return blocks;
}

void WriteBuffer::drain(Blocks blocks, Duration service) {
  const Duration time = slowness_ == 1 ? service : scaled(service, slowness_);
  drained_until_ = after(std::max(drained_until_, calendar_.now()), time);
  draining_.push({blocks, drained_until_});
  drain_.post(time, 0, &WriteBuffer::drained, this);
}

void WriteBuffer::complete(std::uint64_t held) {
  held_[held - released_].is_complete = true;
  while (!held_.empty() && held_.front().is_complete) {
    const Held next = held_.pop();
    ++released_;
    drain(next.blocks, next.service);
  }
}

// The data that came first has been programmed, or is lost with a drain that failed.
void WriteBuffer::drained(void* argument) {
  auto& self = *static_cast<WriteBuffer*>(argument);
  const Blocks blocks = self.draining_.pop().blocks;
  for (std::int64_t b = blocks.first; b < blocks.first + blocks.count; ++b)
    --self.counts_[self.slot_of(b)];
  self.space_.release(self.claimed(blocks));
}

std::optional<TimePoint> WriteBuffer::find(std::int64_t block) const {
  if (draining_.empty() && held_.empty()) return std::nullopt;
  if (counts_[slot_of(block)] == 0) return std::nullopt;
  for (std::size_t i = held_.size(); i-- > 0;)
    if (contains(held_[i].blocks, block)) return calendar_.now() + held_[i].service;
  for (std::size_t i = draining_.size(); i-- > 0;)
    if (contains(draining_[i].blocks, block)) return draining_[i].drained_at;
  return std::nullopt;
}

bool WriteBuffer::holds(Bytes offset, Bytes length) const {
  const Blocks blocks = blocks_in(offset, length);
  for (std::int64_t b = blocks.first; b < blocks.first + blocks.count; ++b)
    if (!find(b)) return false;
  return true;
}

TimePoint WriteBuffer::drained_at(Bytes offset, Bytes length) const {
  TimePoint latest{};
  const Blocks blocks = blocks_in(offset, length);
  for (std::int64_t b = blocks.first; b < blocks.first + blocks.count; ++b)
    if (const auto drained = find(b)) latest = std::max(latest, *drained);
  return latest;
}

}  // namespace orrery
