// When the I/Os of an open loop arrive.
//
// Linear arrivals stand at exact multiples of the interval, without drift. Each thread starts at a
// phase of its own within the first interval: a hundred volumes that all tick at once would be an
// artefact. Poisson arrivals are independent exponential distances, each rounded to picoseconds.
#pragma once

#include <cstdint>
#include <string_view>

#include "models/workload/job.hpp"
#include "sim/random.hpp"

namespace orrery {

class Arrivals {
 public:
  // The job must have a rate.
  Arrivals(const JobSpec& job, TimePoint start, std::uint64_t seed, std::string_view thread);
  TimePoint next();

 private:
  RandomStream random_;
  Iops rate_;
  bool poisson_;
  TimePoint origin_;  // of linear arrivals: the first; of Poisson arrivals: the last
  std::int64_t count_ = 0;
};

}  // namespace orrery
