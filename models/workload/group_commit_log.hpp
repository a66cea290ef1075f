// A log with group commit: write-ahead log, redo log.
//
// Who commits while the log is being written joins the next group; when the write ends the whole
// group is committed, and the next one begins with all who wait, up to `largest_group`. One group
// is under way at a time. A group begins on a block of its own. Without `sync` a group is committed
// once it is in the page cache, which writes back large I/Os on its own.
//
// Charges: the wait for the group to begin, and its CPU time, to stage::kApplication; then the
// stages of the log's I/O.
#pragma once

#include <cstdint>

#include "models/workload/application_volume.hpp"
#include "models/workload/processor.hpp"
#include "sim/gate.hpp"
#include "sim/ring.hpp"

namespace orrery {

class GroupCommitLog {
 public:
  // Asked before a group is written; holds it up while the engine can take no more.
  class Admission {
   public:
    virtual ~Admission() = default;
    virtual Task<> admit(Bytes group) = 0;
  };
  struct Options {
    Bytes largest_group{};
    Bytes write_back{};  // size of the page cache's I/Os
    Duration work{};     // CPU time of a group
    bool sync = true;
  };

  // All outlive the log, as do tasks within commit() unless they end with it.
  GroupCommitLog(Calendar& calendar, ApplicationVolume& volume, Processor& processor,
                 SequentialRange range, const Options& options, Admission* admission = nullptr);

  // Completes when the record is committed. The ledger has been charged up to now.
  Task<IoStatus> commit(Bytes record, Ledger& ledger);

  std::uint64_t groups() const { return groups_; }
  std::uint64_t records() const { return records_; }

 private:
  struct Waiter {
    explicit Waiter(Calendar& calendar) : gate(calendar, false) {}
    Bytes record{};
    Ledger* ledger = nullptr;
    IoStatus status = IoStatus::done;
    Gate gate;
  };
  Task<> write_groups();
  Task<IoStatus> write(Bytes bytes, Ledger& ledger);
  Task<> write_back();

  Calendar& calendar_;
  ApplicationVolume& volume_;
  Processor& processor_;
  SequentialRange range_;
  Options options_;
  Admission* admission_;
  Ring<Waiter*> waiting_;
  Bytes dirty_{};
  bool is_writing_ = false, is_writing_back_ = false;
  std::uint64_t groups_ = 0, records_ = 0;
  TaskScope scope_;  // last: its tasks use all of the above
};

}  // namespace orrery
