// An application's volume: I/O by what it is for, counted.
//
// Tables and logs are ranges that are written in order and begin again at their start; what lies
// where is not remembered.
#pragma once

#include "models/volume/block_volume.hpp"
#include "models/workload/application_recorder.hpp"
#include "sim/calendar.hpp"
#include "sim/task.hpp"

namespace orrery {

// A range of a volume that is written sequentially, round and round.
class SequentialRange {
 public:
  SequentialRange(Bytes begin, Bytes size) : begin_(begin), size_(size) {}
  // The place of the next `length` bytes, which lie in one piece.
  Bytes next(Bytes length) {
    if (at_ + length > size_) at_ = Bytes{};
    const Bytes place = begin_ + at_;
    at_ += length;
    return place;
  }
  // The block that a number names, anywhere in the range.
  Bytes block(std::uint64_t number, Bytes length) const {
    const auto blocks = static_cast<std::uint64_t>(size_ / length);
    return begin_ + length * static_cast<std::int64_t>(number % blocks);
  }
  Bytes size() const { return size_; }

 private:
  Bytes begin_, size_;
  Bytes at_{};
};

class ApplicationVolume {
 public:
  ApplicationVolume(Calendar& calendar, BlockVolume& volume, ApplicationRecorder& recorder)
      : calendar_(calendar), volume_(volume), recorder_(recorder) {}

  // One I/O. The ledger, if there is one, has been charged up to now and takes over the I/O's
  // stages.
  Task<IoStatus> submit(Direction direction, Bytes offset, Bytes length, IoKind kind,
                        Ledger* ledger = nullptr, std::uint32_t queue = 0);

  const std::string& name() const { return volume_.name(); }

 private:
  Calendar& calendar_;
  BlockVolume& volume_;
  ApplicationRecorder& recorder_;
};

}  // namespace orrery
