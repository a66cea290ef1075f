// ECMP: which way a flow takes through a fabric, as routing believes it to be, and the routes that
// packets use.
#include <algorithm>

#include "models/net/fabric.hpp"
#include "sim/assert.hpp"
#include "sim/random.hpp"

namespace orrery {

std::uint64_t hash_of(const FiveTuple& flow) {
  return mix((static_cast<std::uint64_t>(flow.source) << 32 | flow.destination) ^
             mix(static_cast<std::uint64_t>(flow.source_port) << 32 |
                 static_cast<std::uint64_t>(flow.destination_port) << 8 | flow.protocol));
}

namespace {

constexpr std::size_t kNoChoice = static_cast<std::size_t>(-1);
constexpr Duration kLongestDma = seconds(36000);  // that a route can note

// One of `count` by the flow's hash. Where that is unusable the flow is hashed again among the
// usable, so that no flow moves but those that must, and they return.
template <class Usable>
std::size_t pick(std::uint64_t hash, std::size_t count, Usable usable) {
  const std::size_t first = static_cast<std::size_t>(hash % count);
  if (usable(first)) return first;
  std::size_t left = 0;
  for (std::size_t i = 0; i < count; ++i) left += usable(i) ? 1 : 0;
  if (left == 0) return kNoChoice;
  std::size_t nth = static_cast<std::size_t>(mix(hash) % left);
  for (std::size_t i = 0;; ++i)
    if (usable(i) && nth-- == 0) return i;
}

}  // namespace

// Whether routing believes that a switch above the racks has a way down to a server.
bool Fabric::reaches(const Switch& from, const Server& to) const {
  const Rack& rack = racks_[to.rack];
  if (from.tier == Tier::core) {
    for (const Link* link : from.downlinks)
      if (link->usable && link->lower->pod == rack.pod && reaches(*link->lower, to)) return true;
    return false;
  }
  for (const Link* link : to.links) {
    if (!link->usable) continue;
    for (const Link* uplink : link->upper->uplinks)
      if (uplink->upper == &from && uplink->usable) return true;
  }
  return false;
}

Route Fabric::route(const FiveTuple& flow) const {
  const Server& from = servers_[flow.source];
  const Server& to = servers_[flow.destination];
  ORRERY_INVARIANT(flow.source != flow.destination, name_.c_str(),
                   "a route from a server to itself");
  Route route;
  route.flow = hash_of(flow);
  auto hash = [&route](std::uint64_t seed) { return mix(route.flow ^ seed); };
  auto none = [&route] {
    route.length = 0;
    return route;
  };
  auto hop = [&route](Port* port) { route.ports[route.length++] = port; };

  // 1. The server's bond.
  const std::size_t a = pick(hash(bond_seed_), from.links.size(),
                             [&](std::size_t i) { return from.links[i]->bond_uses; });
  if (a == kNoChoice) return none();
  hop(from.links[a]->up);
  const Switch* here = from.links[a]->upper;

  // 2. Under the same ToR: straight down.
  if (from.rack == to.rack && a < to.links.size() && to.links[a]->usable) {
    hop(to.links[a]->down);
    return route;
  }

  // 3. Up, until a switch that has the destination's pod below it.
  const std::size_t pod = racks_[to.rack].pod;
  const bool within = racks_[from.rack].pod == pod;
  for (int tier = 0; tier < (within ? 1 : 2); ++tier) {
    const std::size_t up = pick(hash(here->seed), here->uplinks.size(), [&](std::size_t i) {
      const Link& link = *here->uplinks[i];
      if (!link.usable) return false;
      if (within || tier == 1) return reaches(*link.upper, to);
      return std::any_of(link.upper->uplinks.begin(), link.upper->uplinks.end(),
                         [&](Link* next) { return next->usable && reaches(*next->upper, to); });
    });
    if (up == kNoChoice) return none();
    hop(here->uplinks[up]->up);
    here = here->uplinks[up]->upper;
  }
  // A core has one way down to each pod: the spine of its plane.
  if (!within) {
    for (const Link* link : here->downlinks) {
      if (link->lower->pod != pod) continue;
      hop(link->down);
      here = link->lower;
      break;
    }
  }

  // 4. Down by one of the rack's ToRs.
  auto down_to = [&](std::size_t side) -> const Link* {
    for (const Link* link : to.links[side]->upper->uplinks)
      if (link->upper == here) return link;
    return nullptr;
  };
  const std::size_t b = pick(hash(here->seed), to.links.size(), [&](std::size_t i) {
    return to.links[i]->usable && down_to(i)->usable;
  });
  if (b == kNoChoice) return none();
  hop(down_to(b)->down);
  hop(to.links[b]->down);
  return route;
}

Route* Fabric::keep_route(const FiveTuple& flow, Duration end_latency, Route* known) {
  Route found = route(flow);
  if (known != nullptr && known->length == found.length && known->ports == found.ports &&
      known->flow == found.flow)
    return known;
  found.end_latency = std::min(end_latency, kLongestDma).count();
  found.id = ++routes_made_;
  if (known != nullptr) let_go(known);
  Route* route = free_route_;
  if (route == nullptr) return &routes_.emplace_back(found);
  free_route_ = route->next_free;
  --free_routes_;
  *route = found;
  return route;
}

void Fabric::let_go(Route* route) {
  constexpr std::size_t kFewest = 64;
  let_go_.push_back(route);
  if (let_go_.size() < std::max({kFewest, sweep_at_, packets_.size()})) return;
  sweep_routes();
  sweep_at_ = 2 * let_go_.size();
}

// Packets do not count the routes they use, which would cost each of them: now and then all are
// looked at.
void Fabric::sweep_routes() {
  ++sweeps_;
  packets_.for_each([this](Packet& packet) {
    if (packet.route != nullptr) packet.route->seen = sweeps_;
    if (packet.telemetry != nullptr) packet.telemetry->route->seen = sweeps_;
  });
  std::erase_if(let_go_, [this](Route* route) {
    if (route->seen == sweeps_) return false;
    route->next_free = free_route_;
    free_route_ = route;
    ++free_routes_;
    return true;
  });
}

}  // namespace orrery
