#include "scenarios/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/net/registry.hpp"
#include "scenarios/systems/system_kind.hpp"
#include "scenarios/text/nearest.hpp"

namespace orrery {

std::string Scenario::frontend_profile() const {
  return frontend.profile.empty() ? std::string(find_stack(frontend.stack)->profile)
                                  : frontend.profile;
}

QueueProfiles Scenario::queues() const {
  QueueProfiles all;
  for (std::size_t c = 0; c < kTrafficClasses; ++c)
    all[c] = bind<QueueProfile>(profile(std::string(kQueueProfileNames[c])));
  return all;
}

std::string Scenario::backend_profile() const {
  return backend.profile.empty() ? std::string(find_stack(backend.stack)->profile)
                                 : backend.profile;
}

bool Scenario::is_fluid() const { return kind->has_network && head.network == "fluid"; }

void Scenario::name_volumes(std::string_view role, std::int64_t servers, std::string_view form,
                            std::int64_t per_server, Bytes size) {
  for (std::int64_t s = 0; s < servers; ++s)
    for (std::int64_t v = 0; v < per_server; ++v)
      named_volumes.push_back({fmt::format("{}-{}/{}-{}", role, s, form, v), size});
}

std::vector<std::string> Scenario::volume_names() const {
  std::vector<std::string> names;
  for (const NamedVolume& volume : named_volumes) names.push_back(volume.name);
  return names;
}

Bytes Scenario::volume_size(const std::string& pattern) const {
  std::optional<Bytes> least;
  for (const NamedVolume& volume : named_volumes)
    if ((!least || volume.size < *least) && matches(pattern, volume.name)) least = volume.size;
  return least.value_or(volumes.size);
}

Duration Scenario::end() const {
  Duration end{};
  for (const JobSpec& job : workload) end = std::max(end, job.whole_runtime());
  for (const ApplicationSpec& application : applications)
    end = std::max(end, application.whole_runtime());
  return end;
}

std::string Scenario::agent_placement() const {
  if (frontend.agent != "auto") return frontend.agent;
  return find_stack(frontend.stack)->traits.agent_on_dpu ? "dpu" : "host";
}

}  // namespace orrery
