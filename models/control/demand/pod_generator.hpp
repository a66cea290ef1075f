// Pods that nobody wrote down: all alike, or of sizes drawn from the mix of a trace (dlrm_mix.hpp).
//
// Arrivals, sizes and lifetimes are drawn from streams of their own ("demand/<index>/sizes"), so
// that the same pods come at other times, or larger ones at the same times.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/control/demand/arrivals.hpp"
#include "models/control/objects.hpp"

namespace orrery::control {

// Claims of `size` together, each in whole MiB; none for a size that rounds to nothing.
void split_disk(PodSpec& pod, Bytes size, std::int64_t volumes, std::uint32_t storage_class);

// "ob.cluster7.zone1"
std::string data_holder(std::int64_t cluster, std::int64_t zone);

struct GeneratorSpec {
  std::string name = {};  // namespace of the pods
  PodSpec common = {};    // what all of them share
  struct Size {
    std::int64_t cpu_millis = 0;
    Bytes memory;
    Bytes disk;
  };
  std::optional<Size> size = {};  // of every pod; none: drawn
  double disk_scale = 1;          // factor on drawn disks
  std::int64_t volumes_per_pod = 1;
  std::uint32_t storage_class = 0;
  Bytes snapshot_reserved = {};  // by every claim
  Arrivals arrivals = {};
  bool has_drawn_lifetimes = false;       // of the trace
  std::optional<Duration> lifetime = {};  // else; none: forever
  std::int64_t app_size = 1;
  std::int64_t replicas = 0;  // pods of one database cluster, alike; 0: pods are no data holders
};

class PodGenerator {
 public:
  // `index`: its number among all sources, for its streams. It comes with no more than `most` pods,
  // or one more.
  PodGenerator(GeneratorSpec spec, std::uint64_t seed, std::size_t index, Duration runtime,
               std::int64_t most);

  std::size_t pods() const { return times_.size(); }
  // Gives every pod to `take`. Database clusters are numbered by `next_cluster`, over all sources.
  void generate(const std::function<std::int64_t()>& next_cluster,
                const std::function<void(PodSpec)>& take);

 private:
  GeneratorSpec spec_;
  RandomStream sizes_, lifetimes_;
  std::vector<Duration> times_;
};

}  // namespace orrery::control
