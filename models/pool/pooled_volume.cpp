#include "models/pool/pooled_volume.hpp"

#include "sim/assert.hpp"

namespace orrery {

class PooledVolume::InFlight {
 public:
  explicit InFlight(PooledVolume& volume) : volume_(volume) { ++volume.in_flight_; }
  InFlight(const InFlight&) = delete;
  ~InFlight() {
    if (--volume_.in_flight_ == 0) volume_.drained_.open();
  }

 private:
  PooledVolume& volume_;
};

PooledVolume::PooledVolume(std::string name, std::unique_ptr<Attachment> attachment)
    : name_(std::move(name)),
      size_(attachment->served().volume->size()),
      attachment_(std::move(attachment)),
      admission_(attachment_->host().calendar()),
      drained_(attachment_->host().calendar()) {}

HostThread& PooledVolume::thread_of(std::uint32_t queue) {
  while (threads_.size() <= queue) threads_.push_back(attachment_->host().new_thread());
  return threads_[queue];
}

Task<IoStatus> PooledVolume::submit(Io& io) {
  ORRERY_INVARIANT(io.offset >= Bytes{} && io.length > Bytes{} && io.offset + io.length <= size_,
                   name_.c_str(), "an I/O beyond the volume");
  HostThread& application = thread_of(io.queue);
  Calendar& calendar = attachment_->host().calendar();
  for (;;) {
    if (!admission_.is_open()) {
      co_await admission_.pass();
      io.ledger.charge_wait(stage::kInitiator, calendar.now());
      continue;
    }
    if (!attachment_->host().node().up()) co_return IoStatus::failed;
    Attachment& way = *attachment_;
    Controller& controller = way.controller();
    if (controller.is_gone()) co_return IoStatus::failed;
    if (!controller.is_live()) {
      io.ledger.note_disturbance();
      co_await controller.decided().pass();
      io.ledger.charge_wait(stage::kInitiator, calendar.now());
      continue;
    }
    const std::int64_t losses = controller.losses();
    Outcome outcome;
    {
      InFlight in_flight(*this);
      Task<Outcome> attempt = io.length <= way.max_transfer() ? way.attempt(io, application)
                                                              : attempt_parts(io, application);
      outcome = co_await attempt;
    }
    if (outcome == Outcome::done) co_return IoStatus::done;
    if (outcome == Outcome::failed) co_return IoStatus::failed;
    // The engine is gone; the host goes on waiting until it notices, unless it has already.
    io.ledger.note_disturbance();
    ++retries_;
    if (controller.losses() != losses) continue;
    Controller::Outstanding waiting(controller);
    co_await controller.noticed().pass();
    io.ledger.charge_wait(stage::kInitiator, calendar.now());
  }
}

Task<Outcome> PooledVolume::attempt_parts(Io& io, HostThread& application) {
  const Bytes most = attachment_->max_transfer();
  const auto parts = static_cast<int>(units_of(most, io.length));
  Outcome worst = Outcome::done;
  Join<Ledger> join(attachment_->host().calendar(), parts, parts);
  TaskScope scope;
  for (Bytes done{}; done < io.length; done += most) {
    Io part = io;
    part.offset = io.offset + done;
    part.length = std::min(most, io.length - done);
    auto ticket = join.ticket();
    scope.spawn(run_part(part, application, std::move(ticket), worst));
  }
  const Ledger* slowest = co_await join.reached();
  io.ledger = *slowest;
  co_return worst;
}

Task<> PooledVolume::run_part(Io part, HostThread& application, Join<Ledger>::Ticket ticket,
                              Outcome& worst) {
  Task<Outcome> attempt = attachment_->attempt(part, application);
  const Outcome outcome = co_await attempt;
  worst = std::max(worst, outcome);
  ticket.succeed(part.ledger);
}

Gate::Pass PooledVolume::drained() {
  in_flight_ == 0 ? drained_.open() : drained_.close();
  return drained_.pass();
}

void PooledVolume::switch_to(std::unique_ptr<Attachment> attachment) {
  ORRERY_INVARIANT(in_flight_ == 0, name_.c_str(), "a path was exchanged under an I/O");
  former_.push_back(std::exchange(attachment_, std::move(attachment)));
  former_.back()->controller().retire();
}

bool PooledVolume::resize(Bytes size) {
  BlockVolume& volume = *attachment_->served().volume;
  if (!volume.resize(size)) return false;
  size_ = volume.size();
  return true;
}

bool PooledVolume::snapshot(const std::string& snapshot) {
  return attachment_->served().volume->snapshot(snapshot);
}

}  // namespace orrery
