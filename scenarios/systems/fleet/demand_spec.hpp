// What the sections `nodes`, `storage_classes` and `demand` of a fleet say.
//
//   nodes:
//     - {shape: oceanbase, count: 8500, cpu: 104, memory: 768GiB, disk: 46.08TB}
//   storage_classes:
//     - {name: local, position: MustLocal}
//   demand:
//     - {generator: dlrm, pods: 20000, disk_scale: 30, over: 7d, lifetime: trace, storage_class:
//     local}
//     - {generator: uniform, pods: 500, cpu: 4, memory: 16GiB, disk: 200GiB, arrival: at_once, at:
//     5s}
//     - {file: pods.csv, format: alibaba-gpu-v2025, role: CN}
//     - {file: cluster.yaml, format: kubernetes}
//
// A source of demand is a generator or a file. Which keys belong to which kind of source is a table
// of its own: a key that means nothing for a source is refused.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/control/objects.hpp"
#include "scenarios/text/input_error.hpp"
#include "scenarios/text/text_node.hpp"
#include "sim/params.hpp"

namespace orrery {

namespace demand_limits {
inline constexpr std::int64_t kNodes = 1 << 20;
inline constexpr std::int64_t kPods = 1 << 23;  // some 4 GB
inline constexpr std::int64_t kClaims = 1 << 24;
inline constexpr std::size_t kFileBytes = std::size_t{1} << 30;
inline constexpr double kCores = 1e6;     // of one node or pod
inline constexpr double kBytes = 0x1p50;  // of one disk or memory
inline constexpr double kSum = 0x1p62;    // of all of them together
}  // namespace demand_limits

// So many alike nodes, named shape-0, shape-1, ...
struct NodeShapeSpec {
  std::string shape;
  std::int64_t count = 0;
  double cpu = 0;  // cores
  Bytes memory;
  Bytes disk;  // none: nodes without a pool
  std::string pool_mode;
  std::vector<std::string> labels;  // key=value
  std::vector<std::string> taints;  // keys
  bool unschedulable = false;
  static const Declarations& declarations();
};

struct StorageClassEntry {
  std::string name;
  std::string position;
  static const Declarations& declarations();
};

// The kinds of sources, as bits of a set.
enum DemandKind : unsigned {
  kDlrm = 1,
  kUniform = 2,
  kAlibabaGpu2025 = 4,
  kAlibaba2017 = 8,
  kAzure2020 = 16,
  kHuaweiEast1 = 32,
  kKubernetes = 64,
};

struct DemandSource {
  std::string generator;  // or
  std::string file;
  std::string format;
  std::string digest;  // of the file's content
  std::string name;    // namespace of its pods

  // What a pod asks for.
  std::optional<double> cpu;
  std::optional<Bytes> memory;
  std::optional<Bytes> disk;
  double disk_scale = 1;
  std::int64_t volumes_per_pod = 1;
  Bytes snapshot_reserved;  // by every claim
  std::string storage_class;
  std::vector<std::string> node_selector;  // key=value
  std::vector<std::string> pool_selector;  // key=value
  std::vector<std::string> tolerations;    // keys of taints

  // When a generator's pods come and how long they stay.
  std::optional<std::int64_t> pods;
  std::string arrival;
  Duration at{};
  std::optional<Duration> over;
  std::optional<double> per_hour;
  std::optional<double> per_second;
  std::string lifetime;
  std::int64_t app_size = 0;
  std::int64_t replicas = 0;
  std::int64_t max_per_node = 0;

  // What a trace leaves open.
  std::string role;
  double time_scale = 1;
  std::optional<double> node_cpu;
  std::optional<Bytes> node_memory;
  std::optional<Bytes> node_disk;
  std::string types;
  std::string types_digest;
  std::string machine;

  static const Declarations& declarations();

  DemandKind kind = kDlrm;
  SourceMark mark;
  std::map<std::string, SourceMark> keys;
  SourceMark mark_of(const std::string& key) const;
};

// One entry of `demand`, with every key checked against its kind. Throws InputError.
DemandSource bind_source(const TextNode& entry);

// The source as an entry: the keys of its kind with their values.
TextNode resolved_source(const DemandSource& source);

// "zone=a" as a label. Throws InputError at the mark.
control::Labels parse_labels(const std::vector<std::string>& texts, const SourceMark& mark);

}  // namespace orrery
