#include "models/pool/volume_spec.hpp"

#include <array>
#include <utility>

namespace orrery {

namespace {

constexpr std::array<const char*, 6> kPaths = {"native", "zero_copy",  "loopback_tcp",
                                               "vhost",  "remote_tcp", "remote_rdma"};

}  // namespace

std::vector<std::string> paths_and_auto() {
  std::vector<std::string> names = {"auto"};
  names.insert(names.end(), kPaths.begin(), kPaths.end());
  return names;
}

bool is_remote_path(std::string_view path) { return path.starts_with("remote"); }

std::string local_path(const std::string& path) {
  return is_remote_path(path) || path == "auto" ? "zero_copy" : path;
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
          .field("cache", &S::cache, "of a cached volume: the size of its cache",
                 between(0, 0x1p50))
          .otherwise(Bytes{})
          .build();
  return all;
}

}  // namespace orrery
