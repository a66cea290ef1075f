#include "models/ssd/write_buffer.hpp"

#include <algorithm>

#include "models/ssd/nand_ssd.hpp"

namespace orrery {

WriteBuffer::WriteBuffer(Calendar& calendar, const std::string& name, const NandSsdProfile& profile)
    : capacity_(profile.write_buffer / kBlock),
      sequential_rate_(profile.sequential_drain),
      random_rate_(profile.random_drain),
      space_(calendar, capacity_),
      drain_(calendar, name + "/drain", 1) {}

void WriteBuffer::fill(Space space, bool sequential) {
  const Blocks blocks = space.blocks_;
  const Duration service = kBlock * blocks.count / (sequential ? sequential_rate_ : random_rate_);
  drained_until_ = std::max(drained_until_, drain_.calendar().now()) + service;
  for (std::int64_t b = blocks.first; b < blocks.first + blocks.count; ++b) {
    Held& held = held_[b];
    ++held.versions;
    held.drained_at = drained_until_;
  }
  space.buffer_ = nullptr;  // given back in drained()
  draining_.push(blocks);
  drain_.post(service, 0, &WriteBuffer::drained, this);
}

// The data that came first has been programmed, or is lost with a drain that failed.
void WriteBuffer::drained(void* argument) {
  auto& self = *static_cast<WriteBuffer*>(argument);
  const Blocks blocks = self.draining_.pop();
  for (std::int64_t b = blocks.first; b < blocks.first + blocks.count; ++b) {
    const auto held = self.held_.find(b);
    if (--held->second.versions == 0) self.held_.erase(held);
  }
  self.space_.release(self.claimed(blocks));
}

bool WriteBuffer::holds(Bytes offset, Bytes length) const {
  if (held_.empty()) return false;
  const Blocks blocks = blocks_in(offset, length);
  for (std::int64_t b = blocks.first; b < blocks.first + blocks.count; ++b)
    if (!held_.contains(b)) return false;
  return true;
}

TimePoint WriteBuffer::drained_at(Bytes offset, Bytes length) const {
  TimePoint latest{};
  if (held_.empty()) return latest;
  const Blocks blocks = blocks_in(offset, length);
  for (std::int64_t b = blocks.first; b < blocks.first + blocks.count; ++b)
    if (const auto held = held_.find(b); held != held_.end())
      latest = std::max(latest, held->second.drained_at);
  return latest;
}

}  // namespace orrery
