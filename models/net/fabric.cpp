// What a fabric consists of, what is up, and what routing believes to be up.
#include "models/net/fabric.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/net/transport/message.hpp"
#include "sim/assert.hpp"
#include "sim/random.hpp"

namespace orrery {

namespace {
constexpr Bytes kHostMemory = gibibytes(1 << 20);  // no bound that a run can reach
}  // namespace

const Declarations& FabricProfile::declarations() {
  static const Declarations all =
      Declare<FabricProfile>("Clos fabric: racks with a pair of ToRs, spines, cores over pods")
          .field("servers_per_rack", &FabricProfile::servers_per_rack,
                 "servers under one pair of ToRs", between(1, 1024))
          .field("spines", &FabricProfile::spines, "spine switches of a pod", between(1, 64))
          .field("racks_per_pod", &FabricProfile::racks_per_pod,
                 "racks of a pod; 0: one pod holds all", between(0, 1024))
          .field("cores_per_spine", &FabricProfile::cores_per_spine,
                 "core switches that a spine has a link to, if there are several pods",
                 between(1, 64))
          .field("spine_rate", &FabricProfile::spine_rate, "rate of a link between ToR and spine",
                 between(Port::kSlowest, 1e15))
          .field("core_rate", &FabricProfile::core_rate, "rate of a link between spine and core",
                 between(Port::kSlowest, 1e15))
          .field("nic_latency", &FabricProfile::nic_latency, "latency of a NIC, at each end",
                 any_latency())
          .field("switch_latency", &FabricProfile::switch_latency, "forwarding latency of a switch",
                 any_latency())
          .field("server_propagation", &FabricProfile::server_propagation,
                 "propagation between server and ToR", any_latency())
          .field("spine_propagation", &FabricProfile::spine_propagation,
                 "propagation between ToR and spine", any_latency())
          .field("core_propagation", &FabricProfile::core_propagation,
                 "propagation between spine and core", any_latency())
          .field("port_buffer", &FabricProfile::port_buffer,
                 "most that a queue class of a switch port may hold", between(16384, 0x1p40))
          .field("switch_buffer", &FabricProfile::switch_buffer,
                 "buffer that the ports of a switch share", between(16384, 0x1p40))
          .field("buffer_alpha", &FabricProfile::buffer_alpha,
                 "a queue may hold this multiple of what is free of the shared buffer",
                 between(0.01, 64))
          .field("pfc_share", &FabricProfile::pfc_share,
                 "share of the free buffer that one link may fill with a lossless class before it "
                 "is paused",
                 between(0.001, 1))
          .field("mtu", &FabricProfile::mtu, "largest IP packet of a stream's frames",
                 between(576, 9216))
          .field("frame_overhead", &FabricProfile::frame_overhead,
                 "Ethernet header, FCS, preamble and inter-frame gap", between(0, 128))
          .field("convergence", &FabricProfile::convergence,
                 "time until switches avoid a link that is seen to be down", any_span())
          .field("bond_failover", &FabricProfile::bond_failover,
                 "time until a server's bond leaves a port without carrier", any_span())
          .field("lacp_timeout", &FabricProfile::lacp_timeout,
                 "time until a bond leaves a port whose switch is dead and keeps carrier",
                 any_span())
          .field("dead_tor_keeps_carrier", &FabricProfile::dead_tor_keeps_carrier,
                 "whether a failed ToR's ports keep carrier")
          .build();
  return all;
}

// A change of belief that is under way.
struct Fabric::Change {
  Fabric* fabric = nullptr;
  Link* link = nullptr;
  Seen seen{};
  bool usable = false;
  Change* next = nullptr;
};

Fabric::Fabric(Calendar& calendar, std::string name, const FabricProfile& profile,
               std::uint64_t seed, const QueueProfiles& queues)
    : calendar_(calendar),
      name_(std::move(name)),
      profile_(profile),
      queues_(queues),
      seed_(hash_of(seed, name_)),
      bond_seed_(hash_of(seed_, "bond")),
      messages_(std::make_unique<Pool<Message>>()),
      cores_(static_cast<std::size_t>(profile.spines)) {
  add_pod();
}

Fabric::~Fabric() = default;

Port* Fabric::add_port(std::string name, BitRate rate, Duration latency, Bytes buffer,
                       Switch* from) {
  ports_.push_back(std::make_unique<Port>(calendar_, packets_, std::move(name), rate, latency,
                                          buffer, queues_,
                                          from != nullptr ? &from->buffer : nullptr));
  if (from != nullptr) from->egress.push_back(ports_.back().get());
  return ports_.back().get();
}

Fabric::Switch* Fabric::add_switch(std::string name, Tier tier, std::size_t pod, std::size_t index,
                                   int side) {
  Switch& made = switches_.emplace_back();
  made.name = fmt::format("{}/{}", name_, name);
  made.seed = hash_of(seed_, tier == Tier::tor ? made.name : name);
  made.tier = tier;
  made.pod = pod;
  made.index = index;
  made.side = side;
  made.buffer.capacity = profile_.switch_buffer.count();
  made.buffer.alpha = profile_.buffer_alpha;
  made.buffer.pfc_share = profile_.pfc_share;
  return &made;
}

Fabric::Link* Fabric::add_link(Switch& lower, Switch& upper, BitRate rate, Duration hop) {
  Link& link = links_.emplace_back();
  const std::string upper_name = upper.name.substr(name_.size() + 1);
  const std::string lower_name = lower.name.substr(name_.size() + 1);
  link.up = add_port(fmt::format("{}->{}", lower.name, upper_name), rate, hop, profile_.port_buffer,
                     &lower);
  link.down = add_port(fmt::format("{}->{}", upper.name, lower_name), rate, hop,
                       profile_.port_buffer, &upper);
  link.lower = &lower;
  link.upper = &upper;
  link.name = fmt::format("{}--{}", lower.name, upper_name);
  lower.uplinks.push_back(&link);
  upper.downlinks.push_back(&link);
  upper.ingress.push_back(link.up);
  lower.ingress.push_back(link.down);
  return &link;
}

std::string Fabric::spine_name(std::size_t pod, std::size_t spine) const {
  if (profile_.racks_per_pod == 0) return fmt::format("spine-{}", spine);
  return fmt::format("pod-{}-spine-{}", pod, spine);
}

void Fabric::add_pod() {
  const std::size_t pod = spines_.size();
  spines_.emplace_back();
  for (std::size_t s = 0; s < cores_.size(); ++s)
    spines_[pod].push_back(add_switch(spine_name(pod, s), Tier::spine, pod, s, 0));
  if (profile_.racks_per_pod == 0) return;
  for (std::size_t s = 0; s < cores_.size(); ++s) {
    while (cores_[s].size() < static_cast<std::size_t>(profile_.cores_per_spine))
      cores_[s].push_back(add_switch(fmt::format("core-{}-{}", s, cores_[s].size()), Tier::core, 0,
                                     s, static_cast<int>(cores_[s].size())));
    for (Switch* core : cores_[s])
      add_link(*spines_[pod][s], *core, profile_.core_rate,
               profile_.core_propagation + profile_.switch_latency);
  }
}

Fabric::Rack& Fabric::rack(std::size_t index) {
  while (racks_.size() <= index) {
    const std::size_t r = racks_.size();
    Rack& rack = racks_.emplace_back();
    if (profile_.racks_per_pod > 0) rack.pod = r / static_cast<std::size_t>(profile_.racks_per_pod);
    while (spines_.size() <= rack.pod) add_pod();
    for (int side = 0; side < 2; ++side) {
      rack.tors[side] =
          add_switch(fmt::format("tor-{}{}", r, "ab"[side]), Tier::tor, rack.pod, r, side);
      for (Switch* spine : spines_[rack.pod])
        add_link(*rack.tors[side], *spine, profile_.spine_rate,
                 profile_.spine_propagation + profile_.switch_latency);
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
  ORRERY_INVARIANT(rack.servers <= profile_.servers_per_rack, name_.c_str(),
                   "a rack with more servers than its ToRs have ports for");
  const Duration to_tor =
      profile_.nic_latency + profile_.server_propagation + profile_.switch_latency;
  const Duration from_tor = profile_.server_propagation + profile_.nic_latency;
  for (std::int64_t p = 0; p < node.profile().nic_ports; ++p) {
    Switch& tor = *rack.tors[p];
    const BitRate rate = node.profile().nic_rate;
    Link& link = links_.emplace_back();
    link.up = add_port(fmt::format("{}/{}/port-{}", name_, node.name(), p), rate, to_tor,
                       kHostMemory, nullptr);
    link.down = add_port(fmt::format("{}->{}", tor.name, node.name()), rate, from_tor,
                         profile_.port_buffer, &tor);
    link.upper = &tor;
    link.server = id;
    link.name = fmt::format("{}/{}--tor-{}{}", name_, node.name(), rack_index, "ab"[p]);
    tor.downlinks.push_back(&link);
    tor.ingress.push_back(link.up);
    server.links.push_back(&link);
  }
  servers_.push_back(std::move(server));
  node.observe([this, id](Node& changed) { set_server_up(id, changed.up()); });
  return id;
}

void Fabric::set_ports(Link& link) {
  const bool up = link.dead == 0;
  link.up->set_up(up);
  link.down->set_up(up);
  if (link_changed_) link_changed_(link);
}

void Fabric::carry_as_flows(std::shared_ptr<FluidNetwork> network,
                            std::function<void(const Link&)> link_changed) {
  fluid_ = std::move(network);
  link_changed_ = std::move(link_changed);
}

void Fabric::set_server_up(ServerId id, bool up) {
  for (Link* link : servers_[id].links) {
    link->dead += up ? -1 : 1;
    set_ports(*link);
    believe_later(*link, Seen::routing, profile_.convergence);
  }
}

void Fabric::set_link_up(Link& link, bool up) {
  link.dead += up ? -1 : 1;
  set_ports(link);
  believe_later(link, Seen::routing, profile_.convergence);
  if (link.lower == nullptr) believe_later(link, Seen::bond, profile_.bond_failover);
}

void Fabric::set_switch_up(Switch& which, bool up) {
  auto set = [&](Link& link) {
    link.dead += up ? -1 : 1;
    set_ports(link);
    believe_later(link, Seen::routing, profile_.convergence);
    if (link.lower == nullptr)
      believe_later(
          link, Seen::bond,
          profile_.dead_tor_keeps_carrier && !up ? profile_.lacp_timeout : profile_.bond_failover);
  };
  for (Link* link : which.uplinks) set(*link);
  for (Link* link : which.downlinks) set(*link);
}

// What is believed after `delay` is what is true by then.
void Fabric::believe_later(Link& link, Seen seen, Duration delay) {
  Change* change = free_changes_;
  if (change != nullptr) free_changes_ = change->next;
  else change = &changes_.emplace_back();
  *change = {this, &link, seen, false, nullptr};
  calendar_.schedule(after(calendar_.now(), delay), &Fabric::believe, change);
}

void Fabric::believe(void* argument) {
  auto* change = static_cast<Change*>(argument);
  Fabric& fabric = *change->fabric;
  bool& belief = change->seen == Seen::bond ? change->link->bond_uses : change->link->usable;
  const bool truth = change->link->dead == 0;
  if (belief != truth) ++fabric.epoch_;
  belief = truth;
  change->next = fabric.free_changes_;
  fabric.free_changes_ = change;
}

Port* Fabric::find_port(const std::string& name) {
  auto found = std::find_if(ports_.begin(), ports_.end(),
                            [&](const auto& port) { return port->name() == name; });
  return found == ports_.end() ? nullptr : found->get();
}

std::vector<Fabric::Link*> Fabric::links_of(const Node& node) const {
  for (const Server& server : servers_)
    if (server.node == &node) return server.links;
  return {};
}

void Fabric::collect_links(const Node& node, std::vector<Port*>& into) const {
  const std::vector<Link*> links = links_of(node);
  for (const Link* link : links) into.push_back(link->up);
  for (const Link* link : links) into.push_back(link->down);
}

void Fabric::collect_spine_links(std::vector<Port*>& into) const {
  for (const Link& link : links_) {
    if (link.lower == nullptr) continue;
    into.push_back(link.up);
    into.push_back(link.down);
  }
}

bool Fabric::packets_conserved() const {
  return std::all_of(ports_.begin(), ports_.end(),
                     [](const auto& port) { return port->is_balanced(); });
}

}  // namespace orrery
