#include "models/faults/fault_targets.hpp"

#include <array>

namespace orrery {

std::string_view name_of(Equipment::Kind kind) {
  constexpr std::array<std::string_view, 8> kNames = {"link", "port",   "ToR", "spine",
                                                      "core", "server", "SSD", "engine"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::vector<Equipment> equipment_of(const FaultDomain& domain) {
  using Kind = Equipment::Kind;
  std::vector<Equipment> all;
  auto add = [&all](Kind kind, std::string name, Fabric* fabric) -> Equipment& {
    Equipment& made = all.emplace_back();
    made.kind = kind;
    made.name = std::move(name);
    made.fabric = fabric;
    return made;
  };
  for (Node* node : domain.nodes()) {
    add(Kind::server, node->name(), nullptr).node = node;
    const std::vector<std::string> ssds = domain.ssds_of(*node);
    for (std::size_t slot = 0; slot < ssds.size(); ++slot) {
      Equipment& made = add(Kind::ssd, ssds[slot], nullptr);
      made.node = node;
      made.slot = slot;
    }
    if (domain.has_engines()) add(Kind::engine, node->name() + "/engine", nullptr).node = node;
  }
  for (Fabric* fabric : domain.fabrics()) {
    for (Fabric::Switch& one : fabric->switches()) {
      const Kind kind = one.tier == Fabric::Tier::tor     ? Kind::tor
                        : one.tier == Fabric::Tier::spine ? Kind::spine
                                                          : Kind::core;
      add(kind, one.name, fabric).switch_ = &one;
    }
    for (Fabric::Link& link : fabric->links()) add(Kind::link, link.name, fabric).link = &link;
    for (Fabric::Link& link : fabric->links())
      for (Port* port : {link.up, link.down}) {
        Equipment& made = add(Kind::port, port->name(), fabric);
        made.port = port;
        made.link = &link;
      }
  }
  return all;
}

}  // namespace orrery
