#include "models/workload/background_io.hpp"

#include <algorithm>

namespace orrery {
namespace {
// Whole blocks: what the volume sees of a table's last I/O.
Bytes whole_blocks(Bytes bytes) { return kBlock * blocks_of(bytes); }
}  // namespace

Task<> BackgroundIo::move(Bytes read, Bytes written, IoKind write_kind) {
  const Bytes all_read = read, all_written = written;
  while (read > Bytes{} || written > Bytes{}) {
    // The input is ahead of the output by one I/O, and both end together.
    Bytes part = std::min(read, io_size_);
    if (part > Bytes{}) {
      co_await transfer(Direction::read, part, IoKind::compaction_read);
      read -= part;
    } else {
      part = std::min(written, io_size_);
    }
    co_await processor_.work_in_slices(part / merge_);
    const double share = all_read > Bytes{} ? 1 - static_cast<double>(read.count()) /
                                                      static_cast<double>(all_read.count())
                                            : 1;
    const Bytes due{static_cast<std::int64_t>(static_cast<double>(all_written.count()) * share)};
    while (written > Bytes{} && (all_written - written + io_size_ <= due || read == Bytes{})) {
      const Bytes out = std::min(written, io_size_);
      co_await transfer(Direction::write, out, write_kind);
      written -= out;
      if (all_read == Bytes{}) break;
    }
  }
}

Task<> BackgroundIo::transfer(Direction direction, Bytes bytes, IoKind kind) {
  const Bytes length = whole_blocks(bytes);
  if (bucket_ != nullptr) co_await bucket_->take(static_cast<double>(length.count()));
  // Tables lie anywhere; an input is read in order from a place of its own.
  const Bytes offset =
      direction == Direction::write ? tables_.next(length) : tables_.block(reads_++, length);
  for (;;) {
    Task<IoStatus> io = volume_.submit(direction, offset, length, kind);
    const IoStatus status = co_await io;
    if (status == IoStatus::done) break;
    co_await Delay(calendar_, kPauseAfterFailure);
  }
}

}  // namespace orrery
