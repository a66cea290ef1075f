// The write buffer of a drive with power-loss protection: a write is safe, and acknowledged, once
// its data is in it.
//
// Space is claimed before data is fetched from the host and comes back when the data has been
// programmed. Programming is one server: data drains in order of arrival, sequential data (full
// stripes) at one rate and random data (with the garbage collection that it causes in steady state)
// at a lower one, mixtures in proportion. While the buffer has space, writes do not feel that rate;
// when it is full they wait for it, first come, first served.
//
// Data that covers a mapping unit in part cannot be programmed before the rest of the unit has been
// read: it is held until then, and what came after it waits for its turn.
//
//   auto claim = buffer.claim(offset, length);
//   co_await claim;
//   WriteBuffer::Space space(buffer, offset, length);   // given back if the write is abandoned
//   ... transfer ...
//   buffer.fill(std::move(space), sequential);            // or: held =
//                                                         buffer.hold(std::move(space), units); ...
//                                                         //     buffer.complete(held);
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/io.hpp"
#include "sim/ring.hpp"
#include "sim/semaphore.hpp"
#include "sim/station.hpp"

namespace orrery {

struct NandSsdProfile;

class WriteBuffer {
 public:
  WriteBuffer(Calendar& calendar, const std::string& name, const NandSsdProfile& profile);

  // A run of whole blocks. A block that is touched is held and programmed as a whole.
  struct Blocks {
    std::int64_t first = 0;
    std::int64_t count = 0;
  };
  static Blocks blocks_in(Bytes offset, Bytes length) {
    const std::int64_t first = offset / kBlock;
    return {first, units_of(kBlock, offset + length) - first};
  }

  Semaphore::Acquire claim(Bytes offset, Bytes length) {
    return space_.acquire(claimed(blocks_in(offset, length)));
  }

  class Space {
   public:
    Space(WriteBuffer& buffer, Bytes offset, Bytes length)
        : buffer_(&buffer), blocks_(blocks_in(offset, length)) {}
    Space(Space&& other) noexcept
        : buffer_(std::exchange(other.buffer_, nullptr)), blocks_(other.blocks_) {}
    Space& operator=(Space&&) = delete;
    ~Space() {
      if (buffer_ != nullptr) buffer_->space_.release(buffer_->claimed(blocks_));
    }

   private:
    friend class WriteBuffer;
    WriteBuffer* buffer_;
    Blocks blocks_;
  };

  // The data has arrived: it can be read back from here, and drains from now on.
  void fill(Space space, bool sequential) {
    const Blocks blocks = space.blocks_;
    const Duration service = kBlock * blocks.count / (sequential ? sequential_rate_ : random_rate_);
    if (held_.empty()) drain(take(std::move(space)), service);
    else held_.push({take(std::move(space)), service, true});
  }
  // The same for random data of which whole units, `programmed` bytes, are programmed once what
  // they lack has been read: it can be read back from here, and drains from `complete` on. The
  // result names it.
  std::uint64_t hold(Space space, Bytes programmed) {
    held_.push({take(std::move(space)), programmed / random_rate_, false});
    return released_ + held_.size() - 1;
  }
  void complete(std::uint64_t held);

  // Whether all of the range is in the buffer.
  bool holds(Bytes offset, Bytes length) const;
  // When the last block of the range that is in the buffer will have been programmed, or may at the
  // earliest if it is held; the past if none is.
  TimePoint drained_at(Bytes offset, Bytes length) const;

  Bytes free_space() const { return kBlock * space_.available(); }
  // Programming takes `factor` times as long as the profile says.
  void slow_down(double factor) { slowness_ = factor; }
  Station& drain_station() { return drain_; }

 private:
  struct Draining {
    Blocks blocks;
    TimePoint drained_at{};
  };
  struct Held {
    Blocks blocks;
    Duration service{};
    bool is_complete = false;
  };
  static bool contains(Blocks blocks, std::int64_t block) {
    return block >= blocks.first && block < blocks.first + blocks.count;
  }
  // When the youngest data of a block will have been programmed, or may at the earliest; nothing if
  // the buffer has none.
  std::optional<TimePoint> find(std::int64_t block) const;
  // The data is here; its space is given back in drained().
  Blocks take(Space space);
  void drain(Blocks blocks, Duration service);
  std::size_t slot_of(std::int64_t block) const;

  // A request larger than the whole buffer passes through all of it.
  std::int64_t claimed(Blocks blocks) const { return std::min(blocks.count, capacity_); }
  static void drained(void* buffer);

  Calendar& calendar_;
  std::int64_t capacity_;  // in blocks
  BitRate sequential_rate_;
  BitRate random_rate_;
  double slowness_ = 1;
  Semaphore space_;
  Station drain_;
  TimePoint drained_until_{};
  Ring<Draining> draining_;     // in order
  Ring<Held> held_;             // behind them, in order; the first is incomplete
  std::uint64_t released_ = 0;  // from `held_` so far
  // How many blocks in the buffer share a hash: where there are none, no search is needed.
  std::vector<std::uint32_t> counts_;
};

}  // namespace orrery
