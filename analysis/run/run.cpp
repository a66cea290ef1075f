#include "analysis/run/run.hpp"

#include <nlohmann/json.hpp>

#include "analysis/subjects.hpp"

namespace orrery {

nlohmann::ordered_json run_scenario(const Scenario& scenario, const RunOptions& options) {
  return subject_of(scenario).run(scenario, options);
}

}  // namespace orrery
