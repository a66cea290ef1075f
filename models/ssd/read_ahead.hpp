// Read-ahead: once a stream of reads is recognised, the drive fetches from flash what will be asked
// for next.
//
// The flash is read as far ahead of the stream's end as the stream has come since it was
// recognised, at most `read_ahead` bytes: what turns out to be no stream costs at most as much
// again. Fetching loads dies and channels like any other read. What has been fetched and what has
// been consumed is counted in bytes per stream: a request waits until as many bytes have been
// fetched as the stream has advanced up to its end. A request behind the stream's end finds its
// data already fetched.
#pragma once

#include <memory>
#include <vector>

#include "models/ssd/flash_array.hpp"
#include "models/ssd/stream_detector.hpp"
#include "sim/semaphore.hpp"
#include "sim/task.hpp"

namespace orrery {

class ReadAhead {
 public:
  ReadAhead(Calendar& calendar, const NandSsdProfile& profile, FlashArray& flash);

  struct Stream {
    explicit Stream(Calendar& calendar) : fetched(calendar, 0) {}
    Semaphore fetched;  // bytes in the read-ahead buffer that nobody has asked for
    Bytes begun{};
    Bytes issued_until{};
    bool failed = false;
  };
  // A request's place in the stream it continues; empty for a random one.
  struct Place {
    std::shared_ptr<Stream> stream;
    Bytes advance{};
    Bytes end{};
    explicit operator bool() const { return stream != nullptr; }
  };

  // To be told of every read, in order of submission.
  Place observe(Bytes offset, Bytes length);
  // Completes once the request's data is in the read-ahead buffer; false if the flash failed.
  Task<bool> obtain(Place place);

 private:
  void issue(const std::shared_ptr<Stream>& stream, Bytes until);
  Task<> fetch(std::shared_ptr<Stream> stream, Bytes offset, Bytes length);

  Calendar& calendar_;
  FlashArray& flash_;
  Bytes distance_;
  Bytes capacity_;
  StreamDetector detector_;
  std::vector<std::shared_ptr<Stream>> streams_;
  TaskScope fetches_;
};

}  // namespace orrery
