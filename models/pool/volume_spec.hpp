// A volume of a pool as it is asked for:
//
//   {name: db, host: compute-0, on: storage-1, size: 400GiB, thin: true}
//   {name: mirror, host: compute-0, on: [storage-0, storage-1], raid: raid1, size: 100GiB}
//
// and the ways to attach it, by name (models/pool/attachment.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/pool/volume_layout.hpp"
#include "sim/params.hpp"

namespace orrery {

struct LogicalVolumeSpec {
  std::string name;
  std::string host;
  std::vector<std::string> on;  // empty: by the policy
  std::string path = "auto";
  Bytes size;
  std::string layout = "linear";
  std::string raid = "none";
  bool thin = false;
  std::int64_t snapshots = 0;
  std::string clone_of;
  std::string tier = "fast";
  Bytes cache;
  static const Declarations& declarations();
};

// What is asked of a node's stores for a member of the volume.
VolumeShape shape_of(const LogicalVolumeSpec& spec, std::string name, Bytes size);

// `auto`, and all ways by name.
std::vector<std::string> paths_and_auto();
bool is_remote_path(std::string_view path);
// The way to a volume in its host's own pool where volumes are to be attached by `path`: that, if
// it names a local way.
std::string local_path(const std::string& path);

}  // namespace orrery
