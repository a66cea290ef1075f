#include "scenarios/application_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/workload/database_registry.hpp"
#include "scenarios/capacity.hpp"
#include "scenarios/systems/system_kind.hpp"
#include "scenarios/text/binder.hpp"
#include "scenarios/text/nearest.hpp"
#include "scenarios/used_profiles.hpp"
#include "scenarios/workload_section.hpp"

namespace orrery {

namespace {

const TextNode* list_in(const TextNode& root) {
  const TextNode::Entry* entry = root.entry("applications");
  if (entry == nullptr) return nullptr;
  if (!entry->value.is_sequence() || entry->value.items.empty())
    throw InputError(
        entry->value.is_null() ? entry->mark : entry->value.mark,
        fmt::format("`applications` is a list of applications, got {}", describe(entry->value)),
        "for example: applications: [{name: db, kind: rocksdb}]");
  return &entry->value;
}

std::string in_gib(Bytes bytes) {
  return fmt::format("{:.2f} GiB", static_cast<double>(bytes.count()) / 0x1p30);
}

// What all applications together have at once, and whether a run can hold it.
struct Held {
  std::int64_t threads = 0, cache_entries = 0;

  void add(const TextNode& item, const ApplicationSpec& spec, const Profile& profile,
           std::int64_t volumes) {
    threads += spec.threads * volumes;
    if (threads > capacity::kThreads)
      throw InputError(place_in(item, "threads"),
                       fmt::format("{} threads on {} volumes make {} of all applications, more "
                                   "than the {} that a run can hold",
                                   spec.threads, volumes, threads, capacity::kThreads));
    if (spec.open_loop() &&
        spec.rate_ops->per_second() * static_cast<double>(volumes) > capacity::kArrivalsPerSecond)
      throw InputError(
          place_in(item, "rate_ops"),
          fmt::format("rate_ops of {:.4g} on {} volumes is more than {:.0e} arrivals "
                      "per second",
                      spec.rate_ops->per_second(), volumes, capacity::kArrivalsPerSecond));
    const std::int64_t each = find_database(spec.kind)->cache_entries(spec, profile);
    if (each > (capacity::kCacheEntries - cache_entries) / volumes)
      throw InputError(place_in(item, "keys"),
                       fmt::format("caches of {} blocks and rows on {} volumes are more than the "
                                   "{} that a run can hold: smaller caches in profile '{}', or "
                                   "fewer keys",
                                   each, volumes, capacity::kCacheEntries, profile.name));
    cache_entries += each * volumes;
  }
};

void check(const TextNode& item, const ApplicationSpec& spec, const Scenario& scenario) {
  if (const auto problem = spec.check())
    throw InputError(place_in(item, problem->key), problem->message);
  for (const ApplicationSpec& other : scenario.applications)
    if (other.name == spec.name)
      throw InputError(place_in(item, "name"),
                       fmt::format("two applications are called '{}'", spec.name));
  for (const JobSpec& job : scenario.workload)
    if (job.name == spec.name)
      throw InputError(place_in(item, "name"),
                       fmt::format("a job is called '{}' already", spec.name));
  const Profile& profile = scenario.profile(engine_profile(spec));
  const DatabaseEntry& database = *find_database(spec.kind);
  if (const auto problem = database.check(spec, profile))
    throw InputError(place_in(item, "kind"),
                     fmt::format("with profile '{}': {}", profile.name, *problem));
  if (const Bytes space = database.space(spec, profile);
      space > scenario.volume_size(spec.filename))
    throw InputError(
        place_in(item, item.entry("keys") != nullptr ? "keys" : "name"),
        fmt::format("a data set of {} takes {} with its log and what compactions need, more than "
                    "the volume's {}",
                    in_gib(spec.data()), in_gib(space),
                    in_gib(scenario.volume_size(spec.filename))));
}

}  // namespace

std::string engine_profile(const ApplicationSpec& application) {
  return application.profile.empty() ? std::string(find_database(application.kind)->profile)
                                     : application.profile;
}

void use_application_profiles(const TextNode& root, ProfileLibrary& library, Scenario& scenario) {
  const TextNode* list = list_in(root);
  if (list == nullptr) return;
  for (const TextNode& item : list->items) {
    ApplicationSpec spec;
    bind_mapping(item, ApplicationSpec::declarations(), &spec);
    use_profile(root, library, scenario, engine_profile(spec), find_database(spec.kind)->model,
                place_in(item, "profile"));
  }
}

void load_applications(const TextNode& root, Scenario& scenario) {
  const TextNode* list = list_in(root);
  if (list == nullptr) return;
  if (!scenario.kind->has_ssds)
    throw InputError(root.entry("applications")->mark,
                     fmt::format("applications need storage: a system of kind {} has none",
                                 scenario.kind->name));
  const std::vector<std::string> volumes = scenario.volume_names();
  Held held;
  for (const TextNode& item : list->items) {
    ApplicationSpec spec;
    bind_mapping(item, ApplicationSpec::declarations(), &spec);
    check(item, spec, scenario);
    for (const auto& note : spec.notes())
      scenario.notes.push_back(
          fmt::format("{}: {} {}", to_string(place_in(item, note.key)), note.key, note.message));
    const auto used = std::count_if(volumes.begin(), volumes.end(), [&](const std::string& volume) {
      return matches(spec.filename, volume);
    });
    if (used == 0) throw no_such_volume(place_in(item, "filename"), spec.filename, volumes);
    held.add(item, spec, scenario.profile(engine_profile(spec)), used);
    scenario.applications.push_back(std::move(spec));
  }
}

}  // namespace orrery
