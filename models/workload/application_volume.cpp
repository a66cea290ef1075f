#include "models/workload/application_volume.hpp"

#include "models/workload/operation.hpp"

namespace orrery {

Task<IoStatus> ApplicationVolume::submit(Direction direction, Bytes offset, Bytes length,
                                         IoKind kind, Ledger* ledger, std::uint32_t queue) {
  Io io;
  io.direction = direction;
  io.queue = queue;
  io.offset = offset;
  io.length = length;
  const TimePoint submitted = calendar_.now();
  io.ledger = Ledger(submitted);
  Task<IoStatus> work = volume_.submit(io);
  const IoStatus status = co_await work;
  const TimePoint now = calendar_.now();
  recorder_.io_ended(kind, length, status, submitted, now);
  if (ledger != nullptr) {
    // A failed I/O need not have charged all of its time.
    if (io.ledger.elapsed() != now - submitted) io.ledger.charge_wait(stage::kApplication, now);
    append(*ledger, io.ledger);
  }
  co_return status;
}

}  // namespace orrery
