#include "models/pool/volume_layout.hpp"

#include <fmt/format.h>

namespace orrery {

PlacedVolume place_volume(VolumeStore& store, VolumeStore* fast, const VolumeShape& shape,
                          LogicalVolume* origin) {
  PlacedVolume placed;
  const std::string& name = shape.name;
  auto create = [&](std::string part, std::vector<std::uint32_t> devices) {
    LogicalVolume* made = store.create(
        {std::move(part), shape.size, shape.layout, shape.is_thin, std::move(devices)});
    if (made != nullptr) placed.parts.push_back(made);
    return made != nullptr;
  };
  if (origin != nullptr) {
    LogicalVolume* snapshot = store.snapshot(*origin, name + "/origin");
    LogicalVolume* clone = snapshot == nullptr ? nullptr : store.clone(*snapshot, name);
    if (clone == nullptr) return {};
    placed.parts.push_back(clone);
  } else if (shape.is_mirrored) {
    // Half of the SSDs each.
    const auto ssds = static_cast<std::uint32_t>(store.devices().size());
    if (ssds < 2) return {};
    for (std::uint32_t half = 0; half < 2; ++half) {
      std::vector<std::uint32_t> devices;
      for (std::uint32_t d = half; d < ssds; d += 2) devices.push_back(d);
      if (!create(fmt::format("{}/{}", name, half), std::move(devices))) return {};
    }
  } else if (!create(name, {})) {
    return {};
  }
  for (LogicalVolume* part : placed.parts)
    for (std::int64_t i = 0; i < shape.snapshots; ++i)
      if (store.snapshot(*part, fmt::format("{}/snapshot-{}", part->name(), i)) == nullptr)
        return {};
  if (shape.cache) {
    placed.cache = fast == nullptr
                       ? nullptr
                       : fast->create({name + "/cache", *shape.cache, Layout::linear, false, {}});
    if (placed.cache == nullptr) return {};
  }
  return placed;
}

}  // namespace orrery
