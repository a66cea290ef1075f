// A few nodes of a fleet and their volumes, as a scenario of system `pool`: where a fleet says who
// lies where, its I/O can be simulated.
//
// A fleet has more nodes than an I/O scenario holds. The sample grows from a node whose volumes lie
// elsewhere, or in whose pool others' do, along such pairs, breadth first, so that most of what its
// nodes share is in it; when there are no more, from another node. A remote volume of which one end
// is left outside is left out and counted.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "models/control/objects.hpp"
#include "sim/units.hpp"

namespace orrery {

struct IoSample {
  struct Volume {
    std::string name;   // local-3, remote-4: numbered over the whole sample
    std::string claim;  // whose it is in the fleet: pod and claim
    std::size_t host = 0;
    std::size_t pool = 0;
    Bytes size;
    bool is_remote() const { return host != pool; }
  };
  std::vector<control::NodeSpec> nodes;  // node i becomes compute-i
  std::vector<Volume> volumes;
  std::int64_t remote = 0;
  std::int64_t left_out = 0;
  std::int64_t local() const { return std::ssize(volumes) - remote; }
};

// `placement` as a fleet's summary has it, which must not be empty. Of `most` nodes at most.
IoSample sample_of(const nlohmann::ordered_json& placement,
                   const std::vector<control::NodeSpec>& nodes, std::size_t most,
                   std::uint64_t seed);

// The SSDs of every node of the sample, and by how much its volumes are made smaller to fit into
// them.
struct SampleDisks {
  std::string profile;
  std::int64_t per_node = 0;
  double scale = 1;
};
SampleDisks disks_of(const IoSample& sample);

// What every volume is asked to do: random 4 KiB, as a Poisson process.
struct SampleLoad {
  std::int64_t iops = 2000;
  std::int64_t read_percent = 70;
};

struct SampleHead {
  std::string fleet;
  std::string at;  // a time of it
  std::uint64_t seed = 1;
};

// How the text of every such scenario begins.
inline constexpr std::string_view kIoScenarioMark =
    "# A moment of a fleet, written by orrery fleet";

// The scenario's text. Local volumes are the job `local`, on zero_copy (in pools of kernel_lvm
// native), the others `remote`, on remote_tcp.
std::string io_scenario(const IoSample& sample, const SampleHead& head, const SampleLoad& load);

}  // namespace orrery
