// The cores of one machine, shared by everything that runs on them.
//
// Costs in profiles are those of the reference host (the 2 x 25 GbE machine of SIGCOMM'22 Table 1). Another machine takes
// `slowness` times as long for the same work: a host of another generation below 1, a DPU's 2.1 GHz cores above.
#pragma once

#include <string>

#include "sim/station.hpp"
#include "sim/units.hpp"

namespace orrery {

// Priorities on a core: interrupts go before threads; a polling thread takes its work in order of arrival, whatever it is.
constexpr int kInterruptPriority = 0;
constexpr int kWorkPriority = 1;

class Cpu {
 public:
  Cpu(Calendar& calendar, const std::string& name, int cores, double slowness)
      : cores_(calendar, name, cores), slowness_(slowness) {}

  // What `reference` work takes here.
  Duration time_for(Duration reference) const { return scaled(reference, slowness_); }
  Station& cores() { return cores_; }
  double slowness() const { return slowness_; }

 private:
  Station cores_;
  double slowness_;
};

}  // namespace orrery
