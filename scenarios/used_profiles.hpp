// The profiles that a scenario uses, with its overrides.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scenarios/profiles.hpp"
#include "scenarios/text/text_node.hpp"

namespace orrery {

struct Scenario;

// Fetches the profile a key names, checks that it is one of the model wanted, and applies the
// scenario's overrides. Throws InputError, as all of these do.
void use_profile(const TextNode& root, ProfileLibrary& library, Scenario& scenario,
                 const std::string& name, std::string_view model, SourceMark reference);

// The same for what a key of a section names.
class UsedProfiles {
 public:
  UsedProfiles(const TextNode& root, ProfileLibrary& library, Scenario& scenario)
      : root_(root), library_(library), scenario_(scenario) {}

  void use(const std::string& name, std::string_view model, std::string_view section,
           std::string_view key);
  // An SSD of any model.
  void use_ssd(const std::string& name, std::string_view section, std::string_view key);
  // `ssds` fit the slots of a node whose profile is used.
  void check_slots(std::string_view section, const std::string& node, std::int64_t ssds) const;
  // Overrides of profiles that are not used: a name that does not exist is an error, one that does
  // changes nothing.
  void note_others();

 private:
  const TextNode& root_;
  ProfileLibrary& library_;
  Scenario& scenario_;
};

}  // namespace orrery
