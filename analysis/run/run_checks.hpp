// The invariants of a run that its summary tells of.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "analysis/result/resource_usage.hpp"
#include "models/workload/job_result.hpp"

namespace orrery {

// Jobs and directions whose stage times do not add up to their latencies, as they were filed.
// Latencies are filed by arrival and stages by segments of the warm-up, each on its own, so that
// what is lost or taken twice on either way shows. (That the stages of a single I/O add up is
// looked at as it ends, and ends the run.)
std::vector<std::string> sides_that_do_not_add_up(const std::vector<JobResult>& results);

nlohmann::ordered_json checks_of(const std::vector<JobResult>& results, const ResourceUsage& span);

}  // namespace orrery
