#include "models/workload/group_commit_log.hpp"

#include "models/workload/operation.hpp"

namespace orrery {

GroupCommitLog::GroupCommitLog(Calendar& calendar, ApplicationVolume& volume, Processor& processor,
                               SequentialRange range, const Options& options, Admission* admission)
    : calendar_(calendar),
      volume_(volume),
      processor_(processor),
      range_(range),
      options_(options),
      admission_(admission) {}

Task<IoStatus> GroupCommitLog::commit(Bytes record, Ledger& ledger) {
  Waiter waiter(calendar_);
  waiter.record = record;
  waiter.ledger = &ledger;
  waiting_.push(&waiter);
  if (!is_writing_) {
    is_writing_ = true;
    scope_.spawn(write_groups());
  }
  co_await waiter.gate.pass();
  co_return waiter.status;
}

Task<> GroupCommitLog::write_groups() {
  while (!waiting_.empty()) {
    std::size_t members = 0;
    Bytes bytes{};
    while (members < waiting_.size() &&
           (members == 0 || bytes + waiting_[members]->record <= options_.largest_group))
      bytes += waiting_[members++]->record;
    ++groups_;
    records_ += members;
    const TimePoint begun = calendar_.now();
    Ledger shared(begun);
    if (admission_ != nullptr) {
      co_await admission_->admit(bytes);
      shared.charge_wait(stage::kApplication, calendar_.now());
    }
    Task<IoStatus> writing = write(bytes, shared);
    const IoStatus status = co_await writing;
    for (std::size_t m = 0; m < members; ++m) {
      Waiter* waiter = waiting_.pop();
      waiter->ledger->charge_wait(stage::kApplication, begun);
      append(*waiter->ledger, shared);
      waiter->status = status;
      waiter->gate.open();
    }
  }
  is_writing_ = false;
}

Task<IoStatus> GroupCommitLog::write(Bytes bytes, Ledger& ledger) {
  Task<bool> working = processor_.work(options_.work, &ledger);
  const bool is_up = co_await working;
  if (!is_up) co_return IoStatus::failed;
  if (!options_.sync) {
    dirty_ += bytes;
    if (dirty_ >= options_.write_back && !is_writing_back_) {
      is_writing_back_ = true;
      scope_.spawn(write_back());
    }
    co_return IoStatus::done;
  }
  const Bytes length = kBlock * blocks_of(bytes);
  Task<IoStatus> io =
      volume_.submit(Direction::write, range_.next(length), length, IoKind::log, &ledger);
  const IoStatus status = co_await io;
  co_return status;
}

Task<> GroupCommitLog::write_back() {
  while (dirty_ >= options_.write_back) {
    dirty_ -= options_.write_back;
    Task<IoStatus> io = volume_.submit(Direction::write, range_.next(options_.write_back),
                                       options_.write_back, IoKind::log);
    co_await io;
  }
  is_writing_back_ = false;
}

}  // namespace orrery
