// The device models by name. A new device is one source file, one line in registry.cpp and one profile.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "models/ssd/ssd.hpp"
#include "sim/params.hpp"

namespace orrery {

struct SsdEntry {
  std::string_view name;
  std::string_view help;
  const Declarations& (*declarations)();  // of the profile it takes
  std::string_view profile;               // one profile of it, with which its contract is tested
  std::unique_ptr<Ssd> (*make)(Calendar&, const Profile&, std::string name, std::uint64_t seed);
};

std::span<const SsdEntry> all_ssds();
// Null if there is none of that name.
const SsdEntry* find_ssd(std::string_view name);

// A device of the profile's model, which must be in the table.
std::unique_ptr<Ssd> make_ssd(Calendar& calendar, const Profile& profile, std::string name,
                              std::uint64_t seed);

}  // namespace orrery
