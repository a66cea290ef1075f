#include "scenarios/workload_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenarios/capacity.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/systems/system_kind.hpp"
#include "scenarios/text/binder.hpp"
#include "scenarios/text/nearest.hpp"

namespace orrery {

InputError no_such_volume(SourceMark mark, const std::string& pattern,
                          const std::vector<std::string>& volumes) {
  if (volumes.empty())
    return {std::move(mark), "there are no volumes that it could run on",
            "give volumes.per_server, or logical_volumes"};
  return {std::move(mark), fmt::format("no volume is called '{}'", pattern),
          volumes.size() == 1 ? fmt::format("there is {}", volumes.front())
                              : fmt::format("there are {} to {}", volumes.front(), volumes.back())};
}

void load_workload(const TextNode& root, Scenario& scenario) {
  const TextNode* list =
      root.entry("workload") == nullptr ? nullptr : &root.entry("workload")->value;
  if (list == nullptr && root.entry("applications") != nullptr) return;
  if (list == nullptr)
    throw InputError(root.mark, "a scenario needs a `workload` or `applications`",
                     "a list of jobs, for example: workload: [{name: w, rw: randwrite, bs: 4k}]");
  if (!list->is_sequence() || list->items.empty())
    throw InputError(list->mark,
                     fmt::format("`workload` is a list of jobs, got {}", describe(*list)));
  const std::vector<std::string> volumes = scenario.volume_names();
  JobCapacity room(root);
  for (const TextNode& item : list->items) {
    JobSpec job;
    bind_mapping(item, JobSpec::declarations(), &job);
    auto mark_of = [&](const std::string& key) {
      const TextNode::Entry* entry = item.entry(key);
      return entry != nullptr ? entry->value.mark : item.mark;
    };
    if (const auto problem = job.check()) throw InputError(mark_of(problem->key), problem->message);
    for (const auto& note : job.notes())
      scenario.notes.push_back(fmt::format("{}: {}", to_string(mark_of(note.key)), note.message));
    for (const JobSpec& other : scenario.workload)
      if (other.name == job.name)
        throw InputError(mark_of("name"), fmt::format("two jobs are called '{}'", job.name));
    const auto used = std::count_if(volumes.begin(), volumes.end(), [&](const std::string& volume) {
      return matches(job.filename, volume);
    });
    if (used == 0) throw no_such_volume(mark_of("filename"), job.filename, volumes);
    if (const auto problem = job.check(scenario.volume_size(job.filename)))
      throw InputError(mark_of(problem->key), problem->message);
    if (scenario.kind->has_ssds)
      if (const auto problem = job.check_sectors())
        throw InputError(mark_of(problem->key), problem->message);
    if (scenario.kind->check_job != nullptr) scenario.kind->check_job(item, job, scenario);
    room.add(item, job, used);
    scenario.workload.push_back(std::move(job));
  }
}

}  // namespace orrery
