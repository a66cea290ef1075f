#include "scenarios/used_profiles.hpp"

#include <fmt/format.h>

#include <utility>

#include "models/host/node.hpp"
#include "models/ssd/registry.hpp"
#include "scenarios/scenario.hpp"

namespace orrery {

void use_profile(const TextNode& root, ProfileLibrary& library, Scenario& scenario,
                 const std::string& name, std::string_view model, SourceMark reference) {
  const auto known = scenario.profiles.find(name);
  Profile profile = known == scenario.profiles.end() ? library.get(name, reference) : known->second;
  if (profile.model != model)
    throw InputError(reference, fmt::format("profile '{}' is one of a {}, not of a {}", name,
                                            profile.model, model));
  if (known != scenario.profiles.end()) return;
  if (const TextNode::Entry* all = root.entry("profiles")) {
    if (!all->value.is_map())
      throw InputError(all->value.is_null() ? all->mark : all->value.mark,
                       "`profiles` maps profile names to the parameters to override");
    if (const TextNode::Entry* mine = all->value.entry(name))
      profile =
          with_overrides(std::move(profile), mine->value, *library.models().at(profile.model));
  }
  scenario.profiles.emplace(name, std::move(profile));
}

void UsedProfiles::use(const std::string& name, std::string_view model, std::string_view section,
                       std::string_view key) {
  use_profile(root_, library_, scenario_, name, model, place_of(root_, section, key));
}

void UsedProfiles::use_ssd(const std::string& name, std::string_view section,
                           std::string_view key) {
  const SourceMark reference = place_of(root_, section, key);
  const std::string& device = library_.get(name, reference).model;
  if (find_ssd(device) == nullptr)
    throw InputError(reference,
                     fmt::format("profile '{}' is one of a {}, not of an SSD", name, device));
  use_profile(root_, library_, scenario_, name, device, reference);
}

void UsedProfiles::check_slots(std::string_view section, const std::string& node,
                               std::int64_t ssds) const {
  const auto slots = bind<NodeProfile>(scenario_.profile(node)).ssd_slots;
  if (ssds > slots)
    throw InputError(place_of(root_, section, "ssds_per_server"),
                     fmt::format("{} SSDs do not fit the {} slots of '{}'", ssds, slots, node));
}

void UsedProfiles::note_others() {
  const TextNode::Entry* all = root_.entry("profiles");
  if (all == nullptr) return;
  for (const auto& [name, mark, value] : all->value.entries) {
    if (scenario_.profiles.count(name) != 0) continue;
    const Profile& unused = library_.get(name, mark);
    with_overrides(unused, value, *library_.models().at(unused.model));
    scenario_.notes.push_back(fmt::format(
        "{}: profile '{}' is not used here; overriding it changes nothing", to_string(mark), name));
  }
}

}  // namespace orrery
