// Where an application's own work is done: on its host's cores, by floating threads that compete
// with all else there, or, where the host of a volume is not modelled (a guest), as time that
// passes.
#pragma once

#include "models/host/cpu.hpp"
#include "models/io.hpp"
#include "sim/calendar.hpp"
#include "sim/task.hpp"

namespace orrery {

class Processor {
 public:
  // The cpu outlives the processor; none: nobody is in the way.
  Processor(Calendar& calendar, Cpu* cpu) : calendar_(calendar), cpu_(cpu) {}

  // Charged to stage::kApplication if there is a ledger. False: the host has failed.
  Task<bool> work(Duration reference, Ledger* ledger = nullptr);
  // A background thread's long work, in slices as a scheduler gives them: others get their turns in
  // between.
  Task<> work_in_slices(Duration reference);

 private:
  static constexpr Duration kSlice = std::chrono::microseconds(100);

  Calendar& calendar_;
  Cpu* cpu_;
};

}  // namespace orrery
