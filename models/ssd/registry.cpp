#include "models/ssd/registry.hpp"

#include <array>
#include <utility>

#include "models/ssd/nand_ssd.hpp"
#include "sim/assert.hpp"

namespace orrery {

namespace {

template <class S, class P>
std::unique_ptr<Ssd> make(Calendar& calendar, const Profile& profile, std::string name,
                          std::uint64_t seed) {
  return std::make_unique<S>(calendar, bind<P>(profile), std::move(name), seed);
}

constexpr std::array kSsds = {
    SsdEntry{"nand_ssd", "NAND flash drive behind NVMe, by mechanism",
             &NandSsdProfile::declarations, "p4510-4tb", &make<NandSsd, NandSsdProfile>},
};

}  // namespace

std::span<const SsdEntry> all_ssds() { return kSsds; }

const SsdEntry* find_ssd(std::string_view name) {
  for (const SsdEntry& entry : kSsds)
    if (entry.name == name) return &entry;
  return nullptr;
}

std::unique_ptr<Ssd> make_ssd(Calendar& calendar, const Profile& profile, std::string name,
                              std::uint64_t seed) {
  const SsdEntry* entry = find_ssd(profile.model);
  ORRERY_INVARIANT(entry != nullptr, name.c_str(), "no such device model");
  return entry->make(calendar, profile, std::move(name), seed);
}

}  // namespace orrery
