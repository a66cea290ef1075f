// What flushes and compactions do to a volume: sequential reads and writes of large I/Os, one at a
// time per thread, with the CPU time of merging between them, at a bounded rate if there is a
// bucket.
//
// An I/O that fails is tried again after a tenth of a second, as an engine that resumes from a
// background error.
#pragma once

#include "models/workload/application_volume.hpp"
#include "models/workload/processor.hpp"
#include "sim/token_bucket.hpp"

namespace orrery {

class BackgroundIo {
 public:
  // `merge` is what a byte costs in CPU time, of what is read or, if nothing is, written. All
  // outlive this; no bucket: unbounded.
  BackgroundIo(Calendar& calendar, ApplicationVolume& volume, Processor& processor,
               SequentialRange& tables, Bytes io_size, BitRate merge, TokenBucket* bucket = nullptr)
      : calendar_(calendar),
        volume_(volume),
        processor_(processor),
        tables_(tables),
        io_size_(io_size),
        merge_(merge),
        bucket_(bucket) {}

  // Writes a table from memory.
  Task<> write(Bytes bytes) { return move(Bytes{}, bytes, IoKind::flush); }
  // Reads tables and writes what they become, in step.
  Task<> merge(Bytes read, Bytes written) { return move(read, written, IoKind::compaction_write); }

 private:
  static constexpr Duration kPauseAfterFailure = std::chrono::milliseconds(100);

  Task<> move(Bytes read, Bytes written, IoKind write_kind);
  Task<> transfer(Direction direction, Bytes bytes, IoKind kind);

  Calendar& calendar_;
  ApplicationVolume& volume_;
  Processor& processor_;
  SequentialRange& tables_;
  Bytes io_size_;
  BitRate merge_;
  TokenBucket* bucket_;
  std::uint64_t reads_ = 0;
};

}  // namespace orrery
