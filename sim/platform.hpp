// The platform SimGrid computes bulk transfers on: a plain description, and SimGrid's zones built
// from it.
//
// It is a copy that the fabric derives from its own topology, never the topology itself: SimGrid's
// routes are static and follow one path, so a host's NIC pair is one split-duplex link with the
// bandwidth of both, and so is the bundle of uplinks of a zone (a rack towards its spines, a pod
// towards the core). Zones are stars and may be nested; 10,000 hosts are no burden.
//
//   PlatformSpec spec;
//   spec.zones.push_back({"rack0", {{"node0", {gigabits_per_second(50), microseconds(1)}}}, {},
//   uplinks});
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/units.hpp"

namespace orrery {

// One bundle of parallel links, in each direction.
struct LinkSpec {
  BitRate bandwidth;
  Duration latency{};
  std::optional<BitRate> strand = std::nullopt;  // of one of them: no single flow gets more
};

struct HostSpec {
  std::string name;
  LinkSpec nics;
};

struct ZoneSpec {
  std::string name;
  std::vector<HostSpec> hosts;
  std::vector<ZoneSpec> zones;
  LinkSpec uplinks;
};

// What stands directly below the topmost layer of switches. Names of hosts and zones are unique.
struct PlatformSpec {
  std::vector<HostSpec> hosts;
  std::vector<ZoneSpec> zones;
};

// Names of the links of a host and of a zone, as Simulation::set_link knows them.
std::string nics_of(const std::string& host);
std::string uplinks_of(const std::string& zone);

// The host of what must survive every fault; it has no links and cannot be switched off.
inline constexpr const char* kControlHost = "orrery:control";

// Builds the zones in the engine of the process; used by Simulation.
void build_platform(const PlatformSpec& spec);

}  // namespace orrery
