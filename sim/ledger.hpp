// Where an I/O's time went, stage by stage along its critical path.
//
// A ledger starts when the I/O starts and moves with it. Whoever lets time pass charges what has
// passed since the last charge to a stage, as waiting or as service; so the charges add up to the
// latency exactly, in picoseconds, whatever the path. Where an I/O forks, every branch carries a
// copy; at the join the ledger of the branch that released it replaces the original.
//
// Stages are small numbers here; the models give them names.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/assert.hpp"
#include "sim/units.hpp"

namespace orrery {

using StageId = std::uint8_t;
constexpr std::size_t kStageLimit = 14;

class Ledger {
 public:
  Ledger() = default;
  explicit Ledger(TimePoint start) : start_(start), mark_(start) {}

  TimePoint start() const { return start_; }
  Duration elapsed() const { return mark_ - start_; }
  Duration waited(StageId stage) const { return stages_[stage].wait; }
  Duration served(StageId stage) const { return stages_[stage].service; }

  // Charges the time since the last charge.
  void charge_wait(StageId stage, TimePoint now) { stages_[stage].wait += advance(now); }
  void charge_service(StageId stage, TimePoint now) { stages_[stage].service += advance(now); }
  // The same where a part of it is known to have been waiting.
  void charge(StageId stage, TimePoint now, Duration waited) {
    const Duration passed = advance(now);
    ORRERY_INVARIANT(waited.count() >= 0 && waited <= passed, "ledger",
                     "more waiting than time has passed");
    stages_[stage].wait += waited;
    stages_[stage].service += passed - waited;
  }
  // Attributes a part of one stage's service to another: two kinds of work done in one visit to a
  // core.
  void move_service(StageId from, StageId to, Duration part) {
    ORRERY_INVARIANT(part <= stages_[from].service, "ledger", "more service moved than there is");
    stages_[from].service -= part;
    stages_[to].service += part;
  }

  // That something on the way was lost and sent again, or had to wait for what was.
  void note_disturbance() { disturbed_ = true; }
  bool disturbed() const { return disturbed_; }

  // Sum of all charges; equals elapsed() for ever, and the I/O's latency once it has ended.
  Duration total() const {
    Duration sum{};
    for (const Times& times : stages_) sum += times.wait + times.service;
    return sum;
  }

 private:
  struct Times {
    Duration wait{};
    Duration service{};
  };
  Duration advance(TimePoint now) {
    const Duration passed = now - mark_;
    mark_ = now;
    return passed;
  }

  TimePoint start_{};
  TimePoint mark_{};
  bool disturbed_ = false;
  std::array<Times, kStageLimit> stages_{};
};

// Whom to charge for a visit to a station: a ledger's stage, or nobody.
struct Charge {
  Ledger* ledger = nullptr;
  StageId stage = 0;
};

}  // namespace orrery
