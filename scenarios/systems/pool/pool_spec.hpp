// What a scenario of system `pool` says of its pools, its volumes and what happens to them.
//
//   pool: {path: zero_copy, remote_path: remote_tcp, remote_volumes: 1}
//   logical_volumes:
//     - {name: db, host: compute-0, on: storage-1, size: 400GiB, thin: true}
//     - {name: mirror, host: compute-0, on: [storage-0, storage-1], raid: raid1, size: 100GiB}
//   operations:
//     - {kind: hot_upgrade, node: storage-1, at: 2s, mode: inherit}
//     - {kind: hot_migration, volume: compute-0/db, to: storage-0, at: 5s}
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/pool/placement_rules.hpp"
#include "models/pool/volume_layout.hpp"
#include "scenarios/text/input_error.hpp"
#include "sim/params.hpp"

namespace orrery {

struct PoolSection {
  std::string engine;
  std::string initiator;
  std::string operations;
  std::string tcp;
  std::string rdma;
  std::string tier;
  std::string path;
  std::string remote_path;
  std::int64_t remote_volumes = 0;
  std::int64_t max_remote_volumes = 0;
  std::int64_t max_sharing_nodes = 0;
  static const Declarations& declarations();
};

SharingLimits sharing_limits(const PoolSection& pool);

// The ways to attach a volume, by name.
bool is_remote_path(std::string_view path);

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

  SourceMark mark;
  std::map<std::string, SourceMark> keys;
  SourceMark mark_of(const std::string& key) const;
};

// What is asked of a node's stores for a member of a volume.
VolumeShape shape_of(const LogicalVolumeSpec& spec, std::string name, Bytes size);

struct OperationSpec {
  std::string kind;
  Duration at{};
  std::string node;
  std::string mode = "inherit";
  std::string volume;
  std::string to;
  Bytes size;
  std::string name;
  static const Declarations& declarations();

  SourceMark mark;
  std::map<std::string, SourceMark> keys;
  SourceMark mark_of(const std::string& key) const;
};

}  // namespace orrery
