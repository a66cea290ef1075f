#include "scenarios/platform_of.hpp"

#include <fmt/format.h>

#include "models/host/node.hpp"
#include "models/net/fabric.hpp"

namespace orrery {

std::size_t rack_for(std::size_t index, std::int64_t servers, std::int64_t racks) {
  const auto per_rack = static_cast<std::size_t>((servers + racks - 1) / racks);
  return index / per_rack;
}

namespace {

BitRate times(BitRate rate, double count) { return BitRate{rate.bits_per_second() * count}; }

void add_servers(PlatformSpec& platform, const FabricProfile& fabric, const NodeProfile& node,
                 const std::string& role, std::int64_t servers, std::int64_t racks) {
  const LinkSpec nics{times(node.nic_rate, static_cast<double>(node.nic_ports)),
                      fabric.nic_latency + fabric.server_propagation + fabric.switch_latency};
  const LinkSpec uplinks{times(fabric.spine_rate, 2.0 * static_cast<double>(fabric.spines)),
                         fabric.spine_propagation + fabric.switch_latency};
  const std::size_t first = platform.zones.size();
  for (std::int64_t i = 0; i < servers; ++i) {
    const std::size_t rack = first + rack_for(static_cast<std::size_t>(i), servers, racks);
    if (platform.zones.size() <= rack)
      platform.zones.push_back({fmt::format("{}-rack-{}", role, rack - first), {}, {}, uplinks});
    platform.zones[rack].hosts.push_back({fmt::format("{}-{}", role, i), nics});
  }
}

}  // namespace

PlatformSpec platform_of(const Scenario& s) {
  PlatformSpec platform;
  if (s.head.system == "device") {
    for (std::int64_t i = 0; i < s.storage.servers; ++i)
      platform.hosts.push_back(
          {fmt::format("storage-{}", i), {gigabits_per_second(1), Duration{}}});
    return platform;
  }
  const auto fabric = bind<FabricProfile>(s.profile(s.frontend.fabric));
  add_servers(platform, fabric, bind<NodeProfile>(s.profile(s.compute.node)), "compute",
              s.compute.servers, s.compute.racks);
  add_servers(platform, fabric, bind<NodeProfile>(s.profile(s.storage.node)), "storage",
              s.storage.servers, s.storage.racks);
  return platform;
}

}  // namespace orrery
