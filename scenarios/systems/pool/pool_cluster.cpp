#include "scenarios/systems/pool/pool_cluster.hpp"

#include <fmt/format.h>

#include "models/net/rdma.hpp"
#include "models/pool/tiered_volume.hpp"
#include "models/pool/volume_layout.hpp"
#include "models/volume/mapped_volume.hpp"
#include "models/volume/mirrored_volume.hpp"
#include "scenarios/source_port.hpp"
#include "sim/assert.hpp"

namespace orrery {

PoolCluster::PoolCluster(TaskScope& scope, const Scenario& s, Hardware& room)
    : scope_(scope),
      scenario_(s),
      room_(room),
      seed_(static_cast<std::uint64_t>(s.head.seed)),
      engine_profile_(bind<EngineProfile>(s.profile(s.pool.engine))),
      initiator_profile_(bind<InitiatorProfile>(s.profile(s.pool.initiator))),
      tcp_(std::make_unique<NvmeTcp>(bind<NvmeTcpProfile>(s.profile(s.pool.tcp)))),
      rdma_(std::make_unique<Rdma>(bind<RdmaProfile>(s.profile(s.pool.rdma)))) {
  auto network = [this](Stack& stack) {
    PoolNetwork made;
    made.fabric = room_.frontend();
    made.stack = &stack;
    made.server = [this](const Node& node) { return servers_.at(&node); };
    made.source_port = [this](const std::string& volume, int number) {
      return source_port(seed_, volume, fmt::format("{}", number));
    };
    return made;
  };
  over_tcp_ = network(*tcp_);
  over_rdma_ = network(*rdma_);
  add_sites(room.compute(), s.compute.ssds_per_server);
  add_sites(room.storage(), s.storage.ssds_per_server);
  room.on_engine([this](Node& node, bool runs) {
    StorageEngine& engine = *site(node.name()).engine;
    runs ? engine.start() : engine.stop();
  });
}

void PoolCluster::add_sites(AttachedNodes& role, std::int64_t fast_ssds) {
  for (std::size_t i = 0; i < role.nodes.size(); ++i) {
    Node& node = *role.nodes[i];
    servers_[&node] = role.frontend[i];
    std::vector<Ssd*> fast, slow;
    for (auto& ssd : node.ssds())
      (static_cast<std::int64_t>(fast.size()) < fast_ssds ? fast : slow).push_back(ssd.get());
    auto site = std::make_unique<Site>();
    site->node = &node;
    site->engine = std::make_unique<StorageEngine>(node, engine_profile_, std::move(fast));
    if (!slow.empty())
      site->capacity =
          std::make_unique<VolumeStore>(node.cpu().calendar(), node.name() + "/capacity",
                                        std::move(slow), volume_store_profile(engine_profile_));
    site->host = std::make_unique<Initiator>(node, initiator_profile_, reactors());
    sites_by_name_[node.name()] = site.get();
    sites_.push_back(std::move(site));
  }
}

std::unique_ptr<Attachment> PoolCluster::attach(const std::string& path, Site& host,
                                                EngineVolume served, const std::string& name) {
  Initiator& here = *host.host;
  if (path == "native") return make_native(here, scope_, served);
  if (path == "zero_copy") return make_zero_copy(here, scope_, served);
  if (path == "vhost") return make_vhost(here, scope_, served);
  if (path == "loopback_tcp") return make_nvme_tcp(here, scope_, served, nullptr, name);
  if (path == "remote_tcp") return make_nvme_tcp(here, scope_, served, &over_tcp_, name);
  return make_nvme_rdma(here, scope_, served, over_rdma_, name);
}

BlockVolume* PoolCluster::make_in_engine(Site& on, const PlannedVolume& volume,
                                         const std::string& name) {
  const LogicalVolumeSpec& spec = volume.spec;
  VolumeStore* store = spec.tier == "fast" ? on.engine->store() : on.capacity.get();
  const PlacedVolume placed =
      place_volume(*store, on.engine->store(), shape_of(spec, name, volume.member_size),
                   volume.origin.empty() ? nullptr : logical_.at(volume.origin));
  ORRERY_INVARIANT(placed.is_placed(), name.c_str(), "a planned volume does not fit its pool");
  if (placed.parts.size() > 1) {
    layers_.push_back(std::make_unique<MirroredVolume>(
        room_.calendar(), name,
        std::vector<BlockVolume*>(placed.parts.begin(), placed.parts.end())));
    return layers_.back().get();
  }
  LogicalVolume* made = placed.parts.front();
  logical_[name] = made;
  if (placed.cache == nullptr) return made;
  auto profile = bind<TierProfile>(scenario_.profile(scenario_.pool.tier));
  profile.capacity = spec.cache;
  auto tiered =
      std::make_unique<TieredVolume>(room_.calendar(), name, *placed.cache, *made, profile);
  tiered_.push_back(tiered.get());
  layers_.push_back(std::move(tiered));
  return layers_.back().get();
}

std::vector<std::unique_ptr<BlockVolume>> PoolCluster::make_volumes() {
  std::vector<std::unique_ptr<BlockVolume>> all;
  for (const PlannedVolume& volume : scenario_.planned) {
    Site& host = site(volume.host);
    const std::size_t count = volume.members();
    std::vector<BlockVolume*> members;
    for (std::size_t m = 0; m < count; ++m) {
      Site& on = site(volume.on[m]);
      const std::string name = volume.member_name(m);
      BlockVolume* served = make_in_engine(on, volume, name);
      auto pooled = std::make_unique<PooledVolume>(
          name, attach(volume.path[m], host, {on.engine.get(), served}, name));
      pooled_.push_back(pooled.get());
      if (count == 1) {
        all.push_back(std::move(pooled));
      } else {
        members.push_back(pooled.get());
        members_.push_back(std::move(pooled));
      }
    }
    if (count == 1) continue;
    Calendar& calendar = room_.calendar();
    if (volume.spec.raid == "raid1")
      all.push_back(std::make_unique<MirroredVolume>(calendar, volume.name, std::move(members)));
    else if (volume.spec.raid == "linear")
      all.push_back(std::make_unique<MappedVolume>(
          MappedVolume::concatenated(calendar, volume.name, std::move(members))));
    else
      all.push_back(std::make_unique<MappedVolume>(
          MappedVolume::striped(calendar, volume.name, std::move(members), engine_profile_.strip)));
  }
  return all;
}

}  // namespace orrery
