#include "analysis/subjects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/fleet/fleet_run.hpp"
#include "analysis/fleet/fleet_table.hpp"
#include "analysis/loading.hpp"
#include "analysis/run/io_run.hpp"
#include "analysis/run/run_table.hpp"
#include "sim/assert.hpp"

namespace orrery {

namespace {

using Json = nlohmann::ordered_json;

const std::vector<SubjectEntry>& subjects() {
  static const std::vector<SubjectEntry> all = {
      {Subject::io,
       &run_io,
       &run_table,
       {{"fleet", "a scenario of system {}, not of a fleet",
         "orrery run and orrery compare simulate its I/O"}}},
      {Subject::control_plane,
       [](const Scenario& scenario, const RunOptions& options) {
         return run_fleet(scenario, options);
       },
       [](const Scenario& scenario, const Json& summary, const Terminal& terminal) {
         return fleet_table(scenario, {{"", &summary}}, terminal);
       },
       {{"compare", "a fleet has no I/O to compare", "orrery fleet puts its variants side by side"},
        {"blast", "a fleet has no I/O that could be hit",
         "orrery fleet shows how many nodes one node failure affects"}}},
  };
  return all;
}

}  // namespace

const SubjectEntry& subject_of(const Scenario& scenario) {
  const auto found = std::find_if(
      subjects().begin(), subjects().end(),
      [&scenario](const SubjectEntry& entry) { return entry.subject == scenario.kind->subject; });
  ORRERY_INVARIANT(found != subjects().end(), "analysis", "nothing runs this kind of system");
  return *found;
}

void require_command(std::string_view command, const LoadedScenario& loaded) {
  for (const SubjectEntry::Refusal& refusal : subject_of(loaded.scenario).refusals)
    if (refusal.command == command)
      throw InputError({loaded.path, 0, 0},
                       fmt::format(fmt::runtime(refusal.message), loaded.scenario.kind->name),
                       std::string(refusal.hint));
}

}  // namespace orrery
