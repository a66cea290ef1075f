#include "models/workload/operation.hpp"

#include "sim/assert.hpp"

namespace orrery {

void append(Ledger& whole, const Ledger& part) {
  TimePoint at = part.start();
  ORRERY_INVARIANT(whole.start() + whole.elapsed() == at, "operation",
                   "a part that does not follow the last charge");
  for (std::size_t s = 0; s < kStageLimit; ++s) {
    const auto id = static_cast<StageId>(s);
    const Duration waited = part.waited(id), served = part.served(id);
    if (waited == Duration{} && served == Duration{}) continue;
    at += waited + served;
    whole.charge(id, at, waited);
  }
  if (part.disturbed()) whole.note_disturbance();
}

void OpenOperations::close(TimePoint now, std::size_t volume) {
  for (Operation* o = newest_; o != nullptr; o = o->next_)
    o->recorder_.left_in_flight(o->io_, now, volume);
}

}  // namespace orrery
