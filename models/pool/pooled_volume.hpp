// A volume of a pool as its host's applications see it.
//
// It is attached by one path at a time. An I/O that is lost on it is tried again when the host has
// contact again; it fails when the host has given the volume up. I/O can be held, for the last
// round of a migration, and the path be exchanged meanwhile.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "models/pool/attachment.hpp"
#include "sim/gate.hpp"
#include "sim/join.hpp"

namespace orrery {

class PooledVolume final : public BlockVolume {
 public:
  PooledVolume(std::string name, std::unique_ptr<Attachment> attachment);

  const std::string& name() const override { return name_; }
  Bytes size() const override { return size_; }
  Task<IoStatus> submit(Io& io) override;
  bool resize(Bytes size) override;
  bool snapshot(const std::string& snapshot) override;

  Attachment& attachment() { return *attachment_; }
  // New I/Os wait, those in flight end.
  void hold() { admission_.close(); }
  void let_go() { admission_.open(); }
  // Awaited while I/O is held: completes when nothing is in flight.
  Gate::Pass drained();
  // While I/O is held and drained. What waits for the old path goes to the new one.
  void switch_to(std::unique_ptr<Attachment> attachment);

  // I/Os that were lost and tried again.
  std::int64_t retries() const { return retries_; }

 private:
  class InFlight;
  Task<Outcome> attempt_parts(Io& io, HostThread& application);
  Task<> run_part(Io part, HostThread& application, Join<Ledger>::Ticket ticket, Outcome& worst);
  HostThread& thread_of(std::uint32_t queue);

  std::string name_;
  Bytes size_;
  std::unique_ptr<Attachment> attachment_;
  std::vector<std::unique_ptr<Attachment>> former_;  // I/Os may still wait for them
  std::deque<HostThread> threads_;                   // of the application, by queue
  Gate admission_;
  Gate drained_;
  std::int64_t in_flight_ = 0;
  std::int64_t retries_ = 0;
};

}  // namespace orrery
