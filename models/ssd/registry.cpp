#include "models/ssd/registry.hpp"

#include <array>
#include <utility>

#include "models/ssd/nand_ssd.hpp"
#include "models/ssd/null_ssd.hpp"
#include "sim/assert.hpp"

namespace orrery {

namespace {

template <class S, class P>
SsdMaker maker_of(const Profile& profile) {
  const auto bound = std::make_shared<const P>(bind<P>(profile));
  return [bound](Calendar& calendar, std::string name, std::uint64_t seed) {
    return std::make_unique<S>(calendar, bound, std::move(name), seed);
  };
}

template <class P>
Bytes capacity_of(const Profile& profile) {
  return bind<P>(profile).capacity;
}

constexpr std::array kSsds = {
    SsdEntry{"nand_ssd", "NAND flash drive behind NVMe, by mechanism",
             &NandSsdProfile::declarations, "p4510-4tb", &maker_of<NandSsd, NandSsdProfile>,
             &capacity_of<NandSsdProfile>},
    SsdEntry{"null_ssd", "a device without media, done at once", &NullSsdProfile::declarations,
             "null-device", &maker_of<NullSsd, NullSsdProfile>, &capacity_of<NullSsdProfile>},
};

const SsdEntry& entry_of(const Profile& profile) {
  const SsdEntry* entry = find_ssd(profile.model);
  ORRERY_INVARIANT(entry != nullptr, profile.name.c_str(), "no such device model");
  return *entry;
}

}  // namespace

std::span<const SsdEntry> all_ssds() { return kSsds; }

const SsdEntry* find_ssd(std::string_view name) {
  for (const SsdEntry& entry : kSsds)
    if (entry.name == name) return &entry;
  return nullptr;
}

SsdMaker ssd_maker(const Profile& profile) { return entry_of(profile).maker(profile); }

Bytes ssd_capacity(const Profile& profile) { return entry_of(profile).capacity(profile); }

}  // namespace orrery
