// The device models by name. A new device is one source file, one line in registry.cpp and one
// profile.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "models/ssd/ssd.hpp"
#include "sim/params.hpp"

namespace orrery {

// Makes devices of one profile, which they share.
using SsdMaker =
    std::function<std::unique_ptr<Ssd>(Calendar&, std::string name, std::uint64_t seed)>;

struct SsdEntry {
  std::string_view name;
  std::string_view help;
  const Declarations& (*declarations)();  // of the profile it takes
  std::string_view profile;               // one profile of it, with which its contract is tested
  SsdMaker (*maker)(const Profile& profile);
  Bytes (*capacity)(const Profile& profile);
};

std::span<const SsdEntry> all_ssds();
// Null if there is none of that name.
const SsdEntry* find_ssd(std::string_view name);

// The maker of the profile's model, and what such a device holds. The model must be in the table.
SsdMaker ssd_maker(const Profile& profile);
Bytes ssd_capacity(const Profile& profile);

}  // namespace orrery
