#include "models/net/fabric.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/net/message.hpp"
#include "sim/assert.hpp"
#include "sim/random.hpp"

namespace orrery {

namespace {
constexpr Bytes kHostMemory = gibibytes(1 << 20);  // no bound that a run can reach
}

const Declarations& FabricProfile::declarations() {
  static const Declarations all =
      Declare<FabricProfile>("leaf-spine fabric: racks with a pair of ToRs, spines")
          .field("servers_per_rack", &FabricProfile::servers_per_rack,
                 "servers under one pair of ToRs", between(1, 1024))
          .field("spines", &FabricProfile::spines, "spine switches", between(1, 256))
          .field("spine_rate", &FabricProfile::spine_rate, "rate of a link between ToR and spine",
                 at_least(Port::kSlowest))
          .field("nic_latency", &FabricProfile::nic_latency, "latency of a NIC, at each end",
                 any_duration())
          .field("switch_latency", &FabricProfile::switch_latency, "forwarding latency of a switch",
                 any_duration())
          .field("server_propagation", &FabricProfile::server_propagation,
                 "propagation between server and ToR", any_duration())
          .field("spine_propagation", &FabricProfile::spine_propagation,
                 "propagation between ToR and spine", any_duration())
          .field("port_buffer", &FabricProfile::port_buffer,
                 "buffer of a switch port, per queue class", at_least(16384))
          .field("mtu", &FabricProfile::mtu, "largest IP packet of a stream's frames",
                 between(576, 9216))
          .field("frame_overhead", &FabricProfile::frame_overhead,
                 "Ethernet header, FCS, preamble and inter-frame gap", between(0, 128))
          .build();
  return all;
}

Fabric::Fabric(Calendar& calendar, std::string name, const FabricProfile& profile,
               std::uint64_t seed)
    : calendar_(calendar),
      name_(std::move(name)),
      profile_(profile),
      seed_(hash_of(seed, name_)),
      messages_(std::make_unique<Pool<Message>>()) {
  for (std::int64_t s = 0; s < profile.spines; ++s)
    spine_seeds_.push_back(hash_of(seed_, fmt::format("spine-{}", s)));
}

Fabric::~Fabric() = default;

Port* Fabric::add_port(std::string name, BitRate rate, Duration latency, Bytes buffer) {
  ports_.push_back(
      std::make_unique<Port>(calendar_, packets_, std::move(name), rate, latency, buffer));
  return ports_.back().get();
}

Fabric::Rack& Fabric::rack(std::size_t index) {
  while (racks_.size() <= index) {
    const std::size_t r = racks_.size();
    Rack& rack = racks_.emplace_back();
    for (int side = 0; side < 2; ++side) {
      const std::string tor = fmt::format("{}/tor-{}{}", name_, r, "ab"[side]);
      rack.tor_seed[side] = hash_of(seed_, tor);
      for (std::int64_t s = 0; s < profile_.spines; ++s) {
        const std::string spine = fmt::format("{}/spine-{}", name_, s);
        const Duration hop = profile_.spine_propagation + profile_.switch_latency;
        rack.up[side].push_back(add_port(fmt::format("{}->spine-{}", tor, s), profile_.spine_rate,
                                         hop, profile_.port_buffer));
        rack.down[side].push_back(add_port(fmt::format("{}->tor-{}{}", spine, r, "ab"[side]),
                                           profile_.spine_rate, hop, profile_.port_buffer));
      }
    }
  }
  return racks_[index];
}

Fabric::ServerId Fabric::attach(Node& node, std::size_t rack_index) {
  Rack& rack = this->rack(rack_index);
  const auto id = static_cast<ServerId>(servers_.size());
  Server server;
  server.node = &node;
  server.rack = rack_index;
  ++rack.servers;
  ORRERY_INVARIANT(static_cast<std::int64_t>(rack.servers) <= profile_.servers_per_rack,
                   name_.c_str(), "a rack with more servers than its ToRs have ports for");
  const Duration to_tor =
      profile_.nic_latency + profile_.server_propagation + profile_.switch_latency;
  const Duration from_tor = profile_.server_propagation + profile_.nic_latency;
  for (std::int64_t p = 0; p < node.profile().nic_ports; ++p) {
    const BitRate rate = node.profile().nic_rate;
    server.to_tor.push_back(
        add_port(fmt::format("{}/{}/port-{}", name_, node.name(), p), rate, to_tor, kHostMemory));
    server.from_tor.push_back(
        add_port(fmt::format("{}/tor-{}{}->{}", name_, rack_index, "ab"[p], node.name()), rate,
                 from_tor, profile_.port_buffer));
  }
  servers_.push_back(std::move(server));
  node.observe([this, id](Node& changed) { set_server_up(id, changed.up()); });
  return id;
}

std::uint64_t hash_of(const FiveTuple& flow) {
  return mix((static_cast<std::uint64_t>(flow.source) << 32 | flow.destination) ^
             mix(static_cast<std::uint64_t>(flow.source_port) << 32 |
                 static_cast<std::uint64_t>(flow.destination_port) << 8 | flow.protocol));
}

Route Fabric::route(const FiveTuple& flow) const {
  const Server& from = servers_[flow.source];
  const Server& to = servers_[flow.destination];
  ORRERY_INVARIANT(flow.source != flow.destination, name_.c_str(),
                   "a route from a server to itself");
  const std::uint64_t tuple = hash_of(flow);
  auto pick = [tuple](std::uint64_t switch_seed, std::size_t choices) {
    return static_cast<std::size_t>(mix(tuple ^ switch_seed) % choices);
  };
  Route route;
  auto hop = [&route](Port* port) { route.ports[route.length++] = port; };
  const std::size_t a = pick(hash_of(seed_, "bond"), from.to_tor.size());
  hop(from.to_tor[a]);
  if (from.rack == to.rack && a < to.from_tor.size()) {
    hop(to.from_tor[a]);
    return route;
  }
  const Rack& up = racks_[from.rack];
  const std::size_t spine = pick(up.tor_seed[a], up.up[a].size());
  hop(up.up[a][spine]);
  const std::size_t b = pick(spine_seeds_[spine], to.from_tor.size());
  hop(racks_[to.rack].down[b][spine]);
  hop(to.from_tor[b]);
  return route;
}

void Fabric::set_server_up(ServerId id, bool up) {
  for (Port* port : servers_[id].to_tor) port->set_up(up);
  for (Port* port : servers_[id].from_tor) port->set_up(up);
}

Port* Fabric::find_port(const std::string& name) {
  auto found = std::find_if(ports_.begin(), ports_.end(),
                            [&](const auto& port) { return port->name() == name; });
  return found == ports_.end() ? nullptr : found->get();
}

void Fabric::collect_links(const Node& node, std::vector<Port*>& into) const {
  for (const Server& server : servers_) {
    if (server.node != &node) continue;
    into.insert(into.end(), server.to_tor.begin(), server.to_tor.end());
    into.insert(into.end(), server.from_tor.begin(), server.from_tor.end());
  }
}

void Fabric::collect_spine_links(std::vector<Port*>& into) const {
  for (const Rack& rack : racks_)
    for (int side = 0; side < 2; ++side) {
      into.insert(into.end(), rack.up[side].begin(), rack.up[side].end());
      into.insert(into.end(), rack.down[side].begin(), rack.down[side].end());
    }
}

bool Fabric::packets_conserved() const {
  return std::all_of(ports_.begin(), ports_.end(),
                     [](const auto& port) { return port->is_balanced(); });
}

}  // namespace orrery
