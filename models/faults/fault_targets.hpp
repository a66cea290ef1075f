// What can break, by name: frontend/tor-0a--spine-1 (a link), frontend/tor-0a->spine-1 and
// frontend/compute-0/port-0 (ports), frontend/tor-0a, frontend/spine-0, frontend/core-0-1
// (switches), storage-3 (a server), storage-3/ssd-0 (an SSD), storage-3/engine (the process of a
// pool's storage engine).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/faults/fault_domain.hpp"

namespace orrery {

struct Equipment {
  enum class Kind : std::uint8_t { link, port, tor, spine, core, server, ssd, engine };
  Kind kind = Kind::link;
  std::string name;
  Fabric* fabric = nullptr;           // none: a server
  Fabric::Link* link = nullptr;       // of a link or a port
  Port* port = nullptr;               // of a port
  Fabric::Switch* switch_ = nullptr;  // of a switch
  Node* node = nullptr;               // of a server, an SSD, an engine
  std::size_t slot = 0;               // of an SSD
  bool is_switch() const { return switch_ != nullptr; }
};

// "link", "port", "ToR", "spine", "core", "server", "SSD", "engine".
std::string_view name_of(Equipment::Kind kind);

// All of them: servers with their SSDs and engines, then by fabric switches, links and ports.
std::vector<Equipment> equipment_of(const FaultDomain& domain);

}  // namespace orrery
