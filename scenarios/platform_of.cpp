#include "scenarios/platform_of.hpp"

#include <fmt/format.h>

#include "models/host/node.hpp"
#include "models/net/fabric.hpp"
#include "models/net/fluid.hpp"
#include "scenarios/racks.hpp"
#include "scenarios/systems/system_kind.hpp"

namespace orrery {

namespace {

// A fabric as SimGrid sees it: racks, under pods if there are any.
class FabricCopy {
 public:
  FabricCopy(const FabricProfile& fabric, std::string prefix, bool is_fluid)
      : fabric_(fabric), prefix_(std::move(prefix)), is_fluid_(is_fluid) {}

  void add_servers(const NodeProfile& node, const std::string& role, std::int64_t servers,
                   std::int64_t racks, std::size_t first_rack) {
    const auto ports = static_cast<double>(node.nic_ports);
    const LinkSpec nics =
        bundle(node.nic_rate, ports,
               fabric_.nic_latency + fabric_.server_propagation + fabric_.switch_latency);
    // A server with one port uses the first ToR alone.
    const LinkSpec uplinks = bundle(fabric_.spine_rate, ports * static_cast<double>(fabric_.spines),
                                    fabric_.spine_propagation + fabric_.switch_latency);
    for (std::int64_t i = 0; i < servers; ++i) {
      const std::size_t rack = first_rack + rack_for(static_cast<std::size_t>(i), servers, racks);
      if (racks_.empty() || rack != last_rack_) {
        racks_.push_back({rack_zone(prefix_, rack), {}, {}, uplinks});
        pods_.push_back(fabric_.racks_per_pod == 0
                            ? 0
                            : rack / static_cast<std::size_t>(fabric_.racks_per_pod));
        last_rack_ = rack;
      }
      racks_.back().hosts.push_back({fmt::format("{}{}-{}", prefix_, role, i), nics});
    }
  }

  void put_into(PlatformSpec& platform) const {
    if (fabric_.racks_per_pod == 0) {
      platform.zones.insert(platform.zones.end(), racks_.begin(), racks_.end());
      return;
    }
    const LinkSpec uplinks =
        bundle(fabric_.core_rate, static_cast<double>(fabric_.spines * fabric_.cores_per_spine),
               fabric_.core_propagation + fabric_.switch_latency);
    for (std::size_t i = 0; i < racks_.size(); ++i) {
      if (i == 0 || pods_[i] != pods_[i - 1])
        platform.zones.push_back({pod_zone(prefix_, pods_[i]), {}, {}, uplinks});
      platform.zones.back().zones.push_back(racks_[i]);
    }
  }

 private:
  LinkSpec bundle(BitRate rate, double count, Duration latency) const {
    const BitRate all{rate.bits_per_second() * count};
    if (!is_fluid_) return {all, latency};
    return {all, Duration{}, rate};
  }

  const FabricProfile& fabric_;
  std::string prefix_;
  bool is_fluid_;
  std::vector<ZoneSpec> racks_;
  std::vector<std::size_t> pods_;
  std::size_t last_rack_ = 0;
};

}  // namespace

PlatformSpec platform_of(const Scenario& s) {
  PlatformSpec platform;
  if (!s.kind->has_network) {
    for (std::int64_t i = 0; i < s.storage.servers; ++i)
      platform.hosts.push_back(
          {fmt::format("storage-{}", i), {gigabits_per_second(1), Duration{}}});
    return platform;
  }
  const auto compute = bind<NodeProfile>(s.profile(s.compute.node));
  const auto storage = bind<NodeProfile>(s.profile(s.storage.node));
  const auto frontend = bind<FabricProfile>(s.profile(s.frontend.fabric));
  FabricCopy copy(frontend, "", s.is_fluid());
  copy.add_servers(compute, "compute", s.compute.servers, s.compute.racks, 0);
  copy.add_servers(storage, "storage", s.storage.servers, s.storage.racks,
                   static_cast<std::size_t>(s.compute.racks));
  copy.put_into(platform);
  if (s.is_fluid() && s.kind->has_backend) {
    const auto fabric = bind<FabricProfile>(s.profile(s.backend.fabric));
    FabricCopy backend(fabric, kBackendPrefix, true);
    backend.add_servers(storage, "storage", s.storage.servers, s.storage.racks, 0);
    backend.put_into(platform);
  }
  return platform;
}

}  // namespace orrery
