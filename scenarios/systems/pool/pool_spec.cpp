// What the keys of a pool's sections mean.
#include "scenarios/systems/pool/pool_spec.hpp"

#include <array>
#include <utility>

namespace orrery {

namespace {

constexpr std::array<const char*, 6> kPaths = {"native", "zero_copy",  "loopback_tcp",
                                               "vhost",  "remote_tcp", "remote_rdma"};
std::vector<std::string> paths_and_auto() {
  std::vector<std::string> names = {"auto"};
  names.insert(names.end(), kPaths.begin(), kPaths.end());
  return names;
}

template <class Spec>
SourceMark mark_in(const Spec& spec, const std::string& key) {
  const auto found = spec.keys.find(key);
  return found == spec.keys.end() ? spec.mark : found->second;
}

}  // namespace

bool is_remote_path(std::string_view path) { return path.starts_with("remote"); }

SharingLimits sharing_limits(const PoolSection& pool) {
  return {pool.max_remote_volumes, pool.max_sharing_nodes};
}

VolumeShape shape_of(const LogicalVolumeSpec& spec, std::string name, Bytes size) {
  VolumeShape shape;
  shape.name = std::move(name);
  shape.size = size;
  if (spec.layout == "striped" || spec.raid == "raid0") shape.layout = Layout::striped;
  shape.is_mirrored = spec.raid == "raid1" && spec.on.size() < 2;
  shape.is_thin = spec.thin;
  shape.snapshots = spec.snapshots;
  if (spec.tier == "cached") shape.cache = spec.cache;
  return shape;
}

const Declarations& PoolSection::declarations() {
  static const Declarations all =
      Declare<PoolSection>("pool: storage engines, how volumes are attached, who may share")
          .field("engine", &PoolSection::engine, "profile of the storage engines")
          .otherwise(std::string{"lightpool"})
          .field("initiator", &PoolSection::initiator, "profile of the hosts' kernel")
          .otherwise(std::string{"linux-initiator"})
          .field("operations", &PoolSection::operations, "profile of hot upgrade and hot migration")
          .otherwise(std::string{"liteio"})
          .field("tcp", &PoolSection::tcp, "profile of NVMe/TCP on the wire")
          .otherwise(std::string{"nvme-tcp"})
          .field("rdma", &PoolSection::rdma, "profile of RDMA")
          .otherwise(std::string{"rdma"})
          .field("tier", &PoolSection::tier, "profile of the cache in front of a capacity tier")
          .otherwise(std::string{"cache-tier"})
          .field("path", &PoolSection::path,
                 "how volumes of `volumes` are attached; auto: zero_copy where their host's own "
                 "pool has room, else remote_path")
          .one_of(paths_and_auto())
          .otherwise(std::string{"auto"})
          .field("remote_path", &PoolSection::remote_path, "how volumes on other nodes are")
          .one_of({"remote_tcp", "remote_rdma"})
          .otherwise(std::string{"remote_tcp"})
          .field("remote_volumes", &PoolSection::remote_volumes,
                 "of each server's volumes, how many lie on other nodes", between(0, 100000))
          .otherwise(std::int64_t{0})
          .field("max_remote_volumes", &PoolSection::max_remote_volumes,
                 "volumes of other nodes that a pool serves", between(0, 100000))
          .otherwise(std::int64_t{3})
          .field("max_sharing_nodes", &PoolSection::max_sharing_nodes,
                 "other nodes that a pool serves", between(0, 100000))
          .otherwise(std::int64_t{5})
          .build();
  return all;
}

SourceMark LogicalVolumeSpec::mark_of(const std::string& key) const { return mark_in(*this, key); }
SourceMark OperationSpec::mark_of(const std::string& key) const { return mark_in(*this, key); }

const Declarations& LogicalVolumeSpec::declarations() {
  using S = LogicalVolumeSpec;
  static const Declarations all =
      Declare<S>("volumes of a pool that are placed by hand")
          .field("name", &S::name, "its name on its host: host/name is what jobs call it")
          .field("host", &S::host, "node that it is attached to")
          .field("on", &S::on,
                 "node in whose pool it lies, or several nodes of a RAID; by the policy if not "
                 "given")
          .otherwise(std::vector<std::string>{})
          .field("path", &S::path, "how it is attached")
          .one_of(paths_and_auto())
          .otherwise(std::string{"auto"})
          .field("size", &S::size, "its size, rounded up to clusters", between(1 << 20, 0x1p50))
          .field("layout", &S::layout, "linear: one SSD after the other; striped: over all of them")
          .one_of({"linear", "striped"})
          .otherwise(std::string{"linear"})
          .field("raid", &S::raid, "over the nodes of `on`, or over SSDs of the one")
          .one_of({"none", "linear", "raid0", "raid1"})
          .otherwise(std::string{"none"})
          .field("thin", &S::thin, "clusters are allocated when they are first written")
          .otherwise(false)
          .field("snapshots", &S::snapshots, "snapshots in its chain before the run begins",
                 between(0, 1024))
          .otherwise(std::int64_t{0})
          .field("clone_of", &S::clone_of, "an earlier volume of which it is a clone")
          .otherwise(std::string{})
          .field(
              "tier", &S::tier,
              "fast: on the pool's SSDs; capacity: on those of the capacity tier; cached: there, "
              "behind a cache on the fast ones")
          .one_of({"fast", "capacity", "cached"})
          .otherwise(std::string{"fast"})
          .field("cache", &S::cache, "of a cached volume: the size of its cache", at_least(0))
          .otherwise(Bytes{})
          .build();
  return all;
}

const Declarations& OperationSpec::declarations() {
  using S = OperationSpec;
  static const Declarations all =
      Declare<S>("operations on a pool while I/O runs")
          .field("kind", &S::kind, "what is done")
          .one_of({"hot_upgrade", "hot_migration", "snapshot", "resize"})
          .field("at", &S::at, "when, from the start of the run", any_duration())
          .field("node", &S::node, "hot_upgrade: whose engine; a pattern names several")
          .otherwise(std::string{})
          .field("mode", &S::mode,
                 "hot_upgrade, inherit: connections are handed over; reconnect: hosts that know of "
                 "upgrades connect anew; stock_reconnect: hosts that do not")
          .one_of({"inherit", "reconnect", "stock_reconnect"})
          .otherwise(std::string{"inherit"})
          .field("volume", &S::volume, "hot_migration, snapshot, resize: which volume (host/name)")
          .otherwise(std::string{})
          .field("to", &S::to, "hot_migration: node to which it moves; by the policy if not given")
          .otherwise(std::string{})
          .field("size", &S::size, "resize: the new size", at_least(0))
          .otherwise(Bytes{})
          .field("name", &S::name, "snapshot: its name")
          .otherwise(std::string{})
          .build();
  return all;
}

}  // namespace orrery
