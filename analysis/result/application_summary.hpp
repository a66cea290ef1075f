// The summary of one application: its operations in the form of a job's directions, and what it did
// to its volumes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "models/workload/application.hpp"
#include "models/workload/application_result.hpp"

namespace orrery {

// `engine`: the profile of its engine; `volumes`: how many it ran on.
nlohmann::ordered_json application_summary(const ApplicationSpec& spec,
                                           const ApplicationResult& result,
                                           const std::string& engine, std::size_t volumes);

// Its operations' points, as rows of the timeline.
void add_to_timeline(nlohmann::ordered_json& timeline, const ApplicationResult& result);

}  // namespace orrery
