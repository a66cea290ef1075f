// The summary of one job, in the form fio gives its own.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "models/workload/job.hpp"
#include "models/workload/job_result.hpp"

namespace orrery {

// `volumes`: how many volumes the job ran on; group figures are over all of them.
nlohmann::ordered_json job_summary(const JobSpec& spec, const JobResult& result,
                                   std::size_t volumes);

// One direction of it; an operation of an application is recorded as one.
nlohmann::ordered_json direction_summary(const JobSpec& spec, const JobResult& result,
                                         Direction direction, std::size_t volumes);

// One entry per point of the timelines of all jobs.
nlohmann::ordered_json timeline_summary(const std::vector<JobResult>& results);

}  // namespace orrery
