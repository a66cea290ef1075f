#include "sim/platform.hpp"

#include <simgrid/s4u/Engine.hpp>
#include <simgrid/s4u/Host.hpp>
#include <simgrid/s4u/Link.hpp>
#include <simgrid/s4u/NetZone.hpp>
#include <string_view>
#include <unordered_set>

#include "sim/assert.hpp"

namespace orrery {
namespace {

namespace sg = simgrid::s4u;

// Transfers cost no computation here; SimGrid asks for a speed all the same.
constexpr double kUnusedSpeed = 1e9;

// A link from a member of a zone towards the zone's centre; the way back is its other half.
std::vector<sg::LinkInRoute> towards_centre(sg::NetZone* zone, const std::string& name,
                                            const LinkSpec& spec) {
  ORRERY_INVARIANT(spec.bandwidth.bits_per_second() > 0, name.c_str(), "a link without bandwidth");
  sg::SplitDuplexLink* link =
      zone->create_split_duplex_link(name, spec.bandwidth.bytes_per_second());
  link->set_latency(to_seconds(spec.latency));
  link->seal();
  std::vector<sg::LinkInRoute> route{sg::LinkInRoute(link, sg::LinkInRoute::Direction::UP)};
  if (spec.strand) {
    // A fat pipe bounds each flow by itself.
    sg::Link* strand = zone->create_link(name + ":strand", spec.strand->bytes_per_second())
                           ->set_sharing_policy(sg::Link::SharingPolicy::FATPIPE);
    strand->seal();
    route.emplace_back(strand);
  }
  return route;
}

void add_hosts(sg::NetZone* zone, const std::vector<HostSpec>& hosts) {
  for (const HostSpec& spec : hosts) {
    sg::Host* host = zone->create_host(spec.name, kUnusedSpeed)->seal();
    zone->add_route(host->get_netpoint(), nullptr, nullptr, nullptr,
                    towards_centre(zone, nics_of(spec.name), spec.nics), true);
  }
}

using Gateway = simgrid::kernel::routing::NetPoint*;

Gateway add_gateway(sg::NetZone* zone) {
  const Gateway gateway = zone->create_router(zone->get_name() + ":gateway");
  zone->add_route(gateway, nullptr, nullptr, nullptr, std::vector<sg::LinkInRoute>{}, true);
  return gateway;
}

// Fills a zone and returns its way out. SimGrid 3.32 finds wrong routes between a member of a zone
// and the inside of another member of it, so a zone that holds zones holds nothing else: its own
// hosts and its gateway move into one without links.
Gateway fill(sg::NetZone* zone, const std::vector<HostSpec>& hosts,
             const std::vector<ZoneSpec>& zones) {
  if (zones.empty()) {
    add_hosts(zone, hosts);
    return add_gateway(zone);
  }
  sg::NetZone* members = sg::create_star_zone(zone->get_name() + ":members")->set_parent(zone);
  add_hosts(members, hosts);
  const Gateway gateway = add_gateway(members);
  members->seal();
  zone->add_route(members->get_netpoint(), nullptr, gateway, nullptr,
                  std::vector<sg::LinkInRoute>{}, true);
  for (const ZoneSpec& spec : zones) {
    sg::NetZone* inner = sg::create_star_zone(spec.name)->set_parent(zone);
    const Gateway out = fill(inner, spec.hosts, spec.zones);
    inner->seal();
    zone->add_route(inner->get_netpoint(), nullptr, out, nullptr,
                    towards_centre(zone, uplinks_of(spec.name), spec.uplinks), true);
  }
  return gateway;
}

// SimGrid would look for each name in all zones.
void check_names(std::unordered_set<std::string_view>& seen, const std::vector<HostSpec>& hosts,
                 const std::vector<ZoneSpec>& zones) {
  for (const HostSpec& host : hosts)
    ORRERY_INVARIANT(seen.insert(host.name).second, host.name.c_str(), "a name is used twice");
  for (const ZoneSpec& zone : zones) {
    ORRERY_INVARIANT(seen.insert(zone.name).second, zone.name.c_str(), "a name is used twice");
    check_names(seen, zone.hosts, zone.zones);
  }
}

}  // namespace

std::string nics_of(const std::string& host) { return host + ".nics"; }
std::string uplinks_of(const std::string& zone) { return zone + ".uplinks"; }

void build_platform(const PlatformSpec& spec) {
  std::unordered_set<std::string_view> seen{kControlHost};
  check_names(seen, spec.hosts, spec.zones);
  sg::NetZone* root = sg::create_star_zone("orrery:platform");
  root->create_host(kControlHost, kUnusedSpeed)->seal();
  fill(root, spec.hosts, spec.zones);  // sealed by the engine when it starts
}

}  // namespace orrery
