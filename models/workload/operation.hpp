// An operation of an application between its arrival and its end, on the list of those that are
// open.
//
// Its ledger is an I/O's: the application's own work and waits are charged to stage::kApplication,
// the I/Os on its way with the stages that they had. All of its time has been charged when it ends.
#pragma once

#include "models/io.hpp"
#include "models/workload/recorder.hpp"

namespace orrery {

// Charges a ledger with what `part` was charged, which began at the ledger's last charge: work that
// was done for several at once, or a step that keeps a ledger of its own.
void append(Ledger& whole, const Ledger& part);

class Operation;

class OpenOperations {
 public:
  OpenOperations() = default;
  OpenOperations(const OpenOperations&) = delete;
  OpenOperations& operator=(const OpenOperations&) = delete;
  // At the end of a run: tells their recorders that they have not ended.
  void close(TimePoint now, std::size_t volume);

 private:
  friend class Operation;
  Operation* newest_ = nullptr;
};

class Operation {
 public:
  // The recorder has been told of its arrival.
  Operation(OpenOperations& open, JobRecorder& recorder, Direction direction, Bytes length,
            TimePoint arrival)
      : open_(open), recorder_(recorder) {
    io_.direction = direction;
    io_.length = length;
    io_.ledger = Ledger(arrival);
    next_ = open_.newest_;
    if (next_ != nullptr) next_->previous_ = this;
    open_.newest_ = this;
  }
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  ~Operation() {
    (previous_ != nullptr ? previous_->next_ : open_.newest_) = next_;
    if (next_ != nullptr) next_->previous_ = previous_;
  }

  Ledger& ledger() { return io_.ledger; }
  void end(IoStatus status, TimePoint now, std::size_t volume) {
    recorder_.ended(io_, status, now, volume);
  }

 private:
  friend class OpenOperations;
  OpenOperations& open_;
  JobRecorder& recorder_;
  Io io_;
  Operation* previous_ = nullptr;
  Operation* next_ = nullptr;
};

}  // namespace orrery
