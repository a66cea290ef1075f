#include "models/workload/arrivals.hpp"

#include <string>

namespace orrery {

Arrivals::Arrivals(const JobSpec& job, TimePoint start, std::uint64_t seed, std::string_view thread)
    : random_(seed, std::string(thread) + "/arrivals"),
      rate_(*job.rate_iops),
      poisson_(job.rate_process == "poisson"),
      origin_(start) {
  if (!poisson_) origin_ = after(start, scaled(rate_.interval(), random_.uniform()));
}

TimePoint Arrivals::next() {
  if (!poisson_) return after(origin_, seconds(static_cast<double>(count_++) / rate_.per_second()));
  return origin_ = after(origin_, random_.exponential(rate_.interval()));
}

}  // namespace orrery
