#include "models/workload/processor.hpp"

#include <algorithm>

namespace orrery {

Task<bool> Processor::work(Duration reference, Ledger* ledger) {
  if (reference == Duration{}) co_return true;
  if (cpu_ == nullptr) {
    co_await Delay(calendar_, reference);
    if (ledger != nullptr) ledger->charge_service(stage::kApplication, calendar_.now());
    co_return true;
  }
  const Thread thread = Thread::floating(*cpu_);
  Station& core = thread.core();
  const Served served =
      co_await core.use(thread.time_for(reference), {ledger, stage::kApplication}, kWorkPriority);
  co_return served == Served::done;
}

Task<> Processor::work_in_slices(Duration reference) {
  // Nobody is in the way without a cpu: one slice is as good as many.
  const Duration most = cpu_ != nullptr ? kSlice : reference;
  while (reference > Duration{}) {
    const Duration slice = std::min(reference, most);
    Task<bool> working = work(slice);
    co_await working;
    reference -= slice;
  }
}

}  // namespace orrery
