#include "scenarios/systems/ebs/ebs_system.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "models/ebs/profile.hpp"
#include "models/net/registry.hpp"
#include "models/ssd/registry.hpp"
#include "scenarios/capacity.hpp"
#include "scenarios/profile_relations.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/systems/agents.hpp"
#include "scenarios/systems/ebs/ebs_cluster.hpp"
#include "scenarios/systems/system_parts.hpp"
#include "scenarios/systems/unused_keys.hpp"
#include "scenarios/text/plural.hpp"
#include "scenarios/used_profiles.hpp"
#include "sim/written_size.hpp"

namespace orrery {

namespace {

void check_ebs(const TextNode& root, const Scenario& s) {
  if (s.ebs.quorum > s.ebs.replicas)
    throw InputError(place_of(root, "ebs", "quorum"),
                     fmt::format("a quorum of {} cannot be reached with {} replicas", s.ebs.quorum,
                                 s.ebs.replicas));
  if (s.storage.servers <= s.ebs.replicas)
    throw InputError(place_of(root, "storage", "servers"),
                     fmt::format("{} replicas on servers other than the block server's need at "
                                 "least {} storage servers, got {}",
                                 s.ebs.replicas, s.ebs.replicas + 1, s.storage.servers));
  check_agents(root, s);
  for (const auto& [name, stack] :
       {std::pair{"frontend", &s.frontend.stack}, std::pair{"backend", &s.backend.stack}})
    if (*stack == "wire")
      throw InputError(place_of(root, name, "stack"),
                       "the bare wire carries no EBS; it is for systems of kind rpc");
  if (find_stack(s.backend.stack)->traits.data_path_in_fpga)
    throw InputError(place_of(root, "backend", "stack"),
                     "SOLAR's data path is in the DPU's FPGA: storage servers have none",
                     "use stack: solar_star for SOLAR's protocol in software");
}

void note_unused_in_ebs(UnusedKeys& keys, const Scenario& s) {
  if (!s.volumes.iops_limit && !s.volumes.bandwidth_limit)
    keys.keys("volumes", s.volumes, {"limit_burst"}, "without a limit");
  note_unused_dpu(keys, s);
}

void use_ebs_profiles(const TextNode& root, ProfileLibrary& library, Scenario& s) {
  use_agent_profiles(root, library, s);
  UsedProfiles used(root, library, s);
  if (s.has_guest()) used.use(s.compute.guest, "guest", "compute", "guest");
  used.use(s.backend_profile(), find_stack(s.backend.stack)->profile, "backend", "profile");
  used.use(s.ebs.profile, "ebs", "ebs", "profile");
}

void check_ebs_relations(const TextNode&, const ProfileRelations& relations, const Scenario& s) {
  const ProfileRelations::Operand sector{s.profile(s.ebs.profile), "sector"};
  const Profile& ssd = s.profile(s.storage.ssd);
  if (ssd_capacity(ssd) < sector.as<Bytes>())
    relations.refuse({sector, {ssd, "capacity"}},
                     fmt::format("an SSD of {} holds no {}", written_size(ssd_capacity(ssd)),
                                 sector.text(Quantity::bytes)));
}

void check_ebs_size(const TextNode& root, const Scenario& s) {
  using capacity::factor_in;
  using capacity::refuse;
  if (s.storage.servers > capacity::kEbsStorageServers)
    refuse(
        {factor_in(root, "storage", "servers", s.storage.servers)}, root.mark,
        fmt::format("each of {} storage servers is connected to each: more than {} are more than "
                    "a run can hold",
                    s.storage.servers, capacity::kEbsStorageServers));
  const std::int64_t volumes = s.compute.servers * s.volumes.per_server;
  const std::int64_t segments =
      units_of(bind<EbsProfile>(s.profile(s.ebs.profile)).segment, s.volumes.size);
  if (segments > capacity::kSegments / volumes)
    refuse(
        {factor_in(root, "volumes", "size", segments),
         factor_in(root, "volumes", "per_server", s.volumes.per_server),
         factor_in(root, "compute", "servers", s.compute.servers)},
        root.mark,
        fmt::format("{} volumes of {} segments each are more than the {} segments that a run can "
                    "hold",
                    volumes, segments, capacity::kSegments));
}

void resolve_ebs(const TextNode&, Scenario& s) {
  s.name_volumes("compute", s.compute.servers, "volume", s.volumes.per_server, s.volumes.size);
}

std::vector<std::pair<std::string, std::string>> settings_of_ebs(const Scenario& s) {
  return {{"servers", fmt::format("{} x {}, {}", plural(s.compute.servers, "compute server"),
                                  plural(s.volumes.per_server, "volume"),
                                  plural(s.storage.servers, "storage server"))},
          {"frontend", s.frontend.stack},
          {"backend", s.backend.stack}};
}

class EbsParts final : public SystemParts {
 public:
  EbsParts(TaskScope& scope, const Scenario& scenario, Hardware& hardware)
      : cluster_(scope, scenario, hardware) {
    agent_site_ = cluster_.agent_site();
    volumes_ = cluster_.make_volumes();
  }
  ~EbsParts() override { volumes_.clear(); }
  const EbsCluster* ebs() const override { return &cluster_; }

 private:
  EbsCluster cluster_;
};

}  // namespace

const SystemKind& ebs_system() {
  static const SystemKind kind = {
      .name = "ebs",
      .help = "compute servers, block and chunk servers",
      .sections = {{"backend", &BackendSection::declarations()},
                   {"ebs", &EbsSection::declarations()}},
      .has_network = true,
      .has_backend = true,
      .has_agents = true,
      .has_guests = true,
      .has_ssds = true,
      .check = check_ebs,
      .note_unused = note_unused_in_ebs,
      .use_profiles = use_ebs_profiles,
      .check_relations = check_ebs_relations,
      .check_size = check_ebs_size,
      .resolve = resolve_ebs,
      .settings = settings_of_ebs,
      .build = [](TaskScope& scope, const Scenario& scenario,
                  Hardware& hardware) -> std::unique_ptr<SystemParts> {
        return std::make_unique<EbsParts>(scope, scenario, hardware);
      },
  };
  return kind;
}

}  // namespace orrery
