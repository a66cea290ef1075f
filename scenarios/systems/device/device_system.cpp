#include "scenarios/systems/device/device_system.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "models/host/local_volume.hpp"
#include "models/ssd/registry.hpp"
#include "scenarios/hardware.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/systems/system_parts.hpp"
#include "scenarios/systems/unused_keys.hpp"
#include "scenarios/text/plural.hpp"

namespace orrery {

namespace {

void note_unused_in_device(UnusedKeys& keys, const Scenario& s) {
  if (s.head.network != "packets") keys.section("network");
  for (const std::string_view name : {"frontend", "compute", "volumes"}) keys.section(name);
  if (s.storage.racks > 1) keys.keys("storage", s.storage, {"racks"});
}

void resolve_device(const TextNode&, Scenario& s) {
  s.name_volumes("storage", s.storage.servers, "ssd", s.storage.ssds_per_server,
                 ssd_capacity(s.profile(s.storage.ssd)));
}

void check_device_job(const TextNode& item, const JobSpec& job, const Scenario& s) {
  const Profile& ssd = s.profile(s.storage.ssd);
  if (ssd.model == "null_ssd" && !job.open_loop())
    throw InputError(
        item.mark,
        fmt::format("a closed loop on '{}', which is done at once, goes round in no time",
                    ssd.name),
        "give the job a rate_iops");
}

std::vector<std::pair<std::string, std::string>> settings_of_device(const Scenario& s) {
  return {
      {"servers", fmt::format("{} {}", plural(s.storage.ssds_per_server, "SSD"), s.storage.ssd)}};
}

class DeviceParts final : public SystemParts {
 public:
  explicit DeviceParts(Hardware& hardware) {
    for (const auto& node : hardware.storage().nodes)
      for (const auto& ssd : node->ssds()) volumes_.push_back(std::make_unique<LocalVolume>(*ssd));
  }
};

}  // namespace

const SystemKind& device_system() {
  static const SystemKind kind = {
      .name = "device",
      .help = "jobs straight on an SSD",
      .has_ssds = true,
      .stands_alone = true,
      .note_unused = note_unused_in_device,
      .resolve = resolve_device,
      .check_job = check_device_job,
      .settings = settings_of_device,
      .build = [](TaskScope&, const Scenario&, Hardware& hardware) -> std::unique_ptr<SystemParts> {
        return std::make_unique<DeviceParts>(hardware);
      },
  };
  return kind;
}

}  // namespace orrery
